"""Finding a Java runtime that is new enough, whatever `java` on the PATH is."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local_cluster.versions import JAVA, parse_version


@dataclass(frozen=True, slots=True)
class JavaRuntime:
    """A Java home and its feature version."""

    home: Path
    version: int

    @property
    def command(self) -> Path:
        """The java program."""
        return self.home / "bin" / "java"


def choose(runtimes: Iterable[JavaRuntime]) -> JavaRuntime | None:
    """The oldest that is new enough: the nearest to what the broker was tested with."""
    return min((found for found in runtimes if found.version >= JAVA), key=lambda found: found.version, default=None)


def find_runtimes(environment: Mapping[str, str], installed: Path = Path("/usr/lib/jvm")) -> tuple[JavaRuntime, ...]:
    """Every Java runtime under JAVA_HOME, the system's folder and the PATH, each once."""
    homes = {home.resolve() for home in _candidates(environment, installed)}
    found = ((home, _version(home)) for home in sorted(homes) if os.access(home / "bin" / "java", os.X_OK))
    return tuple(JavaRuntime(home, version) for home, version in found if version)


def _candidates(environment: Mapping[str, str], installed: Path) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home)
    if installed.is_dir():
        yield from installed.iterdir()
    if command := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(command).resolve().parent.parent


def _version(home: Path) -> int:
    """The feature version by the home's `release` file, else by asking the program; 0 when neither says."""
    try:
        lines = (home / "release").read_text(encoding="utf-8").splitlines()
        text = next((line for line in lines if line.startswith("JAVA_VERSION=")), "")
    except OSError:
        answer = subprocess.run([str(home / "bin" / "java"), "-version"], capture_output=True, text=True, check=False)
        text = answer.stderr
    return feature_version(text)


def feature_version(text: str) -> int:
    """21 for `21.0.4`, and 8 for the old notation `1.8.0_392`; 0 for a text without a number."""
    numbers = parse_version(text)
    if len(numbers) > 1 and numbers[0] == 1:
        return numbers[1]
    return numbers[0] if numbers else 0

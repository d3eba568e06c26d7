"""The layers above the base: locked third-party packages, and our own code."""

import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cluster.cache import Cache, content_key
from local_cluster.debian_base import compile_modules
from local_cluster.errors import LocalClusterError
from local_cluster.oci_archive import Layer, read_layer, write_layer
from local_cluster.progress import say

PROJECT: Final = Path(__file__).parents[3]
# Not needed by programs that run: test suites of packages, type stubs, and the half of `kubernetes` without asyncio,
# whose model classes are loaded one by one when they are named, which ours never does.
_UNWANTED: Final = (
    "bin",
    "*/tests",
    "**/*.pyi",
    "**/__pycache__",
    "kubernetes/client/api/[!_]*.py",
    "kubernetes/client/models/[!_]*.py",
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """One of our two distributions, as its pyproject.toml describes it."""

    folder: Path
    name: str
    version: str
    packages: tuple[Path, ...]
    scripts: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Distribution":
        """The distribution whose pyproject.toml is in the folder."""
        document: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        project = document["project"]
        packages = document["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        sources = tuple(folder / package for package in packages)
        return cls(folder, project["name"], project["version"], sources, project.get("scripts", {}))


def third_party_layer(cache: Cache, distribution: Distribution, python: str, environment: Mapping[str, str]) -> Layer:
    """The packages that uv.lock names for the distribution, for the image's Python; built once for each lock."""
    requirements = _locked_requirements(distribution, environment)
    key = content_key(requirements, python, repr(_UNWANTED))

    def fill(folder: Path) -> None:
        say(f"installing the locked packages of {distribution.name} …")
        root = folder / "root"
        target = root / _site_packages(python).lstrip("/")
        target.mkdir(parents=True)
        _install(requirements, target, python, environment)
        for pattern in _UNWANTED:
            for path in target.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        compile_modules(root, _site_packages(python), python)
        write_layer(root, folder / "layer.tar")
        shutil.rmtree(root)

    return _newest(cache, f"layers/packages-{distribution.name}-", key, fill)


def own_layer(cache: Cache, distribution: Distribution, python: str) -> Layer:
    """Our packages and their commands; built once for each content."""
    key = content_key(*distribution.packages, distribution.folder / "pyproject.toml", Path(__file__), python)

    def fill(folder: Path) -> None:
        root = folder / "root"
        target = root / _site_packages(python).lstrip("/")
        for package in distribution.packages:
            shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        _describe(distribution, target)
        _write_scripts(distribution, root / "usr/local/bin")
        compile_modules(root, _site_packages(python), python)
        write_layer(root, folder / "layer.tar")
        shutil.rmtree(root)

    return _newest(cache, f"layers/own-{distribution.name}-", key, fill)


def _newest(cache: Cache, prefix: str, key: str, fill: Callable[[Path], None]) -> Layer:
    """The layer of that key, made if need be; those of other keys are removed: they are large, and soon made again."""
    built = cache.obtain(f"{prefix}{key}", fill)
    for other in cache.root.glob(f"{prefix}*"):
        if other != built:
            shutil.rmtree(other)
    return read_layer(built / "layer.tar")


def _site_packages(python: str) -> str:
    return f"/usr/local/lib/python{python}/dist-packages"  # where Debian's Python looks for what is not Debian's


def _locked_requirements(distribution: Distribution, environment: Mapping[str, str]) -> str:
    options = ["--frozen", "--no-dev", "--no-emit-workspace", "--no-header", "--no-annotate"]
    argv = ["uv", "export", "-q", *options, "--package", distribution.name]
    return _uv(argv, environment, "")


def _install(requirements: str, target: Path, python: str, environment: Mapping[str, str]) -> None:
    argv = [
        *("uv", "pip", "install", "-q", "--target", str(target), "--python-version", python, "--only-binary", ":all:"),
        *("--no-deps", "--require-hashes", "--link-mode", "copy", "-r", "/dev/stdin"),
    ]
    _uv(argv, environment, requirements)


def _uv(argv: list[str], environment: Mapping[str, str], stdin: str) -> str:
    done = subprocess.run(argv, cwd=PROJECT, env=environment, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalClusterError(f"cannot get the locked packages: `{' '.join(argv[:3])}` says\n{done.stderr.strip()}")
    return done.stdout


def _describe(distribution: Distribution, target: Path) -> None:
    """The metadata by which `importlib.metadata` finds the distribution and its version."""
    folder = target / f"{distribution.name.replace('-', '_')}-{distribution.version}.dist-info"
    folder.mkdir()
    text = f"Metadata-Version: 2.4\nName: {distribution.name}\nVersion: {distribution.version}\n"
    (folder / "METADATA").write_text(text, encoding="utf-8")


def _write_scripts(distribution: Distribution, folder: Path) -> None:
    folder.mkdir(parents=True)
    for command, target in distribution.scripts.items():
        module, _, function = target.partition(":")
        script = folder / command
        script.write_text(
            f"#!/usr/bin/python3\nimport sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n", encoding="utf-8"
        )
        script.chmod(0o755)

"""Run by an init container of a worker pod, with the runtime image's Python: install pinned wheels into a folder.

    python3 -c <this text> REQUIREMENTS TARGET MODULE [INDEX-URL]

Never imported by the operator and imports nothing of it. Always exits 0: when nothing can be installed, it leaves a module of
the wanted name that says why, so that one Connector cannot be loaded and its neighbours in the pod start all the same.
"""

import subprocess
import sys
import time
from pathlib import Path

ATTEMPTS = 3
OPTIONS = (
    "--isolated",  # the environment must not be a way around what the Connector says
    "--require-hashes",
    "--no-deps",  # the list is the whole list: nothing arrives that nobody named and pinned
    *("--only-binary", ":all:"),  # a source distribution would run its build here
    *("--no-cache-dir", "--no-input", "--no-compile", "--disable-pip-version-check", "--upgrade", "--quiet"),
)


def main(requirements: str, target: str, module: str, *index: str) -> None:
    """Install, a few times if need be; otherwise leave the module that says why."""
    command = [sys.executable, "-m", "pip", "install", *OPTIONS, "--target", target, "--requirement", requirements]
    command += [option for url in index for option in ("--index-url", url)]
    said = ""
    for attempt in range(ATTEMPTS):
        time.sleep(attempt * 2)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        said = done.stderr.strip()
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - the init container's log
    text = f"cannot install the package: {_why(said)}"
    Path(target, f"{module}.py").write_text(f"raise ImportError({text[:900]!r})\n", encoding="utf-8")


def _why(said: str) -> str:
    """The line in which pip says what is wrong; the first of its errors is the cause."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines[-1:] or ["pip said nothing"])[0]


main(*sys.argv[1:])

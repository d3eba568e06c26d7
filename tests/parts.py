"""Runs the parts of the test suite one after the other and says how long each took: what `make test` and `make check` call."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("operator/src", "runtime-image/src", "deploy/local", "tests")

CHECKS: dict[str, Sequence[str]] = {
    "ruff": ("ruff", "check", "--quiet", *SOURCES),
    "format": ("ruff", "format", "--quiet", "--check", *SOURCES),
    "pyright": ("pyright", "--warnings"),
    "layers": ("lint-imports", "--no-logo"),
    "crds": ("connectors", "crds", "--to", "crds", "--check"),
    "reference": ("connectors", "reference", "--to", "docs", "--check"),
    "lock": ("uv", "lock", "--check", "--quiet"),
}
PARTS = ("unit", "scenario", "contract", "cluster", "e2e")


def main(names: Sequence[str]) -> int:
    """Run the parts named; all of them, even when one fails. 0 when all succeed."""
    results: list[tuple[str, float, bool]] = []
    for name in names:
        commands = CHECKS if name == "check" else {name: (sys.executable, "-m", "pytest", "-q", f"tests/{name}")}
        results += [_run(title, command) for title, command in commands.items()]
    print("\npart            seconds  result")
    for title, seconds, succeeded in results:
        print(f"{title:<14} {seconds:>8.1f}  {'ok' if succeeded else 'FAILED'}")
    return 0 if all(succeeded for _, _, succeeded in results) else 1


def _run(title: str, command: Sequence[str]) -> tuple[str, float, bool]:
    print(f"\n--- {title}: {' '.join(command)}", flush=True)
    began = time.monotonic()
    code = subprocess.call(command, cwd=ROOT)
    return title, time.monotonic() - began, code == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

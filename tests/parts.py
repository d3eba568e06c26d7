"""Runs the parts of the test suite one after the other and says how long each took: what `make test` and `make check` call."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCAL = ROOT / "deploy" / "local"
SOURCES = ("operator/src", "runtime-image/src", "deploy/local", "tests")

CHECKS: Mapping[str, Sequence[str]] = {
    "ruff": ("ruff", "check", "--quiet", *SOURCES),
    "format": ("ruff", "format", "--quiet", "--check", *SOURCES),
    "pyright": ("pyright", "--warnings"),
    "layers": ("lint-imports", "--no-logo"),
    "crds": ("connectors", "crds", "--to", "crds", "--check"),
    "admission": ("connectors", "admission", "--to", "deploy/base", "--check"),
    "reference": ("connectors", "reference", "--to", "docs", "--check"),
    "element templates": ("connector-runtime", "template", "--all", "--to", "runtime-image/element-templates", "--check"),
    "template lint": ("connectors", "templates", "lint", "--strict", "runtime-image/element-templates"),
    "connector pages": (sys.executable, "-m", "connectors", "--to", "docs/connectors", "--check"),
    "feel page": (sys.executable, "-m", "camunda_feel.reference", "--check", "docs/feel.md"),
    "lock": ("uv", "lock", "--check", "--quiet"),
}
BUILD = (sys.executable, "-m", "local_cluster", "build")


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the name under which its time is told."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT


PREPARATIONS: Mapping[str, Step] = {
    "browser": Step("chromium", (sys.executable, "tests/browser", "prepare")),
    "cluster": Step("helm", (sys.executable, "tests/cluster/prepare.py")),
}
"""By part: what it needs once on a new machine."""


def main(names: Sequence[str]) -> int:
    """Run the parts named; all of them, even when one fails. 0 when all succeed."""
    results = [(step, *_run(step)) for step in _steps(names)]
    print("\npart            seconds  result")
    for step, seconds, succeeded in results:
        print(f"{step.name:<14} {seconds:>8.1f}  {'ok' if succeeded else 'FAILED'}")
    return 0 if all(succeeded for _, _, succeeded in results) else 1


def _steps(names: Sequence[str]) -> Iterator[Step]:
    for name in names:
        if name == "check":
            yield from (Step(title, command) for title, command in CHECKS.items())
            continue
        if name == _first_real(names):
            # what real parts are made of is built once and cached; a test's own deadline is not the place for that
            yield Step("build", BUILD if "e2e" in names else (*BUILD, "--without-zeebe"), LOCAL)
        if name in PREPARATIONS:
            yield PREPARATIONS[name]
        yield Step(name, (sys.executable, "-m", "pytest", "-q", f"tests/{name.removesuffix('-sample')}"))


def _first_real(names: Sequence[str]) -> str | None:
    """The first part that needs what we build; none where somebody else's cluster and programs serve."""
    needing = [name for name in names if name in ("cluster", "faults-sample", "e2e")]
    if os.environ.get("CLUSTER") == "current" or (needing == ["cluster"] and os.environ.get("KUBEBUILDER_ASSETS")):
        return None
    return needing[0] if needing else None


def _run(step: Step) -> tuple[float, bool]:
    print(f"\n--- {step.name}: {' '.join(step.command)}", flush=True)
    began = time.monotonic()
    code = subprocess.call(step.command, cwd=step.folder)
    return time.monotonic() - began, code == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

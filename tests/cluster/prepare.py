"""Brings Helm, which the chart's tests run: built once from its Go module, as a test's deadline is no place for that."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

from helm_program import helm  # noqa: E402 - the paths above come first

if __name__ == "__main__":
    print(helm())

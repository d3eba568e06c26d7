"""Brings Helm, kstatus and PromQL for tests: built once from their Go modules, as a test's deadline is no place for that."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import helm_program  # noqa: E402 - the paths above come first
import kstatus_program  # noqa: E402
import promql_program  # noqa: E402

if __name__ == "__main__":
    print(helm_program.helm(), kstatus_program.program(), promql_program.program())

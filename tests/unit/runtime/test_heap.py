"""Memory that a burst of bodies took goes back to the system, whatever small things were made among them."""

import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"
BURST = """
import os
import sys
from connector_runtime.heap import give_back_large_blocks
from process_readings import resident_megabytes

if sys.argv[1] == "set":
    give_back_large_blocks()
before = resident_megabytes(os.getpid())
bodies, small = [], []
for _ in range(500):
    bodies.append(bytes(100_000))
    small.append(bytes(1_000))
del bodies
print(resident_megabytes(os.getpid()) - before)
"""


@pytest.mark.parametrize(("argument", "is_kept"), [("set", False), ("unset", True)])
def test_bodies_among_small_things_leave_no_holes(argument: str, is_kept: bool) -> None:
    command = [sys.executable, "-c", BURST, argument]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env={"PYTHONPATH": str(SUPPORT)})
    assert (float(done.stdout) > 25) is is_kept

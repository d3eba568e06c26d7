"""What a burst of jobs took goes back to the system, whatever small things were made among it."""

import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"
BURST = """
import os
import sys
from connector_runtime.heap import give_back_holes, give_back_large_blocks
from process_readings import resident_megabytes

size, small, before, after = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
if before:
    give_back_large_blocks()
start = resident_megabytes(os.getpid())
burst, kept = [], []
for _ in range(50_000_000 // size):
    burst.append(bytes(size))
    if len(burst) % (100_000 // size) == 0:
        kept.append(bytes(small))
del burst
if after:
    give_back_holes()
print(resident_megabytes(os.getpid()) - start)
"""


@pytest.mark.parametrize(
    ("size", "before", "after", "is_kept"),
    [
        (100_000, "large blocks", "", False),
        (100_000, "", "", True),
        (2_000, "", "holes", False),
        (2_000, "", "", True),
    ],
)
def test_a_burst_among_small_things_is_given_back(size: int, before: str, after: str, is_kept: bool) -> None:
    command = [sys.executable, "-c", BURST, str(size), "1000", before, after]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env={"PYTHONPATH": str(SUPPORT)})
    assert (float(done.stdout) > 25) is is_kept

"""How large a test is: a sample in `make test`, all of it with FULL_SIZE=1, which takes many minutes."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL_SIZE = os.environ.get("FULL_SIZE") == "1"
LONGEST = 1800 if FULL_SIZE else 120
"""Seconds that a test of either size may take."""


def sized(sample: T, full: T) -> T:
    """The one that was asked for."""
    return full if FULL_SIZE else sample

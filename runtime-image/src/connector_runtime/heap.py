"""How glibc keeps the memory of a process that runs for months.

By itself it takes blocks of up to 32 MB from the heap once it has seen such ones freed. Bodies and requests then lie between
small things that live longer, and each burst of them leaves a heap that is larger than before and mostly holes.
"""

import contextlib
import ctypes

# https://man7.org/linux/man-pages/man3/mallopt.3.html; setting either one ends their growth.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
LARGE_BYTES = 64 * 1024
"""From here on a block is a mapping of its own, which goes back to the system when it is freed."""
MOST_UNUSED_BYTES = 1024 * 1024
"""At the end of the heap, before that too goes back."""


def give_back_large_blocks() -> None:
    """Set both for this process; where the C library is another one than glibc there is nothing to set."""
    with contextlib.suppress(AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, MOST_UNUSED_BYTES)


def give_back_holes() -> None:
    """Give back each page of the heap in which nothing is; takes some milliseconds."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)

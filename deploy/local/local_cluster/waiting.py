"""Waiting for something to become true, without waiting for what can no longer come."""

import time
from collections.abc import Callable

from local_cluster.errors import LocalClusterError


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float, meanwhile: Callable[[], None] | None = None) -> None:
    """Return once the condition holds; raise LocalClusterError naming `what` after so many seconds.

    `meanwhile` is called between the tries and raises when waiting has become pointless.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if meanwhile:
            meanwhile()
        if time.monotonic() > deadline:
            raise LocalClusterError(f"cannot go on: {what} did not come within {seconds:.0f} s")
        time.sleep(0.05)

"""How old a job is when it reaches us, although its times are the broker's and clocks differ."""

import time

WINDOW_SECONDS = 60.0


class BrokerClock:
    """Learns the difference of the clocks from the jobs that came without delay: the smallest of the last minutes."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._window: float | None = None
        self._window_ends = 0.0

    def age(self, activated_ms: int) -> float:
        """The seconds since a job was activated, 0 for the first one; `activated_ms` is Unix time by the broker."""
        now = time.time()
        offset = now - activated_ms / 1000
        if self._offset is None or offset < self._offset:
            self._offset = offset
        if self._window is None or offset < self._window:
            self._window = offset
        if time.monotonic() > self._window_ends:
            # A clock that was set forward makes all offsets larger: the smallest of long ago must not count for ever.
            self._offset, self._window = self._window, offset
            self._window_ends = time.monotonic() + WINDOW_SECONDS
        return max(offset - min(self._offset, self._window), 0.0)

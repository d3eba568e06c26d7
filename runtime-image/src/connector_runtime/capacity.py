"""How much a pod takes on: slots of each Connector, and bytes of all of them together.

Pushed jobs and the backlog of one Connector share its slots. When both want the next one the backlog gets a fixed share:
without it a steady stream would keep older jobs waiting for ever, which is what Zeebe's own clients suffered from.
"""

import asyncio
from collections import deque
from enum import StrEnum
from pathlib import Path

BACKLOG_SHARE = 0.4
DEFAULT_BUDGET = 64 * 1024 * 1024
SMALLEST_BUDGET = 8 * 1024 * 1024
MEMORY_SHARE = 8
"""One eighth of the container's memory: a job's text is parsed, bound, answered and written again."""


class Claimant(StrEnum):
    """Who wants a slot."""

    STREAM = "Stream"
    BACKLOG = "Backlog"


class ClosedError(Exception):
    """No slot will be given to the stream any more."""


class Capacity:
    """The slots of one Connector: at most `slots` are taken at any time."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.free = slots
        self._waiting: dict[Claimant, deque[asyncio.Future[None]]] = {claimant: deque() for claimant in Claimant}
        self._credit = 0.0
        self._closed = False

    def try_take(self) -> bool:
        """Take a slot when one is free and nobody waits for it."""
        if not self.free or any(self._waiting.values()):
            return False
        self.free -= 1
        return True

    async def take(self, claimant: Claimant) -> None:
        """Wait for a slot; raises ClosedError when the stream is to get none."""
        if self._closed and claimant is Claimant.STREAM:
            raise ClosedError
        if self.try_take():
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[claimant].append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled() and slot.exception() is None:
                self.release()
            raise

    def take_more(self, most: int) -> int:
        """Take what is free at once, at most so many, and nothing that somebody waits for."""
        count = 0 if any(self._waiting.values()) else max(min(self.free, most), 0)
        self.free -= count
        return count

    def release(self, count: int = 1) -> None:
        """Give slots back."""
        self.free += count
        while self.free and (slot := self._next()) is not None:
            self.free -= 1
            slot.set_result(None)

    def close_stream(self) -> None:
        """Give no more slots to the stream."""
        self._closed = True
        for slot in self._waiting[Claimant.STREAM]:
            if not slot.done():
                slot.set_exception(ClosedError())
        self._waiting[Claimant.STREAM].clear()

    def open_stream(self) -> None:
        """Give slots to the stream again."""
        self._closed = False

    def _next(self) -> "asyncio.Future[None] | None":
        for waiting in self._waiting.values():
            while waiting and waiting[0].done():
                waiting.popleft()
        stream, backlog = (self._waiting[claimant] for claimant in (Claimant.STREAM, Claimant.BACKLOG))
        if not stream or not backlog:
            waiting = stream or backlog
            return waiting.popleft() if waiting else None
        self._credit += BACKLOG_SHARE
        if self._credit >= 1:
            self._credit -= 1
            return backlog.popleft()
        return stream.popleft()


class ByteBudget:
    """How many bytes of jobs a pod holds; a single job may be larger than all of it, as long as it is alone."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._freed = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more bytes may be taken on."""
        return self.limit if self.held == 0 else max(self.limit - self.held, 0)

    async def until_room(self) -> int:
        """Wait until there is room and return how much."""
        while not (room := self.room):
            self._freed.clear()
            await self._freed.wait()
        return room

    def add(self, size: int) -> None:
        """Take on a job that is here already."""
        self.held += size

    def release(self, size: int) -> None:
        """A job is not held any more."""
        self.held -= size
        self._freed.set()


def budget_of_this_container(limit_file: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """The bytes of jobs that the container's memory limit allows for."""
    try:
        return max(int(limit_file.read_text()) // MEMORY_SHARE, SMALLEST_BUDGET)
    except (OSError, ValueError):
        return DEFAULT_BUDGET

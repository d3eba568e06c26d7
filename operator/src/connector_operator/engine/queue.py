"""The work queue: keys go in as events touch them, and come out to workers when they are due."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from connector_operator.engine.schedule import Schedule, Taken

K = TypeVar("K", bound=Hashable)


class QueueClosed(Exception):  # noqa: N818 - a state that ends a worker, not a mistake
    """No more keys are given out: the operator stops."""


class WorkQueue(Generic[K]):
    """`Schedule` with a clock and with waiting; its rules are told there. To be used from one event loop."""

    def __init__(self, schedule: Schedule[K], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._schedule = schedule
        self._monotonic = monotonic
        self._waiters: deque[asyncio.Event] = deque()
        self._closed = False

    def add(self, key: K, delay: float = 0.0) -> None:
        """Run the key soon: after its quiet period, or `delay` seconds from now when one is given."""
        if delay > 0:
            self._schedule.add_after(key, delay, self._monotonic())
        else:
            self._schedule.add(key, self._monotonic())
        self._wake_one()

    async def get(self) -> Taken[K]:
        """Wait for the next due key; raises `QueueClosed` after `close`."""
        while not self._closed:
            now = self._monotonic()
            taken = self._schedule.take(now)
            if taken is not None:
                # whoever was woken for one key may have taken another: let the next one look again
                self._wake_one()
                return taken
            due = self._schedule.next_due(now)
            await self._sleep(None if due is None else due - now)
        raise QueueClosed

    def done(self, key: K, *, requeue_after: float | None = None) -> None:
        """Give a key back after success; see `Schedule.done`."""
        self._schedule.done(key, self._monotonic(), requeue_after=requeue_after)
        self._wake_one()

    def failed(self, key: K, *, at_least: float = 0.0) -> None:
        """Give a key back after a failure; see `Schedule.failed`."""
        self._schedule.failed(key, self._monotonic(), at_least=at_least)
        self._wake_one()

    def forget(self, key: K) -> None:
        """See `Schedule.forget`."""
        self._schedule.forget(key)

    def close(self) -> None:
        """Give out nothing more; what runs is still to be given back."""
        self._closed = True
        for waiter in self._waiters:
            waiter.set()

    @property
    def idle(self) -> bool:
        """See `Schedule.idle`."""
        return self._schedule.idle

    @property
    def depth(self) -> int:
        """How many keys are due and wait for a worker."""
        return self._schedule.depth(self._monotonic())

    def _wake_one(self) -> None:
        if self._waiters:
            self._waiters.popleft().set()

    async def _sleep(self, seconds: float | None) -> None:
        waiter = asyncio.Event()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter.wait()
        except TimeoutError:
            return
        except asyncio.CancelledError:
            self._wake_one()  # the wake-up that this waiter may have got belongs to another one now
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

"""A job's lock: for how long Zeebe leaves the job to this worker, renewed while the connector function runs."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from connector_runtime.durations import milliseconds
from connector_runtime.gateway import Gateway, GatewayError, Reply

logger = logging.getLogger(__name__)

MAX_RENEWED = 10
"""A function that hangs is cancelled after this many times its lock's duration; until then nobody else runs its job."""


class Interruption(StrEnum):
    """Why a running connector function is cancelled."""

    DRAINING = "Draining"
    """The pod stops: another one shall run the job."""
    LOST = "Lost"
    """The job is not ours any more: nothing is to be reported."""
    OVERDUE = "Overdue"
    """The function does not come to an end."""


class JobLock:
    """The lock of one job; `interrupt` is called at most once, when the function must not run on."""

    def __init__(
        self, gateway: Gateway, key: int, duration: timedelta, interrupt: Callable[[Interruption], None], age: float = 0.0
    ) -> None:
        """`age`: the seconds of the lock that are used up already."""
        self._gateway = gateway
        self._key = key
        self.duration = duration
        self._interrupt = interrupt
        self._begun = time.monotonic() - age
        self.until = self._begun + duration.total_seconds()
        """Monotonic; the broker counts from a moment earlier, when it sent the job."""
        self._timer: asyncio.TimerHandle | None = None
        self._renewal: asyncio.Task[None] | None = None

    def ends(self) -> float:
        """When it runs out, as far as is known now."""
        return self.until

    async def change(self, duration: timedelta) -> bool:
        """Set another duration, from now on; return whether the job is still ours."""
        reply = await self._gateway.renew(self._key, milliseconds(duration), self.ends)
        if reply is not Reply.DONE:
            return False
        self.duration = duration
        self.until = time.monotonic() + duration.total_seconds()
        return True

    def keep(self) -> None:
        """Renew the lock each third of its duration from now on."""
        left = self.until - time.monotonic()
        wait = max(left - self.duration.total_seconds() * 2 / 3, 0.0)
        self._timer = asyncio.get_running_loop().call_later(wait, self._begin_renewal)

    def release(self) -> None:
        """Renew it no more, and forget whose it was: a job and its lock that know each other would wait for a collection."""
        self._interrupt = _nobody
        if self._timer is not None:
            self._timer.cancel()
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None

    def _begin_renewal(self) -> None:
        self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        if time.monotonic() - self._begun > MAX_RENEWED * self.duration.total_seconds():
            self._interrupt(Interruption.OVERDUE)
            return
        try:
            reply = await self._gateway.renew(self._key, milliseconds(self.duration), self.ends)
        except GatewayError as error:
            logger.warning("cannot renew the lock of job %d: %s", self._key, error.message)
            return
        if reply is Reply.GONE:
            self._interrupt(Interruption.LOST)
            return
        if reply is Reply.DONE:
            self.until = time.monotonic() + self.duration.total_seconds()
        self.keep()


def _nobody(_: Interruption) -> None:
    """There is nothing left to interrupt."""

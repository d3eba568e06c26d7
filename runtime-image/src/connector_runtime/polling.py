"""Takes a Connector's jobs out of the backlog: never for more jobs than can be started now."""

import asyncio
import contextlib
import logging
import math
import random
import time

from connector_runtime.capacity import Claimant
from connector_runtime.gateway import Backoff, Gateway, GatewayError, GatewayFault
from connector_runtime.intake_desk import IntakeDesk

logger = logging.getLogger(__name__)

SHORTEST_INTERVAL = 0.5
LONGEST_INTERVAL = 2.0
"""Between two looks at the backlog while new jobs are pushed: timed-out jobs are found only there."""
REOPENING_SECONDS = 5.0
"""After which a stream that has ended is not expected any more."""
LAST_LOOK_SECONDS = 1.0
"""For how long a poll that the gateway does not hold open is waited for at the end: giving it up loses its jobs until their
locks run out."""
REFILL_SECONDS = 0.01
"""For how long a poll of a known backlog waits for half the slots: many small polls cost the broker more than the jobs."""


class Backlog:
    """Polls until it is told to stop: held open while nothing is pushed, short looks while a stream brings new jobs."""

    def __init__(self, desk: IntakeDesk) -> None:
        self._desk = desk
        self._gateway: Gateway = desk.gateway
        self._backoff = Backoff()
        self._batch: int | None = None
        self._interval = SHORTEST_INTERVAL
        self._known_backlog = False
        self._streamed = -math.inf
        """When there was a stream, or after a failure may have been one, for all that is known here; monotonic."""
        self._finished = False
        self._is_held = False
        self._answered = asyncio.Event()
        self.begun: float | None = None
        """When the poll under way was sent."""
        self.has_polled = False

    async def run(self) -> None:
        """Poll until finished."""
        self._finished = False
        while True:
            count = await self._slots()
            if self._finished:
                self._desk.capacity.release(count)
                return
            try:
                await self._poll(count)
            except GatewayError as error:
                await self._after_failure(error, count)
            except Exception:
                # Whatever it is: a Connector that silently stops to poll would be worse.
                logger.exception("cannot activate jobs: this is a defect of the runtime")
                await self._gateway.pause(self._backoff.next())

    async def finish(self) -> None:
        """Poll no more; whoever cancels `run` afterwards loses no job that was on its way to here."""
        self._finished = True
        if self.begun is None:
            return
        if self._is_held:
            await self._gateway.until_silent(lambda: self.begun, LAST_LOOK_SECONDS)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_LOOK_SECONDS):
                    await self._answered.wait()

    async def _slots(self) -> int:
        """Reserve slots for the next poll."""
        desk = self._desk
        room = await desk.budget.until_room()
        most = min(desk.capacity.slots, max(room // max(desk.mean_bytes, 1), 1), self._batch or desk.capacity.slots)
        await desk.capacity.take(Claimant.BACKLOG)
        count = 1 + desk.capacity.take_more(most - 1)
        if self._known_backlog:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFILL_SECONDS):
                    while count < most // 2:
                        await desk.capacity.take(Claimant.BACKLOG)
                        count += 1 + desk.capacity.take_more(most - count - 1)
        return count

    async def _poll(self, count: int) -> None:
        desk, accepted = self._desk, 0
        if desk.is_streaming:
            self._streamed = time.monotonic()
        # A stream that has just ended is opened anew at once: a look that is held would keep all slots from what it brings.
        streaming = time.monotonic() - self._streamed < REOPENING_SECONDS
        self.begun = time.monotonic()
        self.has_polled = True
        self._is_held = not streaming
        self._answered.clear()
        try:
            accepted = await self._gateway.activate(desk.subscription, count, desk.accept, wait=not streaming)
        finally:
            self.begun = None
            self._answered.set()
            # Whatever was accepted gives its slot back itself, also when the poll broke off half-way.
            desk.capacity.release(count - desk.settle())
        self._backoff.reset()
        self._known_backlog = accepted == count
        if self._batch is not None:
            self._batch = self._batch * 2 if self._batch * 2 < desk.capacity.slots else None
        if streaming and not accepted:
            await self._gateway.pause(self._interval * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load
            self._interval = min(self._interval * 2, LONGEST_INTERVAL)
        elif accepted:
            self._interval = SHORTEST_INTERVAL

    async def _after_failure(self, error: GatewayError, count: int) -> None:
        if error.fault is GatewayFault.TOO_LARGE and self._batch != 1:
            self._batch = max(count // 2, 1)
            logger.info("the activated jobs do not fit into one message, asking for %d", self._batch)
            return
        self._streamed = time.monotonic()
        logger.warning("cannot activate jobs of '%s': %s", self._desk.subscription.job_type, error.message)
        await self._gateway.pause(self._backoff.next())

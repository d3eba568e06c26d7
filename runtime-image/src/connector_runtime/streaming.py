"""Takes a Connector's jobs as brokers push them.

A pushed job is locked from the moment it leaves the broker, and some lie unread in the transport while all slots are taken.
So each job's age counts: one that has used up a third of its lock before there is a slot for it is handed back, which keeps
the transport's look-ahead moving and every lock from running out unseen.
"""

import asyncio
import contextlib
import logging
import random
import time

from connector_runtime.capacity import Claimant, ClosedError
from connector_runtime.gateway import ActivatedJob, Backoff, GatewayError, GatewayFault, PushedJobs
from connector_runtime.intake_desk import IntakeDesk
from connector_runtime.waves import Waves

logger = logging.getLogger(__name__)

STREAM_SECONDS = 3600.0
"""After which a stream is opened anew, so that those of many pods spread over gateways that came later."""
NOT_OFFERED_SECONDS = 600.0
"""Until a gateway that does not offer streams is asked again."""
STALE_SHARE = 1 / 3
HAND_BACK_SECONDS = 1.0
CLOSING_SECONDS = 0.05
LONGEST_TO_EMPTY = 2.0
"""For how long a stream that stops is read at most: its transport holds dozens of jobs when all slots are taken."""


class Stream:
    """Keeps a stream open until it is told to stop."""

    def __init__(self, desk: IntakeDesk) -> None:
        self._desk = desk
        self._waves = Waves(desk.begin)
        self._backoff = Backoff(top=1.0)
        self._patience = desk.subscription.lock_ms / 1000 * STALE_SHARE
        self._last_job = 0.0
        self._too_late: list[ActivatedJob] = []
        self._open: PushedJobs | None = None
        self._finished = False
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Stream until finished."""
        while not self._finished:
            begun = time.monotonic()
            try:
                await self._stream()
            except GatewayError as error:
                await self._after_failure(error, time.monotonic() - begun)
            except Exception:
                logger.exception("cannot take pushed jobs: this is a defect of the runtime")
                await self._desk.gateway.pause(self._backoff.next())

    async def finish(self) -> None:
        """Take what has been pushed already, and hang up at a moment when nothing is on its way.

        A job that is on its way nevertheless waits for its lock to run out.
        """
        self._desk.capacity.close_stream()
        self._waves.stop()
        if self._open is not None:
            await self._desk.gateway.until_silent(lambda: (self._last_job, self._open), LONGEST_TO_EMPTY)
        self._finished = True
        if self._open is not None:
            self._open.hang_up()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await self._closed.wait()

    def return_rest(self) -> None:
        """Hand back what came too late to be started; only once the stream is closed, or it would bring them again."""
        for job in self._too_late:
            self._desk.hand_back(job, backoff=0)

    async def _stream(self) -> None:
        desk = self._desk
        desk.is_streaming = True
        lifetime = STREAM_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 - spreads load, protects nothing
        try:
            async with desk.gateway.stream(desk.subscription, lifetime) as pushed, contextlib.aclosing(pushed.jobs()) as jobs:
                self._open = pushed
                self._closed.clear()
                async for job in jobs:
                    self._last_job = time.monotonic()
                    self._backoff.reset()
                    await self._take(job)
        finally:
            desk.is_streaming = False
            self._open = None
            self._closed.set()

    async def _take(self, job: ActivatedJob) -> None:
        """Start a job, waiting for a slot as long as its lock allows."""
        desk = self._desk
        if job.age >= self._patience:
            desk.hand_back(job, backoff=HAND_BACK_SECONDS)
            return
        if not (desk.budget.room and desk.capacity.try_take()) and not await self._wait_for_slot(job):
            return
        desk.hold(job)
        self._waves.add(job, self._last_job, at_once=not desk.gains_by_waiting)

    async def _wait_for_slot(self, job: ActivatedJob) -> bool:
        desk = self._desk
        try:
            async with asyncio.timeout(self._patience - job.age):
                await desk.budget.until_room()
                await desk.capacity.take(Claimant.STREAM)
        except TimeoutError:
            desk.hand_back(job, backoff=HAND_BACK_SECONDS)
            return False
        except ClosedError:
            self._too_late.append(job)
            return False
        except asyncio.CancelledError:
            self._too_late.append(job)
            raise
        return True

    async def _after_failure(self, error: GatewayError, lasted: float) -> None:
        if error.fault is GatewayFault.UNSUPPORTED:
            logger.info("the gateway does not push jobs of '%s': they are polled", self._desk.subscription.job_type)
            await asyncio.sleep(NOT_OFFERED_SECONDS)
            return
        if lasted > 1:
            self._backoff.reset()
        logger.debug("the stream of '%s' ended: %s", self._desk.subscription.job_type, error.message)
        await self._desk.gateway.pause(self._backoff.next())

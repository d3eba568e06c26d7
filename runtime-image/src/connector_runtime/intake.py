"""Activates the jobs of one Connector: one long poll at a time, never for more jobs than can be started now."""

import asyncio
import contextlib
import logging
import time

from connector_runtime.gateway import Backoff, Gateway, GatewayError, GatewayFault, Subscription
from connector_runtime.handling import JobHandler

logger = logging.getLogger(__name__)

HANGS_AFTER_SECONDS = 15.0
LAST_POLL_SECONDS = 0.1
"""For how long an intake that stops waits for the answer of its poll: cancelling an answer under way loses its jobs."""


class Intake:
    """Polls between `resume` and `suspend`; what is activated goes to the handler."""

    def __init__(self, gateway: Gateway, subscription: Subscription, handler: JobHandler) -> None:
        self._gateway = gateway
        self._subscription = subscription
        self._handler = handler
        self._task: asyncio.Task[None] | None = None
        self._poll_begun: float | None = None
        self._stopping = False
        self._backoff = Backoff()
        self._batch: int | None = None
        self.has_polled = False

    @property
    def is_running(self) -> bool:
        """Whether jobs are being activated."""
        return self._task is not None

    @property
    def hangs(self) -> bool:
        """Whether a poll is neither answered nor failed long after its time."""
        begun = self._poll_begun
        return begun is not None and time.monotonic() - begun > self._gateway.long_poll + HANGS_AFTER_SECONDS

    def resume(self) -> None:
        """Begin to activate jobs; nothing happens when it already does."""
        if self._task is None:
            self._stopping = False
            self._task = asyncio.create_task(self._run(), name=f"intake {self._subscription.job_type}")

    async def suspend(self) -> None:
        """Stop activating; a poll under way gets a last moment."""
        task, self._task = self._task, None
        if task is None:
            return
        self._stopping = True
        if self._poll_begun is not None:
            await asyncio.wait({task}, timeout=LAST_POLL_SECONDS)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run(self) -> None:
        while not self._stopping:
            free = await self._handler.free()
            try:
                await self._poll(free if self._batch is None else min(free, self._batch))
            except GatewayError as error:
                await self._after_failure(error)
            except Exception:
                # Whatever it is: a Connector that silently stops to poll would be worse.
                logger.exception("cannot activate jobs: this is a defect of the runtime")
                await self._gateway.pause(self._backoff.next())
            else:
                self._backoff.reset()
                self._batch = None if self._batch is None else self._grown(self._batch, free)

    async def _poll(self, count: int) -> None:
        self._poll_begun = time.monotonic()
        self.has_polled = True
        try:
            await self._gateway.activate(self._subscription, count, self._handler.accept)
        finally:
            self._poll_begun = None

    async def _after_failure(self, error: GatewayError) -> None:
        if error.fault is GatewayFault.TOO_LARGE and self._batch != 1:
            self._batch = max((self._batch or await self._handler.free()) // 2, 1)
            logger.info("the activated jobs do not fit into one message, asking for %d", self._batch)
            return
        logger.warning("cannot activate jobs of '%s': %s", self._subscription.job_type, error.message)
        await self._gateway.pause(self._backoff.next())

    @staticmethod
    def _grown(batch: int, free: int) -> int | None:
        """Twice the batch after a success; None once it does not limit any more."""
        return batch * 2 if batch * 2 < free else None

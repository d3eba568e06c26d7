"""Activates the jobs of one Connector between `resume` and `suspend`: what is new is pushed, the backlog is polled."""

import asyncio
import contextlib
import time

from connector_runtime.intake_desk import IntakeDesk
from connector_runtime.polling import Backlog
from connector_runtime.streaming import Stream

HANGS_AFTER_SECONDS = 15.0


class Intake:
    """Both ways in, switched together."""

    def __init__(self, desk: IntakeDesk, *, stream: bool = True) -> None:
        self.desk = desk
        self._backlog = Backlog(desk)
        self._stream = Stream(desk) if stream else None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_running(self) -> bool:
        """Whether jobs are being activated."""
        return bool(self._tasks)

    @property
    def has_polled(self) -> bool:
        """Whether jobs were asked for at least once."""
        return self._backlog.has_polled

    @property
    def hangs(self) -> bool:
        """Whether a poll is neither answered nor failed long after its time."""
        begun = self._backlog.begun
        return begun is not None and time.monotonic() - begun > self.desk.gateway.long_poll + HANGS_AFTER_SECONDS

    def resume(self) -> None:
        """Begin to activate jobs; nothing happens when it already does."""
        if self._tasks:
            return
        job_type = self.desk.subscription.job_type
        if self._stream is not None:
            self._stream = Stream(self.desk)
            self.desk.capacity.open_stream()
            self._tasks.append(asyncio.create_task(self._stream.run(), name=f"stream {job_type}"))
            # The first look at the backlog must not be one that holds all slots for the time of a long poll.
            self.desk.is_streaming = True
        self._tasks.append(asyncio.create_task(self._backlog.run(), name=f"backlog {job_type}"))

    async def suspend(self) -> None:
        """Stop activating; what is under way gets a last moment."""
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        finishing = self._stream.finish() if self._stream is not None else asyncio.sleep(0)
        await asyncio.gather(finishing, self._backlog.finish())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._stream is not None:
            self._stream.return_rest()

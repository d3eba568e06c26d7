"""A job that a worker holds, and what became of those before it."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector_runtime.gateway import ActivatedJob, Gateway
from connector_runtime.json_values import Json
from connector_runtime.locks import Interruption, JobLock

CANCEL_SECONDS = 1.0
"""For how long an interrupted function may clean up before its job is given away."""


@dataclass(slots=True)
class Counts:
    """What became of the jobs since the pod's start."""

    completed: int = 0
    """BPMN errors and ignored errors too."""
    failed: int = 0
    last_error: str = ""
    """Masked."""


class RunningJob:
    """A job whose end is not reported yet."""

    def __init__(self, job: ActivatedJob, gateway: Gateway, lock: timedelta, age: float = 0.0) -> None:
        self.job = job
        self.lock = JobLock(gateway, job.key, lock, self.interrupt, age)
        self.begun = time.monotonic()
        self.interruption: Interruption | None = None
        self._work: asyncio.Task[Json] | None = None
        self._signal: asyncio.Future[None] | None = None

    def interrupt(self, reason: Interruption) -> None:
        """Cancel the function; the first reason stays."""
        if self.interruption is None:
            self.interruption = reason
            if self._work is not None:
                self._work.cancel()
                self._wake()

    async def execute(self, work: Coroutine[Any, Any, Json], name: str) -> Json:
        """Run the function; CancelledError when it was interrupted, even if it does not let itself be cancelled."""
        self._signal = asyncio.get_running_loop().create_future()
        self._work = asyncio.create_task(work, name=name)
        self._work.add_done_callback(self._wake)
        await self._signal
        if not self._work.done():
            await asyncio.wait({self._work}, timeout=CANCEL_SECONDS)
        if not self._work.done():
            raise asyncio.CancelledError
        try:
            return self._work.result()
        finally:
            # What a task raised knows this frame: the job, and all that it was given, would wait for a collection.
            self._work = None

    def _wake(self, _: object = None) -> None:
        if self._signal is not None and not self._signal.done():
            self._signal.set_result(None)

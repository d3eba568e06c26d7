"""A Deployment of two worker processes, as far as jobs are concerned: the new one is ready before the oldest one goes."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from job_worker import WorkerProcess, worker_process


class ReplacedWorkers:
    """Its processes, oldest first, and how those ended that are gone."""

    def __init__(self, config: Mapping[str, Any], folder: Path, stack: AsyncExitStack) -> None:
        self.codes: list[int] = []
        self._config = config
        self._folder = folder
        self._stack = stack
        self._running: list[WorkerProcess] = []

    async def add(self) -> None:
        """Start one and wait until it is ready."""
        worker = await self._stack.enter_async_context(worker_process(self._config, self._folder))
        self._running.append(worker)
        await worker.until_ready()

    async def remove_oldest(self, how: signal.Signals) -> None:
        """Send a signal that ends it, and wait for that."""
        code, _ = await self._running.pop(0).terminate(how)
        self.codes.append(code)


@asynccontextmanager
async def replaced_workers(config: Mapping[str, Any], folder: Path) -> AsyncGenerator[ReplacedWorkers]:
    """Two that are ready; all are ended with the block."""
    async with AsyncExitStack() as stack:
        workers = ReplacedWorkers(config, folder, stack)
        await asyncio.gather(workers.add(), workers.add())
        yield workers

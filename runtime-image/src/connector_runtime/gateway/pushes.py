"""The jobs of an open stream, until somebody hangs up."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import grpc.aio

from connector_runtime.gateway.jobs import ActivatedJob
from connector_runtime.gateway.stubs import pb


class PushedJobs:
    """Gives out pushed jobs. What is not taken out stays where it is, until the transport's look-ahead is full."""

    def __init__(
        self, call: "grpc.aio.UnaryStreamCall[Any, pb.ActivatedJob]", taken: Callable[[pb.ActivatedJob], ActivatedJob]
    ) -> None:
        self._call = call
        self._taken = taken
        self._hung_up = False

    def hang_up(self) -> None:
        """Ask for no more, at this very moment; a job that the transport has handed over already is still given out."""
        self._hung_up = True
        self._call.cancel()

    async def jobs(self) -> AsyncGenerator[ActivatedJob]:
        """Each job as it comes; ends after a hang-up."""
        try:
            async for job in self._call:
                yield self._taken(job)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._hung_up or (task is not None and task.cancelling()):
                raise

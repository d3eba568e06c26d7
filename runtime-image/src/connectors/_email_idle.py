"""Connections that wait for their next job. Mail protocols do one thing at a time, so each is lent to one job."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C")

MOST_IDLE, IDLE_SECONDS = 8, 60.0


@dataclass(frozen=True, slots=True)
class Handling(Generic[C]):
    """What to do with connections to one server."""

    open: Callable[[], Awaitable[C]]
    answers: Callable[[C], Awaitable[bool]]
    """Whether one that was idle is still good: servers end what is idle for a few minutes."""
    leave: Callable[[C], Awaitable[None]]
    """Say goodbye; raises nothing."""
    drop: Callable[[C], None]
    """Close one of which nobody knows what is still to come on it."""


class IdleConnections(Generic[C]):
    """The idle connections to one server."""

    def __init__(self, handling: Handling[C]) -> None:
        self._handling = handling
        self._idle: list[tuple[float, C]] = []

    @asynccontextmanager
    async def lent(self) -> AsyncGenerator[C]:
        """A connection for as long as the block lasts; one on which something went wrong is not used again."""
        connection = await self._taken() or await self._handling.open()
        try:
            yield connection
        except BaseException:
            self._handling.drop(connection)
            raise
        if len(self._idle) < MOST_IDLE:
            self._idle.append((time.monotonic(), connection))
        else:
            await self._handling.leave(connection)

    async def _taken(self) -> C | None:
        while self._idle:
            since, connection = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and await self._handling.answers(connection):
                return connection
            self._handling.drop(connection)
        return None

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        while self._idle:
            await self._handling.leave(self._idle.pop()[1])

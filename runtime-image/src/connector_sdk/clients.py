"""Clients that outlive a job: opened at their first use, shared by the jobs after it, closed when the pod stops."""

import asyncio
import contextvars
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
C = TypeVar("C")

MOST_CLIENTS = 32


@dataclass(eq=False, slots=True)
class _Kept(Generic[C]):
    """One client, and whether it may be closed."""

    opening: asyncio.Task[C]
    users: int = 0
    is_retired: bool = False


class SharedClients(Generic[K, C]):
    """Clients by what they are opened for, such as an address and who logs in there.

        producers = SharedClients(open_producer, close_producer)

        @connector(id="acme.io:publish:1", name="Publish", on_close=producers.close)
        async def publish(input: Message) -> None:
            async with producers.use(input.server) as producer: ...

    `open` is awaited once however many jobs wait for it; what it raises reaches them all and is not remembered. `close` is
    awaited when nobody uses the client: of more than `most` the one unused for longest goes first. A client belongs to the
    event loop that it was opened on. The key should hold the credentials, so that a rotated secret is another client.
    """

    def __init__(
        self,
        open: Callable[[K], Awaitable[C]],  # noqa: A002 - the verb
        close: Callable[[C], Awaitable[None]],
        *,
        most: int = MOST_CLIENTS,
    ) -> None:
        self._open = open
        self._close = close
        self._most = most
        self._shelves: dict[asyncio.AbstractEventLoop, OrderedDict[K, _Kept[C]]] = {}
        self._retired: dict[asyncio.AbstractEventLoop, set[asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def use(self, key: K) -> AsyncGenerator[C]:
        """The client for `key`, which stays open at least until the block ends."""
        shelf = self._shelf()
        kept = shelf.pop(key, None) or self._opened(key, shelf)
        shelf[key] = kept
        kept.users += 1
        self._retire_surplus(shelf)
        try:
            # The opening is not this job's alone: it goes on when the job is cancelled.
            yield await asyncio.shield(kept.opening)
        finally:
            kept.users -= 1
            self._close_if_unused(kept)

    def discard(self, key: K) -> None:
        """Open a new client at the next use, because the present one is broken; it is closed when its last user leaves."""
        kept = self._shelf().pop(key, None)
        if kept is not None:
            self._retire(kept)

    async def close(self) -> None:
        """Close the clients of this event loop, those in use too; nothing is left to do the second time."""
        for kept in self._shelves.pop(asyncio.get_running_loop(), OrderedDict[K, _Kept[C]]()).values():
            kept.users = 0
            if not kept.opening.done():
                kept.opening.cancel()
            self._retire(kept)
        closing = self._retired.pop(asyncio.get_running_loop(), set[asyncio.Task[None]]())
        if closing:
            await asyncio.wait(closing)

    def _shelf(self) -> OrderedDict[K, _Kept[C]]:
        loop = asyncio.get_running_loop()
        if loop not in self._shelves:
            for ended in [other for other in self._shelves if other.is_closed()]:
                self._shelves.pop(ended)
                self._retired.pop(ended, None)
        return self._shelves.setdefault(loop, OrderedDict())

    def _opened(self, key: K, shelf: OrderedDict[K, _Kept[C]]) -> _Kept[C]:
        async def opening() -> C:
            return await self._open(key)

        # A context of its own: what the client logs later is not about the job that was the first to need it.
        kept = _Kept(asyncio.get_running_loop().create_task(opening(), context=contextvars.Context()))

        def forget_failure(task: asyncio.Task[C]) -> None:
            if (task.cancelled() or task.exception() is not None) and shelf.get(key) is kept:
                del shelf[key]

        kept.opening.add_done_callback(forget_failure)
        return kept

    def _retire_surplus(self, shelf: OrderedDict[K, _Kept[C]]) -> None:
        unused = [key for key, kept in shelf.items() if not kept.users]
        for key in unused[: max(len(shelf) - self._most, 0)]:
            self._retire(shelf.pop(key))

    def _retire(self, kept: _Kept[C]) -> None:
        kept.is_retired = True
        self._close_if_unused(kept)

    def _close_if_unused(self, kept: _Kept[C]) -> None:
        if not kept.is_retired or kept.users:
            return
        kept.is_retired = False  # once is enough
        loop = asyncio.get_running_loop()
        closing = self._retired.setdefault(loop, set())
        task = loop.create_task(self._closed(kept), context=contextvars.Context())
        closing.add(task)
        task.add_done_callback(closing.discard)

    async def _closed(self, kept: _Kept[C]) -> None:
        try:
            client = await kept.opening
        except (Exception, asyncio.CancelledError):
            return  # it was never open
        try:
            await self._close(client)
        except Exception as error:
            logger.warning("cannot close a client: %s", type(error).__name__, exc_info=error)

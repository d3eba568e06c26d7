"""All parts of the running operator, in the order in which they begin and end."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector_operator.domain.objects import Object
from connector_operator.engine.audit import Audit
from connector_operator.engine.engine import Engine
from connector_operator.engine.intake import Intake

FEED_STOP_SECONDS = 15.0

_log = logging.getLogger(__name__)

Observe = Callable[[str | None, Object], None]


class Feed(Protocol):
    """Where watch events come from."""

    async def __call__(self, observe: Observe, *, stop: asyncio.Event, started: Callable[[], None]) -> None:
        """Tell `observe` what is and what changes until `stop`; call `started` once, when signal handlers are settled."""
        ...


class PartEnded(Exception):  # noqa: N818 - what happened, for the one who restarts us
    """A part that should run for ever ended by itself; a restart is safe, since all state is the API server's."""


@dataclass(slots=True)
class Process:
    """The running operator. `run` is called once."""

    engine: Engine
    audit: Audit
    intake: Intake
    feed: Feed
    background: Mapping[str, Callable[[], Coroutine[Any, Any, None]]]
    """What else runs for ever, by name."""
    lead: Callable[[], Coroutine[Any, Any, object]] | None = None
    """Waits until this operator may work; `None`: it is the only one."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the store is complete: the workers work, or can as soon as this operator is to lead."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set (SIGTERM and SIGINT set it); raises `PartEnded` when something broke instead."""
        # thousands of long-lived dicts: with the default thresholds most of a big list's time goes into the collector
        gc.set_threshold(100_000, 50, 50)
        _take_signals(stop)
        self.engine.start()
        parts = {"audit": self._audit, **self.background}
        # made before the feed: a library that ends may cancel every task that is younger than itself
        tasks = [asyncio.create_task(part(), name=name) for name, part in parts.items()]
        feed_stop = asyncio.Event()
        feed = self.feed(self.intake.observe, stop=feed_stop, started=lambda: _take_signals(stop))
        feed_task = asyncio.create_task(feed, name="feed")
        try:
            await _first_of(stop, [*tasks, feed_task])
        finally:
            await self._wind_down(tasks, feed_task, feed_stop)

    async def _audit(self) -> None:
        await self.audit.barrier()
        gc.freeze()
        self.ready.set()
        await asyncio.gather(self._begin(), self.audit.run())

    async def _begin(self) -> None:
        if self.lead is not None:
            await self.lead()
        self.intake.begin()

    async def _wind_down(self, tasks: list["asyncio.Task[None]"], feed: "asyncio.Task[None]", stop: asyncio.Event) -> None:
        """First what writes, then what watches."""
        self.ready.clear()
        await self.engine.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        stop.set()
        _, late = await asyncio.wait([feed], timeout=FEED_STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(feed, return_exceptions=True)


def _take_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _first_of(stop: asyncio.Event, tasks: list["asyncio.Task[None]"]) -> None:
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    for task in tasks:
        if task in done and not stop.is_set():
            error = task.exception()
            raise PartEnded(f"cannot go on: '{task.get_name()}' ended: {error or 'for no stated reason'}") from error
    _log.info("stopping")

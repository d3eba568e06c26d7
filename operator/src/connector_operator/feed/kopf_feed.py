"""kopf as a watch feed and nothing else: lists, watches, reconnects and logs in; every event goes to `observe` and is forgotten.

Only `on.event`, whose handlers do a few dict operations and return nothing: kopf then writes nothing to any object. What kopf
does not tell (objects deleted while a watch was broken) the audit finds out.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import kopf

from connector_operator.api.kinds import GROUP, Kind
from connector_operator.cluster.connection import Connection
from connector_operator.domain.objects import LABELLED_KINDS, PART_LABEL, Object

STOP_SECONDS = 2.0

Observe = Callable[[str | None, Object], None]


class KopfFeed:
    """Watches `kinds` in `namespaces`, or in all when none is named."""

    def __init__(self, connection: Connection, kinds: Sequence[Kind], namespaces: Sequence[str] = ()) -> None:
        self._connection = connection
        self._kinds = kinds
        self._namespaces = namespaces

    async def __call__(self, observe: Observe, *, stop: asyncio.Event, started: Callable[[], None]) -> None:
        """Feed `observe` until `stop` is set; raises when a watch fails for good: then restart, state is not lost.

        `started` is called once kopf has put its signal handlers in place, so that the caller can put its own back. When it
        ends, kopf cancels every task that is younger than this call.
        """
        quieten()
        stopping = asyncio.create_task(stop.wait(), name="feed-stop")
        older = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=self._registry(observe),
            settings=feed_settings(self._kinds),
            clusterwide=not self._namespaces,
            namespaces=list(self._namespaces),
            stop_flag=stop,
        )
        started()
        running = asyncio.create_task(kopf.run_tasks(tasks, ignored=older), name="kopf")
        try:
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            await _end(running) if stop.is_set() else await running
        finally:
            stopping.cancel()
            running.cancel()

    def _registry(self, observe: Observe) -> kopf.OperatorRegistry:
        # our own registry: kopf's global one would make importing this module change the process
        registry = kopf.OperatorRegistry()

        async def on_event(event: Any, **_: Any) -> None:
            observe(event["type"], event["object"])

        async def log_in(**_: Any) -> kopf.ConnectionInfo:
            return await connection_info(self._connection)

        for kind in self._kinds:
            kopf.on.event(kind.group, kind.version, kind.plural, id=kind.plural, registry=registry)(on_event)
        kopf.on.login(registry=registry)(log_in)
        return registry


async def _end(running: "asyncio.Task[None]") -> None:
    """Wait for kopf to obey its stop flag; told so while it discovers resources, it would retry for minutes."""
    _, late = await asyncio.wait([running], timeout=STOP_SECONDS)
    for task in late:
        task.cancel()
    # what a watch that is being stopped still has to complain about is nobody's concern any more
    await asyncio.gather(running, return_exceptions=True)


async def connection_info(connection: Connection) -> kopf.ConnectionInfo:
    """Our way to the API server in kopf's words, with a token that is fresh now; kopf asks again after a 401."""
    access = await connection.access()
    return kopf.ConnectionInfo(
        server=access.server,
        ca_path=access.ca_file,
        insecure=not access.verify,
        certificate_path=access.certificate_file,
        private_key_path=access.key_file,
        scheme="Bearer" if access.token else None,
        token=access.token,
        proxy_url=access.proxy,
    )


def feed_settings(kinds: Sequence[Kind]) -> kopf.OperatorSettings:
    """kopf's settings for a feed of any size: no peering, no scanning, no events; the labels are matched by the server."""
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 310
    settings.watching.connect_timeout = 30
    settings.watching.reconnect_backoff = 1
    settings.watching.initial_streaming = False
    settings.queueing.idle_timeout = 0.1
    settings.queueing.worker_limit = None
    settings.networking.request_timeout = 30
    settings.networking.error_backoffs = _Backoffs()
    # nothing is ever written, so nothing has to be compared with what was written last: kopf would copy every object for it
    settings.persistence.diffbase_storage = _NoDifferences()
    # never used; but if it were, it must not look like somebody else's
    settings.persistence.finalizer = f"{GROUP}/unused"
    settings.process.ultimate_exiting_timeout = 30
    for kind in kinds:
        if kind in LABELLED_KINDS:
            settings.watching.label_selectors[kind.group, kind.version, kind.plural] = PART_LABEL
    return settings


class _NoDifferences(kopf.DiffBaseStorage):
    """Sees no difference between any two states of an object; only change handlers would ask, and there are none."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        raise AssertionError("cannot happen: no change handler is registered")


class _Backoffs:
    """About two minutes of retries, then the watch has failed for good; iterated anew for every request."""

    def __iter__(self) -> Iterator[float]:
        for seconds in (1, 1, 2, 3, 5, 8, 13, 21, 30, 30):
            yield seconds * random.uniform(0.75, 1.0)  # noqa: S311 - spreads retries, hides nothing


def quieten() -> None:
    """Let kopf and aiohttp speak only of trouble, unless the operator runs at DEBUG."""
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        return
    for name in ("kopf", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)

"""What the kubelet and Prometheus ask the operator: `/livez`, `/readyz`, `/metrics`, on one port.

`/livez` fails only on what a restart repairs: a loop that hangs, a reconcile that ignores its deadline, a watch that loses
events again and again. A silent watch alone is no proof of anything: a quiet cluster looks the same.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

MAX_LOOP_LAG = 5.0
MAX_RECONCILE = 180.0
MAX_LOSSY_ROUNDS = 3


@dataclass(slots=True)
class LoopLag:
    """Measures how much later than asked the event loop comes round, in seconds."""

    interval: float = 0.5
    monotonic: Callable[[], float] = time.monotonic
    last: float = 0.0

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            asked = self.monotonic() + self.interval
            await asyncio.sleep(self.interval)
            self.last = max(0.0, self.monotonic() - asked)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What health is judged by; each is looked up when someone asks."""

    loop_lag: Callable[[], float]
    oldest_reconcile: Callable[[], float]
    watch_age: Callable[[], float]
    lossy_rounds: Callable[[], int]
    """Audits in a row that had to repair what the watch had lost."""

    def ailments(self) -> list[str]:
        """Why a restart would help, one sentence each; empty when it would not."""
        found: list[str] = []
        if (lag := self.loop_lag()) > MAX_LOOP_LAG:
            found.append(f"the event loop was {lag:.1f} s late")
        if (running := self.oldest_reconcile()) > MAX_RECONCILE:
            found.append(f"a reconcile has been running for {running:.0f} s and ignores its deadline")
        if (rounds := self.lossy_rounds()) >= MAX_LOSSY_ROUNDS:
            found.append(f"the watch lost events in each of the last {rounds} audits")
        return found

    def summary(self) -> str:
        """One line for a person who asks."""
        return (
            f"loop lag {self.loop_lag():.2f} s, oldest reconcile {self.oldest_reconcile():.0f} s, "
            f"last watch event {self.watch_age():.0f} s ago"
        )


@dataclass(slots=True)
class Probes:
    """The HTTP server of the three endpoints. `start`, then `stop`; `port` 0 takes a free one."""

    vitals: Vitals
    ready: Callable[[], bool]
    registry: CollectorRegistry
    host: str | None = None
    """`None`: every address, as the kubelet and Prometheus ask from outside the pod."""
    port: int = 8080
    _runner: web.AppRunner | None = field(default=None)

    async def start(self) -> int:
        """Listen, and answer the port; raises `OSError` when it is taken."""
        self._runner = web.AppRunner(self._app(), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the port and every connection to it."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application()
        handlers: Mapping[str, Callable[[web.Request], web.Response]] = {
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/metrics": self._metrics,
        }
        for path, handler in handlers.items():
            app.router.add_get(path, _answering(handler))
        return app

    def _livez(self, _request: web.Request) -> web.Response:
        ailments = self.vitals.ailments()
        text = "; ".join(ailments) or f"alive: {self.vitals.summary()}"
        return web.Response(status=503 if ailments else 200, text=f"{text}\n")

    def _readyz(self, _request: web.Request) -> web.Response:
        if self.ready():
            return web.Response(text="ready: the store is complete\n")
        return web.Response(status=503, text="not ready: the store is not complete yet, or the operator is stopping\n")

    def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answering(handler: Callable[[web.Request], web.Response]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        return handler(request)

    return answer

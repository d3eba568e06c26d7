"""The workers: take a due key, freeze a snapshot, let the kind's reconcile bring it about, decide when to come back.

Whatever a reconcile does (raise, hang, be refused), it costs its own key a delay and no worker its life.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cluster.port import ApiError, ApiRejected, ApiUnavailable
from connector_operator.domain.result import ReconcileResult
from connector_operator.domain.snapshot import Key
from connector_operator.engine.metrics import Metrics, Result
from connector_operator.engine.queue import QueueClosed, WorkQueue
from connector_operator.engine.schedule import Taken
from connector_operator.engine.store import Store

Reconcile = Callable[[Any], Awaitable[ReconcileResult]]
"""From the kind's snapshot (`RuntimeSnapshot`, `ConnectorSnapshot`, `PolicySnapshot`) to what comes next."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EnginePace:
    """How much at once and how long, in seconds."""

    workers: int = 32
    deadline: float = 60.0
    """For one reconcile; each call in it has a shorter one of its own."""
    drain: float = 10.0
    """For what runs when the operator is told to stop."""
    rejected: float = 300.0
    """Until a request that the API server refused is tried again although nothing changed."""


@dataclass(slots=True)
class Engine:
    """Runs reconciles from the queue. `run` until `stop`; both are called once."""

    store: Store
    queue: WorkQueue[Key]
    reconcilers: Mapping[str, Reconcile]
    """By kind."""
    metrics: Metrics
    pace: EnginePace = field(default_factory=EnginePace)
    monotonic: Callable[[], float] = time.monotonic
    _started: dict[Key, float] = field(default_factory=dict[Key, float])
    _settled: dict[Key, bool] = field(default_factory=dict[Key, bool])
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    def settled(self, key: Key) -> bool:
        """Whether the key's last reconcile said that nothing is on its way; false before the first one."""
        return self._settled.get(key, False)

    @property
    def oldest_reconcile(self) -> float:
        """For how many seconds the longest running reconcile has been running; 0 when none is."""
        return self.monotonic() - min(self._started.values()) if self._started else 0.0

    def start(self) -> None:
        """Make the workers; they find nothing to do before `Intake.begin`."""
        names = [f"reconcile-{number}" for number in range(self.pace.workers)]
        self._tasks.extend(asyncio.create_task(self._work(), name=name) for name in names)

    async def stop(self) -> None:
        """Take nothing more and wait for what runs; what then still runs is cancelled: the next start will see to it."""
        self.queue.close()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self.pace.drain)
        for task in late:
            task.cancel()
        if self._started:
            _log.warning("cancelled after %.0f s: %s", self.pace.drain, ", ".join(map(str, self._started)))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                taken = await self.queue.get()
            except QueueClosed:
                return
            await self._visit(taken)

    async def _visit(self, taken: Taken[Key]) -> None:
        key = taken.key
        self.metrics.queue_seconds.observe(taken.waited)
        self._started[key] = self.monotonic()
        try:
            result = await self._attempt(key)
        finally:
            took = self.monotonic() - self._started.pop(key)
        self.metrics.reconciles.labels(key.kind, result).inc()
        self.metrics.reconcile_seconds.labels(key.kind).observe(took)

    async def _attempt(self, key: Key) -> Result:
        """Run one reconcile, give the key back, and say in a word how it ended."""
        try:
            async with asyncio.timeout(self.pace.deadline):
                snapshot = self._snapshot(key)
                done = None if snapshot is None else await self.reconcilers[key.kind](snapshot)
        except Exception as error:
            result, at_least = self._judge(key, error)
            self._settled[key] = False
            self.queue.failed(key, at_least=at_least)
            return result
        except BaseException:
            self.queue.done(key)  # cancelled: the operator stops
            raise
        if done is None:
            self._gone(key)
            return "gone"
        self._succeeded(key, done)
        return "ok"

    def _judge(self, key: Key, error: Exception) -> tuple[Result, float]:
        """Name a failure, log it, and say for how long at least there is no use in trying again."""
        match error:
            case ApiUnavailable():
                _log.warning("%s: %s; it will be tried again", key, error)
                return "unavailable", min(error.retry_after or 0.0, self.pace.rejected)
            case ApiRejected():
                _log.error("%s: %s; it will be tried again when its input changes", key, error)
                return "rejected", self.pace.rejected
            case ApiError():
                _log.info("%s: %s; it will be looked at again", key, error)
                return "stale", 0.0
            case TimeoutError():
                _log.error("%s: cannot reconcile within %.0f s; it will be tried again", key, self.pace.deadline)
                return "timeout", 0.0
            case _:
                message = "%s: cannot reconcile for a reason that nobody foresaw; it will be tried again"
                _log.error(message, key, exc_info=error)
                return "crashed", 0.0

    def _succeeded(self, key: Key, result: ReconcileResult) -> None:
        self._settled[key] = result.settled
        if result.written is not None:
            self.store.acknowledge(result.written)
        self.queue.done(key, requeue_after=result.requeue_after or (self.pace.rejected if result.refused else None))
        if result.bindings is not None:
            for connector in self.store.set_bindings(key, result.bindings):
                self.queue.add(connector)

    def _snapshot(self, key: Key) -> Any:
        take: Mapping[str, Callable[[Key], Any]] = {
            CONNECTOR_RUNTIME.kind: self.store.runtime_snapshot,
            CONNECTOR.kind: self.store.connector_snapshot,
            CONNECTOR_POLICY.kind: self.store.policy_snapshot,
        }
        return take[key.kind](key)

    def _gone(self, key: Key) -> None:
        """The custom resource is gone: its objects go with it by owner reference, its Connectors lose a runtime."""
        self._settled.pop(key, None)
        self.queue.done(key)
        self.queue.forget(key)
        if key.kind == CONNECTOR_RUNTIME.kind:
            for connector in self.store.set_bindings(key, {}):
                self.queue.add(connector)

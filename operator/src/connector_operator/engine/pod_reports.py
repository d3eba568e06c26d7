"""Asks worker pods how they are (docs/worker-contract.md §3): seldom when all is calm, every second while something moves."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from connector_operator.api.kinds import CONNECTOR_RUNTIME
from connector_operator.cluster.pods import PodUnreachable
from connector_operator.domain.objects import POD, RUNTIME_LABEL, Object, at, labels_of, ref_of, uid_of
from connector_operator.domain.reports import PodReport, read_status
from connector_operator.domain.snapshot import Key
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.store import Store

FetchStatus = Callable[[str], Awaitable[bytes]]
"""From a pod's address to the body of its `/status`; raises `PodUnreachable`."""


@dataclass(frozen=True, slots=True)
class PollPace:
    """How often to ask, in seconds."""

    calm: float = 10.0
    eager: float = 1.0
    """While the pod's runtime is not settled,"""
    eager_for: float = 300.0
    """but not longer than this: a runtime that never settles is asked calmly, too."""
    jitter: float = 0.2
    """Each interval is multiplied by a random factor between 1 - jitter and 1 + jitter."""
    tick: float = 0.25
    failures: int = 3
    """So many failures in a row replace what the pod said by why it says nothing."""
    concurrency: int = 16


@dataclass(slots=True)
class _Polled:
    """What is remembered about asking one pod."""

    factor: float
    at: float = float("-inf")
    failures: int = 0
    asking: bool = False


@dataclass(slots=True)
class PodReports:
    """Keeps the store's pod reports fresh; tells the intake only what is news."""

    store: Store
    intake: Intake
    fetch: FetchStatus
    settled: Callable[[Key], bool]
    metrics: Metrics
    pace: PollPace = field(default_factory=PollPace)
    monotonic: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.Random)
    _polled: dict[str, _Polled] = field(default_factory=dict[str, _Polled])
    _unsettled_since: dict[Key, float] = field(default_factory=dict[Key, float])
    _due: asyncio.Queue[Object] = field(default_factory=asyncio.Queue[Object])

    async def run(self) -> None:
        """Ask for ever."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.pace.concurrency):
                group.create_task(self._ask_due(), name=f"pod-reports-{number}")
            while True:
                self.look()
                await asyncio.sleep(self.pace.tick)

    def look(self) -> None:
        """Line up the pods that are due, and drop what is no longer to be believed."""
        pods = [pod for pod in self.store.all(POD) if RUNTIME_LABEL in labels_of(pod)]
        self._forget_others(pods)
        for pod in pods:
            if not _can_answer(pod):
                self.intake.report(pod, None)  # a dead pod's last words are not how things are
            elif self._is_due(pod):
                self._polled[uid_of(pod)].asking = True
                self._due.put_nowait(pod)

    def _forget_others(self, pods: list[Object]) -> None:
        uids, runtimes = {uid_of(pod) for pod in pods}, {_runtime(pod) for pod in pods}
        self._polled = {uid: polled for uid, polled in self._polled.items() if uid in uids}
        self._unsettled_since = {key: since for key, since in self._unsettled_since.items() if key in runtimes}

    def _is_due(self, pod: Object) -> bool:
        polled = self._polled.get(uid_of(pod))
        if polled is None:
            polled = self._polled[uid_of(pod)] = _Polled(self._factor())
        interval = self._interval(_runtime(pod))
        return not polled.asking and self.monotonic() - polled.at >= interval * polled.factor

    def _interval(self, runtime: Key) -> float:
        if self.settled(runtime):
            self._unsettled_since.pop(runtime, None)
            return self.pace.calm
        since = self._unsettled_since.setdefault(runtime, self.monotonic())
        return self.pace.eager if self.monotonic() - since < self.pace.eager_for else self.pace.calm

    def _factor(self) -> float:
        return self.chance.uniform(1 - self.pace.jitter, 1 + self.pace.jitter)

    async def _ask_due(self) -> None:
        while True:
            pod = await self._due.get()
            await self._ask(pod, self._polled.get(uid_of(pod)) or _Polled(1.0))

    async def _ask(self, pod: Object, polled: _Polled) -> None:
        try:
            body = await self.fetch(at(pod, "status").get("podIP", ""))
        except PodUnreachable as error:
            polled.failures += 1
            self.metrics.pod_polls.labels("unreachable").inc()
            if polled.failures >= self.pace.failures:
                self._tell(pod, PodReport(pod["metadata"]["name"], None, str(error)))
        else:
            polled.failures = 0
            report = read_status(pod["metadata"]["name"], body)
            self.metrics.pod_polls.labels("ok" if report.document else "unreadable").inc()
            self._tell(pod, report)
        finally:
            polled.at, polled.factor, polled.asking = self.monotonic(), self._factor(), False

    def _tell(self, pod: Object, report: PodReport) -> None:
        now = self.store.get(ref_of(pod))
        if now is not None and uid_of(now) == uid_of(pod) and _can_answer(now):
            self.intake.report(now, report)


def _can_answer(pod: Object) -> bool:
    status = at(pod, "status")
    return status.get("phase") == "Running" and bool(status.get("podIP")) and "deletionTimestamp" not in pod["metadata"]


def _runtime(pod: Object) -> Key:
    return Key(CONNECTOR_RUNTIME.kind, pod["metadata"]["namespace"], labels_of(pod)[RUNTIME_LABEL])

"""One of several operators writes, the others wait with a complete store: a `coordination.k8s.io` Lease, as client-go keeps one.

Who holds it renews it; who waits takes it when it was not renewed for its duration by the waiter's own clock, so that clocks
need not agree. Every write of it names the revision that it is meant to follow: of two that take it at once, one is refused.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector_operator.cluster.port import LEASE, ApiConflict, ApiError, ApiUnavailable, LeaseApi
from connector_operator.domain.objects import Manifest, Object, ObjectRef, at

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeasePace:
    """In seconds. Whoever cannot renew stops writing `duration - deadline` before another one may begin."""

    duration: float = 15.0
    deadline: float = 10.0
    renew: float = 4.0
    retry: float = 1.0


class LeaseLost(Exception):  # noqa: N818 - what happened, for the one who restarts us
    """Another operator has the lease, or may have it by now; whoever had it ends, and starts anew as one that waits."""


@dataclass(slots=True)
class Lease:
    """The claim of one operator. `run` for ever, and write only while `held`."""

    api: LeaseApi
    namespace: str
    name: str
    identity: str
    pace: LeasePace = field(default_factory=LeasePace)
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    acquired: asyncio.Event = field(default_factory=asyncio.Event)
    _held_until: float = float("-inf")
    _seen: tuple[str, float] = ("", 0.0)
    """The revision of the lease as somebody else wrote it last, and since when it has been that."""

    @property
    def held(self) -> bool:
        """Whether this operator may write now."""
        return self.monotonic() < self._held_until

    async def run(self) -> None:
        """Acquire and renew until cancelled, then give it back; raises `LeaseLost` when it cannot be kept."""
        try:
            while True:
                pause = await self.step()
                await asyncio.sleep(pause)
        finally:
            await self._release()

    async def step(self) -> float:
        """Try once to get or to keep the lease; for how long to wait until the next try."""
        began = self.monotonic()
        try:
            live = await self.api.get(self._ref)
            bid = self.bid(live)
            if bid is not None:
                await self.api.put_exactly(self._ref, bid)
        except (ApiConflict, ApiUnavailable) as error:
            _log.info("%s; it will be tried again", error)
            return self._wait_or_give_up()
        if bid is None:
            if self.acquired.is_set():
                raise LeaseLost(f"{_holder(live)} has the lease {self.namespace}/{self.name}")
            return self.pace.retry
        self._held_until = began + self.pace.deadline
        if not self.acquired.is_set():
            _log.info("%s has the lease %s/%s", self.identity, self.namespace, self.name)
            self.acquired.set()
        return self.pace.renew

    def bid(self, live: Object | None) -> Manifest | None:
        """What to write to get or to keep the lease; `None` while somebody else has it."""
        if live is None or _holder(live) in ("", self.identity) or self._is_stale(live):
            return self._manifest(live, self.identity)
        return None

    def _is_stale(self, live: Object) -> bool:
        revision, now = live["metadata"]["resourceVersion"], self.monotonic()
        if self._seen[0] != revision:
            self._seen = (revision, now)
        return now - self._seen[1] >= at(live, "spec").get("leaseDurationSeconds", self.pace.duration)

    def _wait_or_give_up(self) -> float:
        if self.acquired.is_set() and not self.held:
            raise LeaseLost(f"the lease {self.namespace}/{self.name} was not renewed in time")
        return self.pace.retry

    async def _release(self) -> None:
        """Let the next one begin at once; a lease that cannot be given back runs out."""
        if not self.held:
            return
        self._held_until = float("-inf")
        try:
            live = await self.api.get(self._ref)
            if live is not None and _holder(live) == self.identity:
                await self.api.put_exactly(self._ref, self._manifest(live, ""))
        except ApiError as error:
            _log.warning("%s; the lease runs out by itself", error)

    def _manifest(self, live: Object | None, holder: str) -> Manifest:
        before, now = at(live, "spec"), self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        same = before.get("holderIdentity") == holder
        spec: dict[str, Any] = {
            "holderIdentity": holder,
            "leaseDurationSeconds": max(1, round(self.pace.duration)),
            "acquireTime": before["acquireTime"] if same and "acquireTime" in before else now,
            "renewTime": now,
            "leaseTransitions": before.get("leaseTransitions", 0) + (0 if same or live is None else 1),
        }
        metadata = {"name": self.name, "namespace": self.namespace}
        if live is not None:
            metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
        return {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": metadata, "spec": spec}

    @property
    def _ref(self) -> ObjectRef:
        return ObjectRef(LEASE, self.namespace, self.name)


def _holder(live: Object | None) -> str:
    return str(at(live, "spec").get("holderIdentity") or "")

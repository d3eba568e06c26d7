"""Compares the store with the API server: once before anything is decided, and every few minutes for ever.

A watch can lose events without saying so (objects that were deleted while it was broken, above all). The audit asks only for
names, uids and revisions, and believes a single answer as little as it believes the watch: nothing is purged or fetched
because of one list alone.
"""

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connector_operator.api.kinds import Kind
from connector_operator.cluster.port import ApiError, KubeApi, ObjectIdentity
from connector_operator.domain.objects import LABELLED_KINDS, PART_LABEL, Object, ObjectRef, labels_of, ref_of, uid_of
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditPace:
    """When to look, in seconds."""

    interval: tuple[float, float] = (300.0, 600.0)
    second_look: float = 60.0
    """An object that is still behind after this long is fetched."""
    poll: float = 0.05
    """How often the barrier looks whether the feed has delivered."""
    patience: float = 5.0
    """How long the barrier waits for the feed before it lists again."""
    retry: float = 2.0
    """Pause after a list that failed."""
    in_vain: int = 24
    """After so many times of patience in which the feed delivered nothing, the barrier gives up."""


class FeedSilent(Exception):  # noqa: N818 - what happened, for the one who restarts us
    """The feed does not deliver what the API server has: it was set up while the API server did not know our kinds, perhaps."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is watched: the kinds, and the namespaces when not all."""

    kinds: Sequence[Kind]
    namespaces: tuple[str, ...] = ()

    def places(self) -> Iterable[tuple[Kind, str]]:
        """Every (kind, namespace) to list; the namespace is empty for all, and for a kind that is in none."""
        return [(kind, place) for kind in self.kinds for place in (self.namespaces if kind.namespaced else ()) or ("",)]


@dataclass(slots=True)
class Audit:
    """The only caller of lists; what it finds goes the way of a watch event."""

    api: KubeApi
    store: Store
    intake: Intake
    metrics: Metrics
    scope: Scope
    pace: AuditPace = field(default_factory=AuditPace)
    chance: random.Random = field(default_factory=random.Random)
    lossy_rounds: int = 0
    """How many audits in a row had to repair something: the watch is broken when that goes on."""

    async def barrier(self) -> None:
        """Return when the store holds every object that a list names; says in the log what it waits for; or `FeedSilent`."""
        wanted = await self._list_until_answered()
        in_vain = 0
        while missing := self._missing(wanted):
            if not await self._delivered(missing):
                in_vain = in_vain + 1 if len(self._missing(missing)) == len(missing) else 0
                if in_vain == self.pace.in_vain:
                    raise FeedSilent(f"the watch does not deliver {_some(missing)}, which the API server has")
                _log.warning("waiting for the watch to deliver %d objects: %s", len(missing), _some(missing))
                # what is missing may be gone by now
                wanted = await self._list_until_answered()
        _log.info("the store is complete: %s", self.store.sizes())

    async def run(self) -> None:
        """Audit for ever."""
        while True:
            await asyncio.sleep(self.chance.uniform(*self.pace.interval))
            try:
                await self.once()
            except ApiError as error:
                self.metrics.audits.labels("failed").inc()
                _log.warning("skipped an audit: %s", error)

    async def once(self) -> None:
        """One audit: purge ghosts, look twice at what is behind, fetch what stays behind; raises `ApiError`."""
        before = {(one.ref, one.uid): one for one in self._stored()}
        listed = await self._list()
        present = {(one.ref, one.uid) for one in listed}
        ghosts = [one for key, one in before.items() if key not in present]
        purged = [one for one in ghosts if await self._purge(one)]
        behind = {one.ref: one for one in listed if self._revision(one.ref) != one.resource_version}
        repaired = await self._repair(behind)
        self.lossy_rounds = self.lossy_rounds + 1 if purged or repaired else 0
        self.metrics.audits.labels("repaired" if purged or repaired else "clean").inc()

    async def _purge(self, ghost: ObjectIdentity) -> bool:
        live = await self.api.get(ghost.ref)
        if live is not None and uid_of(live) == ghost.uid and _is_ours(live):
            return False  # the list was of an older day than the store
        if self._revision(ghost.ref) != ghost.resource_version:
            return False  # the watch has caught up meanwhile
        _log.warning("purged a ghost: %s is gone, the watch never said so", ghost.ref)
        self.metrics.ghosts.labels(ghost.ref.kind.plural).inc()
        self.intake.vanish(ghost.ref, uid=ghost.uid)
        return True

    async def _repair(self, behind: dict[ObjectRef, ObjectIdentity]) -> int:
        """Fetch what has not moved in the store between two looks although the API server has another revision."""
        if not behind:
            return 0
        seen = {ref: self._revision(ref) for ref in behind}
        await asyncio.sleep(self.pace.second_look)
        repaired = 0
        for ref in (ref for ref, revision in seen.items() if self._revision(ref) == revision):
            live = await self.api.get(ref)
            if live is None or not _is_ours(live):
                continue  # gone or unlabelled: a ghost, if the next audit still finds it in the store
            if live["metadata"]["resourceVersion"] != seen[ref] and self._revision(ref) == seen[ref]:
                _log.warning("fetched %s: the watch had not told its newest revision", ref)
                self.metrics.repairs.labels(ref.kind.plural).inc()
                self.intake.appear(live, even_older=True)
                repaired += 1
        return repaired

    async def _delivered(self, missing: list[ObjectIdentity]) -> bool:
        for _ in range(max(1, int(self.pace.patience / self.pace.poll))):
            if not self._missing(missing):
                return True
            await asyncio.sleep(self.pace.poll)
        return False

    async def _list_until_answered(self) -> list[ObjectIdentity]:
        while True:
            try:
                return await self._list()
            except ApiError as error:
                _log.warning("cannot complete the store yet: %s", error)
                await asyncio.sleep(self.pace.retry)

    async def _list(self) -> list[ObjectIdentity]:
        found: list[ObjectIdentity] = []
        for kind, namespace in self.scope.places():
            found += await self.api.list_metadata(kind, namespace=namespace, labelled=kind in LABELLED_KINDS)
        return found

    def _missing(self, wanted: Iterable[ObjectIdentity]) -> list[ObjectIdentity]:
        return [one for one in wanted if (held := self.store.get(one.ref)) is None or uid_of(held) != one.uid]

    def _stored(self) -> Iterable[ObjectIdentity]:
        for kind in self.scope.kinds:
            for obj in self.store.all(kind):
                yield ObjectIdentity(ref_of(obj), uid_of(obj), obj["metadata"]["resourceVersion"])

    def _revision(self, ref: ObjectRef) -> str:
        held = self.store.get(ref)
        return held["metadata"]["resourceVersion"] if held else ""


def _is_ours(obj: Object) -> bool:
    ref = ref_of(obj)
    return ref.kind not in LABELLED_KINDS or PART_LABEL in labels_of(obj)


def _some(missing: list[ObjectIdentity]) -> str:
    return ", ".join(str(one.ref) for one in missing[:5]) + (", …" if len(missing) > 5 else "")

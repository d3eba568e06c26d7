"""The same objects and statuses, written as fast as one asyncio client can: the floor that the operator is compared with."""

import time
from collections.abc import Sequence
from typing import Any

from crowd import Filled, in_flight

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME, Kind
from connector_operator.cli.render import catalogue_offline, render_offline
from connector_operator.cluster.client import ClusterApi
from connector_operator.domain.objects import Object, ObjectRef, uid_of
from connector_operator.domain.resolve import WorkerDefaults, resolve
from connector_operator.domain.snapshot import NamespaceSnapshot, RuntimeSnapshot


async def bare_writer(api: ClusterApi, filled: Filled) -> tuple[float, int]:
    """Write everything; seconds and writes. Rendering is not part of it."""
    manifests = [rendered(runtime, connectors) for runtime, connectors in filled]
    began = time.monotonic()
    await in_flight(lambda one=one: api.apply(one) for each in manifests for one in each)
    owners = [_owner(CONNECTOR_RUNTIME, runtime) for runtime, _ in filled]
    owners += [_owner(CONNECTOR, connector) for _, connectors in filled for connector in connectors]
    await in_flight(lambda ref=ref, uid=uid: api.apply_status(ref, uid=uid, status=pending_status()) for ref, uid in owners)
    return time.monotonic() - began, sum(map(len, manifests)) + len(owners)


def rendered(runtime: Object, connectors: Sequence[Object]) -> tuple[dict[str, Any], ...]:
    """All objects of one ConnectorRuntime."""
    namespace = NamespaceSnapshot(runtime["metadata"]["namespace"], {}, (), {})
    snapshot = RuntimeSnapshot(runtime, namespace, tuple(connectors), owned=())
    resolved = resolve(snapshot, WorkerDefaults("runtime:bench"))
    return render_offline(resolved, catalogue_offline(snapshot, resolved)).manifests


def pending_status() -> dict[str, Any]:
    """A status of the size that the operator writes while no pod has reported."""
    words = ("Accepted", "Bound", "Loaded", "Published", "Ready")
    return {"observedGeneration": 1, "conditions": [_condition(word) for word in words]}


def _owner(kind: Kind, obj: Object) -> tuple[ObjectRef, str]:
    return ObjectRef(kind, obj["metadata"]["namespace"], obj["metadata"]["name"]), uid_of(obj)


def _condition(word: str) -> dict[str, Any]:
    times = {"lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}
    return {"type": word, "status": "False", "reason": "Pending", "message": "no worker pod has reported yet", **times}

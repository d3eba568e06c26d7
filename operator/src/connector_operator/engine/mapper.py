"""Which custom resources a change touches: the only place that knows who depends on whom.

Rather one key too many than one too few: a reconcile without a difference writes nothing. But the operator's own status writes
touch only the resource itself, or two resources could keep each other busy for ever.
"""

from collections.abc import Callable
from typing import Any

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.domain.objects import (
    CONFIG_MAP,
    CUSTOM_KINDS,
    NAMESPACE,
    PART_LABEL,
    RUNTIME_LABEL,
    SOURCE_PART,
    Object,
    ObjectRef,
    annotations_of,
    labels_of,
    uid_of,
)
from connector_operator.domain.snapshot import Key
from connector_operator.engine.store import Store
from connector_operator.engine.trim import unrevised

_REQUESTED_AT = "reconcile.fluxcd.io/requestedAt"
"""Flux' `reconcile` command and people set it to ask for a visit: https://fluxcd.io/flux/components/source/api/v1/"""


def touched(store: Store, ref: ObjectRef, previous: Object | None, current: Object | None) -> set[Key]:
    """The keys to reconcile after an object changed from `previous` to `current` (`None`: was not, or is no longer, there)."""
    if (previous and unrevised(previous)) == (current and unrevised(current)):
        return set()
    if ref.kind in CUSTOM_KINDS:
        return _by_custom_resource(store, ref, previous, current)
    if ref.kind == NAMESPACE:
        return _by_namespace(store, ref.name, previous, current)
    return _by_label(store, ref, previous, current)


def _by_custom_resource(store: Store, ref: ObjectRef, previous: Object | None, current: Object | None) -> set[Key]:
    itself = {Key(ref.kind.kind, ref.namespace, ref.name)}
    if _intent(previous) != _intent(current):
        return itself | _DEPENDANTS[ref.kind](store, ref.namespace)
    # a status that someone else changed is put right; one that we changed ourselves shows no difference then
    return itself if _status(previous) != _status(current) else set()


def _on_connector(store: Store, namespace: str) -> set[Key]:
    return store.keys(CONNECTOR_RUNTIME, namespace) | store.keys(CONNECTOR_POLICY)


def _on_runtime(store: Store, namespace: str) -> set[Key]:
    return store.keys(CONNECTOR, namespace)


def _on_policy(store: Store, _namespace: str) -> set[Key]:
    return store.keys(CONNECTOR_RUNTIME) | store.keys(CONNECTOR)


_DEPENDANTS: dict[Kind, Callable[[Store, str], set[Key]]] = {
    CONNECTOR: _on_connector,
    CONNECTOR_RUNTIME: _on_runtime,
    CONNECTOR_POLICY: _on_policy,
}


def _by_namespace(store: Store, name: str, previous: Object | None, current: Object | None) -> set[Key]:
    if previous is not None and current is not None and labels_of(previous) == labels_of(current):
        return set()
    return _all_in(store, name) | store.keys(CONNECTOR_POLICY)


def _by_label(store: Store, ref: ObjectRef, previous: Object | None, current: Object | None) -> set[Key]:
    """Objects of ours touch their runtime, sources everything in their namespace; both labels, before and after, count."""
    keys: set[Key] = set()
    for labels in (labels_of(obj) for obj in (previous, current) if obj is not None):
        if RUNTIME_LABEL in labels:
            keys.add(Key(CONNECTOR_RUNTIME.kind, ref.namespace, labels[RUNTIME_LABEL]))
        if ref.kind == CONFIG_MAP and labels.get(PART_LABEL) == SOURCE_PART:
            keys |= _all_in(store, ref.namespace)
    return keys


def _all_in(store: Store, namespace: str) -> set[Key]:
    return store.keys(CONNECTOR_RUNTIME, namespace) | store.keys(CONNECTOR, namespace)


def _intent(obj: Object | None) -> Any:
    """What a custom resource asks of us: changes with the spec, labels, an explicit request, deletion, or re-creation."""
    if obj is None:
        return None
    metadata = obj["metadata"]
    asked = annotations_of(obj).get(_REQUESTED_AT)
    return uid_of(obj), metadata.get("generation"), labels_of(obj), asked, metadata.get("deletionTimestamp")


def _status(obj: Object | None) -> Any:
    return (obj or {}).get("status")

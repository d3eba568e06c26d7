"""What to write and why: desired compared with observed, as data that can be printed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import (
    CONFIG_MAP,
    POD,
    REPLICA_SET,
    SERVICE,
    SERVICE_ACCOUNT,
    Manifest,
    Object,
    ObjectRef,
    annotations_of,
    at,
    list_at,
    ref_of,
    uid_of,
)
from connector_operator.domain.observed import HASH_ANNOTATION, Observed
from connector_operator.domain.quantity import same_quantity

_QUANTITIES = frozenset({"requests", "limits", "sizeLimit", "divisor"})
"""The members of a manifest that are quantities, or whose own members are, by any resource's name."""

_NEVER_SURPLUS = (SERVICE, SERVICE_ACCOUNT)
"""Every runtime has one of each as long as it lives: the operator has no right to delete any."""

_EMPTY: tuple[Any, ...] = ({}, [], None)
"""What the API server leaves out of most places where it is written."""


@dataclass(frozen=True, slots=True)
class Apply:
    """One manifest to apply, and why: `create`, `change` or `drift`."""

    manifest: Manifest
    why: str


@dataclass(frozen=True, slots=True)
class Delete:
    """One object of ours that is no longer desired."""

    ref: ObjectRef
    uid: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The writes of one reconcile, in order; empty at rest."""

    apply: tuple[Apply, ...]
    delete: tuple[Delete, ...]

    def __str__(self) -> str:
        lines = [f"{step.why:<7} {ref_of(step.manifest)}" for step in self.apply]
        lines += [f"delete  {step.ref}" for step in self.delete]
        return "\n".join(lines) or "nothing to do"


def make_plan(desired: DesiredObjects, observed: Observed) -> Plan:
    """Compare what is wanted with what is there."""
    steps = (_compare(manifest, observed.by_ref.get(ref_of(manifest))) for manifest in desired.manifests)
    wanted = {ref_of(manifest) for manifest in desired.manifests}
    in_use = set(_used_config_maps(observed))
    surplus = sorted(
        ref
        for ref, obj in observed.by_ref.items()
        if ref not in wanted and _is_prunable(ref, obj) and not (ref.kind == CONFIG_MAP and ref.name in in_use)
    )
    return Plan(
        tuple(step for step in steps if step),
        tuple(Delete(ref, uid_of(observed.by_ref[ref])) for ref in surplus),
    )


def _is_prunable(ref: ObjectRef, obj: Object) -> bool:
    """Only what a runtime owns by uid (`observe` has compared it): a label alone, which anybody may write, deletes nothing."""
    if ref.kind in _NEVER_SURPLUS:
        return False
    owners = list_at(obj, "metadata", "ownerReferences")
    return any(owner.get("kind") == "ConnectorRuntime" for owner in owners)


def _compare(manifest: Manifest, live: Object | None) -> Apply | None:
    if live is None:
        return Apply(manifest, "create")
    if annotations_of(live).get(HASH_ANNOTATION) != annotations_of(manifest)[HASH_ANNOTATION]:
        return Apply(manifest, "change")
    return None if contains(live, manifest) else Apply(manifest, "drift")


def contains(live: Any, desired: Any, *, quantities: bool = False) -> bool:
    """Whether everything that is desired is there; members that others added do not matter.

    Lists of objects with names are compared by name, as server-side apply merges them; other lists must be equal in length.
    `quantities`: the members are Kubernetes quantities, equal in any spelling.
    """
    if isinstance(desired, Mapping):
        return isinstance(live, Mapping) and _contains_members(cast("Object", live), cast("Object", desired), quantities)
    if isinstance(desired, Sequence) and not isinstance(desired, str):
        is_list = isinstance(live, Sequence) and not isinstance(live, str)
        return is_list and _contains_items(cast("Sequence[Any]", live), cast("Sequence[Any]", desired))
    return live == desired or (quantities and same_quantity(live, desired))


def _contains_members(live: Object, desired: Object, quantities: bool) -> bool:  # noqa: FBT001 - handed on as it came
    return all(
        contains(live[name], value, quantities=quantities or name in _QUANTITIES) if name in live else value in _EMPTY
        for name, value in desired.items()
    )


def _contains_items(live: Sequence[Any], desired: Sequence[Any]) -> bool:
    named: dict[Any, Object] = {
        cast("Object", item)["name"]: cast("Object", item) for item in live if isinstance(item, Mapping) and "name" in item
    }
    if desired and len(named) == len(live) and all(isinstance(item, Mapping) and "name" in item for item in desired):
        return all(contains(named.get(item["name"]), item) for item in desired)
    return len(live) == len(desired) and all(contains(a, b) for a, b in zip(live, desired, strict=True))


def _used_config_maps(observed: Observed) -> Iterable[str]:
    """ConfigMaps that an existing pod or ReplicaSet mounts: they stay, for restarts and for `kubectl rollout undo`."""
    for ref, obj in observed.by_ref.items():
        if ref.kind == POD:
            yield from _mounted(at(obj, "spec"))
        elif ref.kind == REPLICA_SET:
            yield from _mounted(at(obj, "spec", "template", "spec"))


def _mounted(pod_spec: Mapping[str, Any]) -> Iterable[str]:
    for volume in list_at(pod_spec, "volumes"):
        if name := at(volume, "configMap").get("name"):
            yield name


def canonical(manifest: Manifest) -> str:
    """The one text of a manifest that its hash is made of."""
    return json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

"""Executes a plan: apply in the given order, then prune. The only place that writes objects of a worker."""

from dataclasses import dataclass, replace
from typing import Any

from connector_operator.api.conditions import Reason
from connector_operator.cluster.port import ApiConflict, ApiRejected, KubeApi
from connector_operator.domain.applied import AppliedObjects
from connector_operator.domain.objects import Manifest, Object, ObjectRef, list_at, ref_of, uid_of
from connector_operator.domain.plan import Apply, Plan
from connector_operator.domain.problem import Problem

_NO_REVISION = "1"
"""The revision of an empty database: no object has it, so what names it is applied where nothing is, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The ConnectorRuntime whose objects are written."""

    uid: str
    name: str


async def execute(api: KubeApi, plan: Plan, owner: Owner) -> AppliedObjects:
    """Carry out a plan; retryable errors of the API server pass through.

    A stop half-way leaves what ran before running, since pods come after what they mount.
    """
    applied: dict[ObjectRef, Object] = {}
    for step in plan.apply:
        done = await _carry_out(api, step, owner)
        applied.update(done.by_ref)
        if done.problem or done.awaited:
            return replace(done, by_ref=applied)
    for deletion in plan.delete:
        await api.delete(deletion.ref, uid=deletion.uid)
    return AppliedObjects(applied)


async def _carry_out(api: KubeApi, step: Apply, owner: Owner) -> AppliedObjects:
    ref = ref_of(step.manifest)
    try:
        if step.why == "create":
            return await _create(api, step.manifest, owner)
        return AppliedObjects({ref: await api.apply(step.manifest)})
    except ApiRejected as error:
        problem = Problem(Reason.INVALID_SPEC, f"{ref} is refused by the API server: {error.message}")
        return AppliedObjects({}, problem=problem)


async def _create(api: KubeApi, manifest: Manifest, owner: Owner) -> AppliedObjects:
    """Apply what the store does not know, but not to an object that somebody else made under our name.

    To look first would be a second call for every object, and somebody might be faster between the two.
    """
    ref = ref_of(manifest)
    try:
        return AppliedObjects({ref: await api.apply(_with(manifest, resourceVersion=_NO_REVISION))})
    except ApiConflict:
        live = await api.get(ref)
        if live is None:
            raise
    found = _owner(live)
    if found is None or found.get("name") != owner.name:
        return AppliedObjects({}, problem=_not_owned(ref))
    if found.get("uid") != owner.uid:
        return AppliedObjects({}, awaited=f"{ref} of an earlier ConnectorRuntime of this name is being removed")
    return AppliedObjects({ref: await api.apply(_with(manifest, uid=uid_of(live)))})


def _with(manifest: Manifest, **precondition: Any) -> Manifest:
    return manifest | {"metadata": manifest["metadata"] | precondition}


def _owner(live: Object) -> Object | None:
    owners = list_at(live, "metadata", "ownerReferences")
    return next((owner for owner in owners if owner.get("kind") == "ConnectorRuntime"), None)


def _not_owned(ref: ObjectRef) -> Problem:
    return Problem(
        Reason.NOT_OWNED,
        f"{ref} exists and does not belong to this ConnectorRuntime: it is left untouched; delete it, or rename the runtime",
    )

"""Executes a plan: apply in the given order, then prune. The only place that writes objects of a worker."""

from connector_operator.api.conditions import Reason
from connector_operator.cluster.port import ApiRejected, KubeApi
from connector_operator.domain.applied import AppliedObjects
from connector_operator.domain.objects import Object, ObjectRef, list_at, ref_of
from connector_operator.domain.plan import Plan
from connector_operator.domain.problem import Problem


async def execute(api: KubeApi, plan: Plan, *, owner_uid: str, owner_name: str) -> AppliedObjects:
    """Carry out a plan for one ConnectorRuntime; retryable errors of the API server pass through.

    What the store does not know is read before it is applied: server-side apply would otherwise take over an object that
    somebody else made under our name. A stop half-way leaves what ran before running, since pods come after what they mount.
    """
    applied: dict[ObjectRef, Object] = {}
    for step in plan.apply:
        ref = ref_of(step.manifest)
        if step.why == "create" and (live := await api.get(ref)) is not None:
            owner = _owner(live)
            if owner is None or owner.get("name") != owner_name:
                return AppliedObjects(applied, problem=_not_owned(ref))
            if owner.get("uid") != owner_uid:
                return AppliedObjects(applied, awaited=f"{ref} of an earlier ConnectorRuntime of this name is being removed")
        try:
            applied[ref] = await api.apply(step.manifest)
        except ApiRejected as error:
            return AppliedObjects(
                applied, problem=Problem(Reason.INVALID_SPEC, f"{ref} is refused by the API server: {error.message}")
            )
    for deletion in plan.delete:
        await api.delete(deletion.ref, uid=deletion.uid)
    return AppliedObjects(applied)


def _owner(live: Object) -> Object | None:
    owners = list_at(live, "metadata", "ownerReferences")
    return next((owner for owner in owners if owner.get("kind") == "ConnectorRuntime"), None)


def _not_owned(ref: ObjectRef) -> Problem:
    return Problem(
        Reason.NOT_OWNED,
        f"{ref} exists and does not belong to this ConnectorRuntime: it is left untouched; delete it, or rename the runtime",
    )

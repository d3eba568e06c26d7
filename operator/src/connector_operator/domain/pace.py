"""How often the pods of one worker may be replaced: what would do it too soon is left out of a plan, to be looked at again."""

from collections.abc import Iterator
from dataclasses import replace

from connector_operator.domain.age import seconds_between
from connector_operator.domain.objects import DEPLOYMENT, REPLICA_SET, Manifest, Object, at, list_at, ref_of
from connector_operator.domain.observed import Observed
from connector_operator.domain.plan import Plan, contains


def paced(plan: Plan, observed: Observed, now: str, *, interval: float) -> tuple[Plan, float]:
    """The plan without the roll-outs that would follow the last one in less than `interval` seconds; and for how long to wait.

    The last roll-out is when the newest ReplicaSet was made: that is remembered where a restart of the operator finds it.
    """
    waits = {
        ref_of(step.manifest): wait
        for step in plan.apply
        if (wait := interval - _since_roll_out(step.manifest, observed, now)) > 0 and _rolls_out(step.manifest, observed)
    }
    rest = tuple(step for step in plan.apply if ref_of(step.manifest) not in waits)
    return replace(plan, apply=rest), max(waits.values(), default=0.0)


def _rolls_out(manifest: Manifest, observed: Observed) -> bool:
    live = observed.deployments.get(manifest["metadata"]["name"])
    if ref_of(manifest).kind != DEPLOYMENT or live is None:
        return False
    return not contains(at(live, "spec", "template"), manifest["spec"]["template"])


def _since_roll_out(manifest: Manifest, observed: Observed, now: str) -> float:
    ages = (seconds_between(made, now) for made in _made(manifest["metadata"]["name"], observed))
    return min(ages, default=float("inf"))


def _made(deployment: str, observed: Observed) -> Iterator[str]:
    """When the ReplicaSets of a Deployment were made."""
    for ref, obj in observed.by_ref.items():
        if ref.kind == REPLICA_SET and _belongs(obj, deployment) and "creationTimestamp" in obj["metadata"]:
            yield obj["metadata"]["creationTimestamp"]


def _belongs(replica_set: Object, deployment: str) -> bool:
    owners = list_at(replica_set, "metadata", "ownerReferences")
    return any((owner.get("kind"), owner.get("name")) == ("Deployment", deployment) for owner in owners)

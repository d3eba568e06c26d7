"""A worker's pods are not replaced again while the last roll-out has just begun; everything else is written at once."""

from typing import Any

import pytest
import scenario_objects as objects

from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import Object
from connector_operator.domain.observed import Observed, observe
from connector_operator.domain.pace import paced
from connector_operator.domain.plan import Plan, make_plan

MADE, NOW, INTERVAL = "2026-01-01T00:00:10Z", "2026-01-01T00:00:13Z", 5.0


def _replica_set(desired: DesiredObjects, made: str, *, owner: str = "shop-worker") -> dict[str, Any]:
    labels = objects.manifest(desired, "Deployment")["spec"]["template"]["metadata"]["labels"]
    owners = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "uid": "u"}]
    metadata = {"name": f"{owner}-1", "namespace": "shop", "labels": labels, "ownerReferences": owners}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata | {"creationTimestamp": made}, "spec": {}}


def _observed(desired: DesiredObjects, *more: Object) -> Observed:
    return observe(objects.runtime(), [*desired.manifests, *more])


def _desired(**spec: Any) -> DesiredObjects:
    return objects.rendered(objects.resolved(objects.connector(), of=objects.runtime(**spec)))


def _kinds(plan: Plan) -> list[str]:
    return [step.manifest["kind"] for step in plan.apply]


@pytest.mark.parametrize(("made", "waits"), [(MADE, 2.0), (NOW, 5.0)])
def test_a_roll_out_waits_for_the_rest_of_the_interval(made: str, waits: float) -> None:
    before = _desired()
    observed = _observed(before, _replica_set(before, made))
    plan, wait = paced(make_plan(_desired(image="other:2"), observed), observed, NOW, interval=INTERVAL)
    assert (_kinds(plan), wait) == ([], waits)


@pytest.mark.parametrize("made", ["2026-01-01T00:00:08Z", "2025-01-01T00:00:00Z"])
def test_after_the_interval_it_is_rolled_out(made: str) -> None:
    before = _desired()
    observed = _observed(before, _replica_set(before, made))
    assert paced(plan := make_plan(_desired(image="other:2"), observed), observed, NOW, interval=INTERVAL) == (plan, 0.0)
    assert _kinds(plan) == ["Deployment"]


def test_what_replaces_no_pod_does_not_wait() -> None:
    before = _desired()
    observed = _observed(before, _replica_set(before, NOW))
    plan, wait = paced(make_plan(_desired(replicas=3), observed), observed, NOW, interval=INTERVAL)
    assert (_kinds(plan), wait) == (["Deployment", "PodDisruptionBudget"], 0.0)


def test_what_is_not_there_yet_does_not_wait() -> None:
    observed = observe(objects.runtime(), [])
    plan, wait = paced(make_plan(_desired(), observed), observed, NOW, interval=INTERVAL)
    assert "Deployment" in _kinds(plan)
    assert wait == 0.0


def test_another_workers_roll_out_is_none_of_its_business() -> None:
    before = _desired()
    observed = _observed(before, _replica_set(before, NOW, owner="other-worker"))
    assert paced(make_plan(_desired(image="other:2"), observed), observed, NOW, interval=INTERVAL)[1] == 0.0


def test_an_interval_of_zero_holds_nothing_back() -> None:
    before = _desired()
    observed = _observed(before, _replica_set(before, NOW))
    assert paced(make_plan(_desired(image="other:2"), observed), observed, NOW, interval=0.0)[1] == 0.0

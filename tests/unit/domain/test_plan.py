"""What is written: only what differs; what is deleted: only what is ours, surplus and unused."""

from typing import Any

import pytest
import scenario_objects as objects
from hypothesis import given
from hypothesis import strategies as st

from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import Manifest, Object
from connector_operator.domain.observed import observe
from connector_operator.domain.plan import Plan, contains, make_plan


@pytest.mark.parametrize(
    ("live", "desired", "held"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"b": 2}, {"a": 1}, False),
        ({"a": 2}, {"a": 1}, False),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, True),
        ({"a": "text"}, {"a": {"b": 1}}, False),
        ({"a": None}, {"a": []}, False),
        ([1, 2], [1, 2], True),
        ([2, 1], [1, 2], False),
        ([1, 2, 3], [1, 2], False),
        ("ab", ["a", "b"], False),
        ([{"name": "a", "v": 1}, {"name": "b"}], [{"name": "a"}], True),
        ([{"name": "b"}, {"name": "a", "v": 1}], [{"name": "a", "v": 1}, {"name": "b"}], True),
        ([{"name": "b"}], [{"name": "a"}], False),
        ([{"name": "a", "v": 2}], [{"name": "a", "v": 1}], False),
        ([{"name": "a"}, {"value": "b"}], [{"name": "a"}], False),
        ([{"name": "a"}], [], False),
        ([], [], True),
        ({"limits": {"cpu": "500m"}}, {"limits": {"cpu": "0.5"}}, True),
        ({"limits": {"cpu": "2"}}, {"limits": {"cpu": 2}}, True),
        ({"requests": {"cpu": "1", "acme.io/gpu": "2"}}, {"requests": {"cpu": "1000m", "acme.io/gpu": 2}}, True),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1024Mi"}}, True),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1G"}}, False),
        ({"emptyDir": {"sizeLimit": "1Gi"}}, {"emptyDir": {"sizeLimit": "1024Mi"}}, True),
        ({}, {"nodeSelector": {}, "tolerations": [], "affinity": None}, True),
        ({}, {"hostNetwork": False}, False),
        ({"labels": {"cpu": "500m"}}, {"labels": {"cpu": "0.5"}}, False),
    ],
)
def test_live_contains_desired_when_nothing_that_is_desired_is_missing(live: Any, desired: Any, held: bool) -> None:
    assert contains(live, desired) is held


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(documents)
def test_everything_contains_itself(document: Any) -> None:
    assert contains(document, document)


@given(st.dictionaries(st.text(max_size=5), documents, max_size=4), st.text(min_size=6, max_size=8), scalars)
def test_what_others_add_does_not_matter(desired: dict[str, Any], name: str, value: Any) -> None:
    assert contains({**desired, name: value}, desired)


@pytest.fixture
def desired() -> DesiredObjects:
    return objects.rendered(objects.resolved(objects.connector()))


def _plan(desired: DesiredObjects, *live: Object) -> Plan:
    return make_plan(desired, observe(objects.runtime(), live))


def _changed(manifest: Manifest, **members: Any) -> dict[str, Any]:
    return {**manifest, **members}


def _pod(config_map: str, kind: str = "Pod") -> dict[str, Any]:
    pod_spec = {"volumes": [{"name": "config", "configMap": {"name": config_map}}]}
    spec = pod_spec if kind == "Pod" else {"template": {"spec": pod_spec}}
    api_version = "v1" if kind == "Pod" else "apps/v1"
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "old", "namespace": "shop"}, "spec": spec}


def test_with_nothing_there_everything_is_created_in_the_order_of_rendering(desired: DesiredObjects) -> None:
    plan = _plan(desired)
    assert [step.manifest for step in plan.apply] == list(desired.manifests)
    assert {step.why for step in plan.apply} == {"create"}
    assert plan.delete == ()


def test_with_everything_there_nothing_is_done(desired: DesiredObjects) -> None:
    plan = _plan(desired, *desired.manifests)
    assert (plan.apply, plan.delete) == ((), ())
    assert str(plan) == "nothing to do"


def test_another_hash_is_a_change_and_another_content_is_drift(desired: DesiredObjects) -> None:
    service = objects.manifest(desired, "Service")
    others = [item for item in desired.manifests if item is not service]
    annotations = {"connectors.camunda.io/desired-hash": "0"}
    changed = _changed(service, metadata=service["metadata"] | {"annotations": annotations})
    drifted = _changed(service, spec=service["spec"] | {"ports": []})
    assert [step.why for step in _plan(desired, *others, changed).apply] == ["change"]
    assert str(_plan(desired, *others, drifted)) == "drift   Service shop/shop-metrics"


def test_what_is_no_longer_desired_is_deleted_by_its_uid(desired: DesiredObjects) -> None:
    budget = objects.manifest(objects.rendered(objects.resolved(of=objects.runtime(replicas=2))), "PodDisruptionBudget")
    live = _changed(budget, metadata=budget["metadata"] | {"uid": "7"})
    (deletion,) = _plan(desired, *desired.manifests, live).delete
    assert (deletion.ref.kind.kind, deletion.ref.name, deletion.uid) == ("PodDisruptionBudget", "shop-worker", "7")


@pytest.mark.parametrize("kind", ["Pod", "ReplicaSet"])
def test_an_old_configuration_stays_while_a_pod_or_a_replica_set_mounts_it(desired: DesiredObjects, kind: str) -> None:
    old = objects.manifest(objects.rendered(objects.resolved(objects.connector(maxJobsActive=7))), "ConfigMap", "-config-")
    unused = objects.manifest(objects.rendered(objects.resolved(objects.connector(maxJobsActive=8))), "ConfigMap", "-config-")
    plan = _plan(desired, *desired.manifests, old, unused, _pod(old["metadata"]["name"], kind))
    assert [deletion.ref.name for deletion in plan.delete] == [unused["metadata"]["name"]]


def test_pods_and_replica_sets_are_never_deleted(desired: DesiredObjects) -> None:
    assert _plan(desired, *desired.manifests, _pod("x"), _pod("x", "ReplicaSet")).delete == ()


@pytest.mark.parametrize("owners", [None, [], [{"kind": "ConnectorRuntime", "uid": "another"}], [{"kind": "Helm", "uid": "1"}]])
@pytest.mark.parametrize("annotations", [{}, {"connectors.camunda.io/desired-hash": "0"}])
def test_an_object_that_only_carries_our_labels_is_never_deleted(
    desired: DesiredObjects, owners: list[dict[str, str]] | None, annotations: dict[str, str]
) -> None:
    labels = {"connectors.camunda.io/part": "config", "connectors.camunda.io/runtime": "shop"}
    metadata = {"name": "theirs", "namespace": "shop", "labels": labels, "ownerReferences": owners, "annotations": annotations}
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"config.json": "[["}}
    plan = _plan(desired, *desired.manifests, theirs)
    assert (plan.apply, plan.delete) == ((), ())


def test_an_object_of_ours_that_lost_its_owner_gets_it_back(desired: DesiredObjects) -> None:
    service = objects.manifest(desired, "Service")
    others = [item for item in desired.manifests if item is not service]
    lost = _changed(service, metadata=service["metadata"] | {"ownerReferences": []})
    assert [(step.why, step.manifest) for step in _plan(desired, *others, lost).apply] == [("drift", service)]

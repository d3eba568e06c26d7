"""What the store keeps of an object."""

import json

import kube_objects as make
import pytest

from connector_operator.engine.trim import trim


def test_bookkeeping_is_dropped_and_everything_else_of_a_custom_resource_kept():
    obj = make.changed(make.connector(), annotations={"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "x"})
    obj["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    kept = trim(obj)
    assert kept["metadata"]["annotations"] == {"note": "x"}
    assert "managedFields" not in kept["metadata"]
    assert kept["spec"] == obj["spec"]


def test_the_argument_stays_as_it_is():
    for obj in (make.pod(), make.changed(make.connector(), annotations={"note": "x"})):
        obj["metadata"]["managedFields"] = [{"manager": "kubectl"}]
        before = json.dumps(obj)
        trim(obj)
        assert json.dumps(obj) == before


def test_a_pod_keeps_its_address_its_readiness_and_who_it_belongs_to():
    pod = make.pod()
    pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "main-1", "uid": "u", "apiVersion": "apps/v1"}]
    kept = trim(pod)
    assert kept["status"]["podIP"] == "127.0.0.1"
    assert kept["status"]["phase"] == "Running"
    assert kept["status"]["conditions"] == [{"type": "Ready", "status": "True"}]
    assert kept["metadata"]["ownerReferences"] == pod["metadata"]["ownerReferences"]
    assert kept["metadata"]["resourceVersion"] == pod["metadata"]["resourceVersion"]


def test_a_pod_keeps_only_the_names_of_the_config_maps_it_mounts():
    kept = trim(make.pod())
    assert kept["spec"] == {"volumes": [{"name": "config", "configMap": {"name": "main-config-0123456789"}}]}


def test_a_config_map_in_a_projected_volume_counts_as_mounted():
    pod = make.pod()
    sources = [{"configMap": {"name": "ca", "items": [{"key": "a", "path": "a"}]}}, {"secret": {"name": "s"}}]
    pod["spec"]["volumes"] = [{"name": "mixed", "projected": {"sources": sources}}]
    assert trim(pod)["spec"]["volumes"] == [{"name": "mixed", "projected": {"sources": [{"configMap": {"name": "ca"}}]}}]


def test_a_pod_keeps_why_its_containers_wait_or_ended():
    pod = make.pod()
    pod["status"]["containerStatuses"] = [
        {"name": "runtime", "restartCount": 3, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}
    ]
    pod["status"]["initContainerStatuses"] = [
        {"name": "init", "restartCount": 0, "state": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "x"}}}
    ]
    status = trim(pod)["status"]
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}
    assert status["containerStatuses"] == [{"name": "runtime", "restartCount": 3, "state": waiting}]
    assert status["initContainerStatuses"][0]["state"] == {"terminated": {"exitCode": 1, "reason": "Error"}}


def test_of_a_pods_annotations_only_ours_are_kept():
    pod = make.changed(make.pod(), annotations={"connectors.camunda.io/config": "x", "cni.example.com/ips": "10.0.0.1"})
    assert trim(pod)["metadata"]["annotations"] == {"connectors.camunda.io/config": "x"}


def test_a_replica_set_keeps_its_counts_and_the_config_maps_of_its_pods():
    replica_set = {
        **make.pod(),
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "spec": {"replicas": 2, "selector": {}, "template": {"spec": make.pod()["spec"]}},
        "status": {"replicas": 1, "readyReplicas": 1},
    }
    kept = trim(replica_set)
    volumes = [{"name": "config", "configMap": {"name": "main-config-0123456789"}}]
    assert kept["spec"] == {"replicas": 2, "template": {"spec": {"volumes": volumes}}}
    assert kept["status"] == {"replicas": 1}


def test_a_pod_without_any_status_can_be_kept():
    pod = make.pod()
    del pod["status"], pod["spec"]["volumes"]
    assert trim(pod)["status"] == {"conditions": [], "initContainerStatuses": [], "containerStatuses": []}


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        trim({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})

"""The operator as a process with its own ServiceAccount at a real API server, without nodes: what it writes, and when not."""

import re
import time
from pathlib import Path

import operator_process
import pytest
import worker_pods
from cluster_audit import Audit
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess

from connector_operator.cluster.permissions import PERMISSIONS
from local_cluster.ports import free_ports

REST_SECONDS = 15.0


@pytest.fixture
def applied(operator: OperatorProcess, hands: Hands) -> Hands:
    """The samples, as far as they get without nodes."""
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))
    hands.wait_condition("Connector", "crm-lookup", "Loaded", ("False", "Pending"))
    wait_for(lambda: len(hands.get("ConnectorPolicy", "shop")["status"]["conditions"]), "the policy has a status")
    return hands


def _config(hands: Hands) -> str:
    return worker_pods.config_map(hands, "shop-worker")


@pytest.mark.usefixtures("controllers")
def test_the_samples_become_these_objects(applied: Hands) -> None:
    assert applied.names("Deployment") == ["shop-worker"]
    assert applied.names("ServiceAccount") == ["default", "shop-worker"]
    assert applied.names("Service") == ["shop-metrics"]
    patterns = ["crm-lookup", "kube-root-ca.crt", "shop-accepted", r"shop-config-[0-9a-f]{10}", r"shop-source-[0-9a-f]{10}"]
    names = applied.names("ConfigMap")
    assert len(names) == len(patterns)
    assert all(re.fullmatch(pattern, name) for pattern, name in zip(patterns, names, strict=True))


def test_conditions_are_there_from_the_first_visit(applied: Hands) -> None:
    assert applied.condition("Connector", "http", "Accepted") == ("True", "Accepted")
    assert applied.condition("Connector", "http", "Bound") == ("True", "Bound")
    assert applied.condition("Connector", "http", "Published") == ("False", "Pending")
    assert applied.condition("Connector", "http", "Ready") == ("False", "Pending")
    assert applied.condition("Connector", "http", "Reconciling") == ("True", "Pending")
    assert applied.get("Connector", "http")["status"]["runtimes"][0]["name"] == "shop"


def test_at_rest_it_writes_nothing(applied: Hands, operator: OperatorProcess, audit: Audit) -> None:
    since = audit.settle(operator.user)
    time.sleep(REST_SECONDS)
    assert since.writes(operator.user) == []


def test_a_restart_writes_nothing(applied: Hands, rights: tuple[Path, str, Path], audit: Audit) -> None:
    kubeconfig, user, folder = rights
    since = audit.settle(user)
    with operator_process.running(kubeconfig, user, folder, port=free_ports(1)[0]) as second:
        time.sleep(REST_SECONDS / 3)
        assert since.writes(user) == []
        assert second.stop() == 0


def test_a_change_of_a_connector_is_one_new_configuration(applied: Hands) -> None:
    before = _config(applied)
    applied.edit("Connector", "http", {"spec": {"maxJobsActive": 7}})
    after = wait_for(lambda: (name := _config(applied)) != before and name, "the Deployment mounts another configuration")
    assert '"maxJobsActive": 7' in applied.get("ConfigMap", after)["data"]["config.json"]


def test_a_changed_source_is_a_new_copy(applied: Hands) -> None:
    before = _config(applied)
    source = applied.get("ConfigMap", "crm-lookup")["data"]["crm.py"]
    applied.edit("ConfigMap", "crm-lookup", {"data": {"crm.py": source + "\n# changed\n"}})
    wait_for(lambda: _config(applied) != before, "the Deployment mounts another configuration")
    wait_for(lambda: len([name for name in applied.names("ConfigMap") if name.startswith("shop-source-")]) <= 2, "copies are few")


def test_a_connector_that_is_deleted_leaves_the_worker(applied: Hands) -> None:
    applied.delete("Connector", "crm-lookup")
    wait_for(lambda: "crm-lookup" not in applied.get("ConfigMap", _config(applied))["data"]["config.json"], "it is gone")


@pytest.mark.usefixtures("controllers")
def test_a_runtime_that_is_deleted_takes_its_objects_along(applied: Hands) -> None:
    applied.delete("ConnectorRuntime", "shop")
    wait_for(lambda: applied.names("Deployment") == [] and applied.names("Service") == [], "its objects are gone")
    wait_for(lambda: applied.names("ConfigMap") == ["crm-lookup", "kube-root-ca.crt"], "its ConfigMaps are gone")
    applied.wait_condition("Connector", "http", "Ready", ("False", "NoRuntime"))


def test_drift_is_repaired(applied: Hands) -> None:
    applied.edit("Deployment", "shop-worker", {"spec": {"replicas": 9}})
    wait_for(lambda: applied.get("Deployment", "shop-worker")["spec"]["replicas"] == 1, "replicas are as declared")
    applied.delete("Service", "shop-metrics")
    wait_for(lambda: applied.exists("Service", "shop-metrics"), "the Service is back")


def test_a_status_that_somebody_changes_is_repaired(applied: Hands) -> None:
    applied.edit("Connector", "http", {"status": {"conditions": []}}, subresource="status")
    applied.wait_condition("Connector", "http", "Ready", ("False", "Pending"))


def test_a_refused_connector_is_told_why(applied: Hands) -> None:
    applied.apply("refused.yaml")
    applied.wait_condition("Connector", "mailer", "Ready", ("False", "RefusedByPolicy"))
    assert "allows no job type 'evil.example:mailer:1'" in applied.message("Connector", "mailer")
    wait_for(lambda: applied.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy counts it")
    assert applied.get("ConnectorPolicy", "shop")["status"]["refusedNames"] == [f"{applied.namespace}/mailer"]


def test_somebody_elses_object_under_our_name_is_left_untouched(operator: OperatorProcess, hands: Hands) -> None:
    theirs = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop-worker", "labels": {"theirs": "yes"}}}
    hands.put(theirs)
    hands.apply("runtime.yaml")
    hands.wait_condition("ConnectorRuntime", "shop", "Ready", ("False", "NotOwned"))
    assert hands.get("ServiceAccount", "shop-worker")["metadata"]["labels"] == {"theirs": "yes"}
    assert "ServiceAccount" in hands.message("ConnectorRuntime", "shop")
    hands.delete("ServiceAccount", "shop-worker")
    hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))


def test_what_the_api_server_refuses_is_told_on_the_resource_and_can_be_left(applied: Hands) -> None:
    running = _config(applied)
    applied.edit("ConnectorRuntime", "shop", {"spec": {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": 1}}}})
    applied.wait_condition("ConnectorRuntime", "shop", "Accepted", ("False", "InvalidSpec"))
    assert "must be less than or equal to cpu limit" in applied.message("ConnectorRuntime", "shop")
    assert _config(applied) == running
    applied.edit("ConnectorRuntime", "shop", {"spec": {"resources": None}})
    applied.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))


def test_odd_spellings_of_quantities_come_to_rest(applied: Hands, operator: OperatorProcess, audit: Audit) -> None:
    applied.edit("ConnectorRuntime", "shop", {"spec": {"resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}}}})
    container = "containers"
    wait_for(
        lambda: (
            applied.get("Deployment", "shop-worker")["spec"]["template"]["spec"][container][0]["resources"]["limits"]["cpu"]
            == "500m"
        ),
        "the Deployment has the limit",
    )
    audit.settle(operator.user)


def test_it_makes_no_call_that_is_not_granted_and_none_about_secrets(
    applied: Hands, operator: OperatorProcess, audit: Audit
) -> None:
    applied.edit("ConnectorRuntime", "shop", {"spec": {"replicas": 2}})
    wait_for(lambda: applied.exists("PodDisruptionBudget", "shop-worker"), "there is a budget")
    applied.edit("ConnectorRuntime", "shop", {"spec": {"replicas": 1}})
    wait_for(lambda: not applied.exists("PodDisruptionBudget", "shop-worker"), "it is pruned")
    granted = {(verb, permission.resource) for permission in PERMISSIONS for verb in permission.verbs}
    calls = {call[:2] for call in audit.calls(operator.user) if "accessreviews" not in call[1] and call[1]}
    assert calls <= granted
    assert [call for call in audit.calls(operator.user) if call[2] in (401, 403)] == []

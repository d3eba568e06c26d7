"""What the demo shows, asserted: real API server, real pods, real Zeebe. The tests build on one another in this order."""

import json
import time

import pytest

from local_cluster.errors import LocalClusterError
from main_job.install import NAMESPACE as OPERATOR_NAMESPACE
from main_job.stage import NAMESPACE, SAMPLES, Stage

SECONDS = 60.0
WAITS_SECONDS = 3.0


def _pods(stage: Stage) -> list[str]:
    return sorted(pod["metadata"]["uid"] for pod in stage.worker_pods() if "deletionTimestamp" not in pod["metadata"])


def _columns(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def test_three_files_make_a_real_process_complete(stage: Stage) -> None:
    assert stage.ping().variables(SECONDS)["shop"] == "open"


def test_a_job_waits_for_a_secret_that_is_created_last_and_runs_without_a_restart(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    order = stage.order()
    message = kubectl.wait_reason("connector/crm-lookup", NAMESPACE, "Ready", "SecretsMissing")
    assert "'CRM_TOKEN' (Secret 'crm', key 'token')" in message
    assert stage.ping().variables(SECONDS)["shop"] == "open"
    assert not order.ended
    pods = _pods(stage)
    stage.create_secret(stage.shop.token)
    variables = order.variables(SECONDS)
    assert (variables["orderId"], variables["total"], variables["large"]) == ("O-1", 33.5, ["kettle"])
    assert variables["customerRecord"] == {"id": "C-42", "name": "Ada Lovelace", "tier": "gold"}
    assert variables["outcome"] == "placed"
    assert _pods(stage) == pods
    assert stage.restarts() == 0
    kubectl.wait_reason("connector/crm-lookup", NAMESPACE, "Ready", "Ready")


def test_a_rotated_secret_is_used_without_a_restart(stage: Stage) -> None:
    pods = _pods(stage)
    stage.shop.token = "demo-token-2"
    stage.create_secret("demo-token-2")
    deadline = time.monotonic() + SECONDS
    while stage.shop.seen[-1] != "demo-token-2":
        assert time.monotonic() < deadline, "the new value was not used"
        stage.order()
        time.sleep(1)
    assert stage.order().variables(SECONDS)["outcome"] == "placed"
    assert _pods(stage) == pods
    assert stage.restarts() == 0


def test_an_error_expression_throws_a_bpmn_error(stage: Stage) -> None:
    assert stage.order("C-404").variables(SECONDS)["outcome"] == "rejected"


def test_the_results_come_from_the_worker_pod(stage: Stage) -> None:
    stage.scale(0)
    order = stage.order()
    time.sleep(WAITS_SECONDS)
    assert not order.ended
    stage.scale(1)
    assert order.variables(SECONDS)["outcome"] == "placed"


def test_kubectl_get_says_how_things_are(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    for resource in ("connector/http", "connector/crm-lookup", "connectorruntime/shop"):
        kubectl.wait_reason(resource, NAMESPACE, "Ready", "Ready")
    connectors = _columns(kubectl.run("get", "connectors", "-n", NAMESPACE))
    assert connectors[0] == ["NAME", "READY", "REASON", "JOB", "TYPE", "RUNTIMES", "AGE"]
    assert [row[:-1] for row in connectors[1:]] == [
        ["crm-lookup", "True", "Ready", "acme.io:crm-lookup:1", "shop"],
        ["http", "True", "Ready", "io.camunda:http-json:1", "shop"],
    ]
    runtimes = _columns(kubectl.run("get", "connectorruntimes", "-n", NAMESPACE))
    assert runtimes[1][:-1] == ["shop", "True", "Ready", "2/2", "1", "Connected"]


def test_the_element_templates_are_in_the_catalogue(stage: Stage) -> None:
    data = stage.target.kubectl.get("configmap", "shop-element-templates", NAMESPACE)["data"]
    templates = {template["id"]: template for template in map(json.loads, data.values())}
    assert sorted(templates) == ["acme.io:crm-lookup:1", "io.camunda:http-json:1"]
    bindings = [property_["binding"] for property_ in templates["acme.io:crm-lookup:1"]["properties"]]
    inputs = [binding["name"] for binding in bindings if binding["type"] == "zeebe:input"]
    assert inputs == ["url", "customer", "token"]


def test_a_fourth_connector_is_refused_at_admission_with_its_reason(stage: Stage) -> None:
    with pytest.raises(LocalClusterError, match=r"ConnectorPolicy 'shop' allows no job type 'evil\.example:mailer:1'"):
        stage.apply(SAMPLES / "refused.yaml")


def test_the_operator_may_not_read_secrets(stage: Stage) -> None:
    account = f"system:serviceaccount:{OPERATOR_NAMESPACE}:connector-operator"
    for verb in ("get", "list", "watch"):
        with pytest.raises(Exception, match="no"):
            stage.target.kubectl.run("auth", "can-i", verb, "secrets", "--all-namespaces", f"--as={account}")


def test_at_rest_nothing_is_applied_for_a_minute(stage: Stage) -> None:
    kubectl = stage.target.kubectl

    def applied() -> list[str]:
        lines = kubectl.run("get", "--raw", "/metrics").splitlines()
        return [line for line in lines if line.startswith("apiserver_request_total{") and 'verb="APPLY"' in line]

    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")
    time.sleep(5)
    before = applied()
    assert before
    time.sleep(60)
    assert applied() == before

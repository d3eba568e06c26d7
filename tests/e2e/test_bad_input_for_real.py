"""Bad input ends in the condition and reason that the API names, says what to do, harms no neighbour, and can be corrected."""

import copy
import json
from typing import Any

import pytest
import yaml
from template_builder import good_template

from main_job.stage import NAMESPACE, SAMPLES, Stage

SECONDS = 60.0


def _sample(file: str, kind: str, name: str) -> dict[str, Any]:
    objects = yaml.safe_load_all((SAMPLES / file).read_text(encoding="utf-8"))
    found = next(obj for obj in objects if obj["kind"] == kind and obj["metadata"]["name"] == name)
    found["metadata"]["namespace"] = NAMESPACE
    return found


def _connector(name: str, **spec: Any) -> dict[str, Any]:
    made = copy.deepcopy(_sample("connectors.yaml", "Connector", "http"))
    made["metadata"]["name"] = name
    made["spec"] = {"jobType": f"acme.io:{name}:1", "source": {"configMap": {"name": name, "entryPoint": f"{name}:run"}}} | spec
    return made


def _code(name: str, text: str, **files: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"connectors.camunda.io/part": "source"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {f"{name}.py": text, **files}}


GOOD = """
from connector_sdk import connector

@connector(id="acme.io:probe:1", name="Probe")
def run(input: dict) -> dict:
    return {"ok": True}
"""


@pytest.fixture
def healthy(stage: Stage) -> Stage:
    """Everything ready before, and the neighbour still working after."""
    stage.create_secret(stage.shop.token)
    stage.target.kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")
    yield stage
    assert stage.ping().variables(SECONDS)["shop"] == "open"
    kubectl = stage.target.kubectl
    for connector in kubectl.every("connectors", NAMESPACE):
        if connector["metadata"]["name"] not in ("http", "crm-lookup"):
            kubectl.delete("connector", connector["metadata"]["name"], NAMESPACE)
    stage.apply_samples()
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")


def test_an_unknown_builtin(healthy: Stage) -> None:
    policy = _sample("policy.yaml", "ConnectorPolicy", "shop")
    del policy["metadata"]["namespace"]
    policy["spec"]["connectors"].append({"jobTypes": ["*"], "sources": {"builtin": ["*"]}})
    healthy.target.kubectl.apply_objects([policy])
    healthy.apply_when_allowed(_connector("probe", source={"builtin": "no-such-thing"}))
    message = healthy.target.kubectl.wait_reason("connector/probe", NAMESPACE, "Ready", "LoadFailed")
    assert "no-such-thing" in message
    assert "http-json" in message
    healthy.target.kubectl.apply_objects([_connector("probe", source={"builtin": "http-json"})])
    healthy.target.kubectl.wait_reason("connector/probe", NAMESPACE, "Loaded", "Loaded")


def test_two_sources(healthy: Stage) -> None:
    both = _connector("probe", source={"builtin": "http-json", "configMap": {"name": "a", "entryPoint": "a:b"}})
    with pytest.raises(Exception, match="needs exactly one of builtin, configMap, image, package"):
        healthy.target.kubectl.apply_objects([both])


def test_a_broken_python_module(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    kubectl.apply_objects([_code("probe", GOOD.replace("def run(", "def run((")), _connector("probe")])
    message = kubectl.wait_reason("connector/probe", NAMESPACE, "Ready", "LoadFailed")
    assert "probe.py" in message
    assert "line 5" in message
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")
    kubectl.apply_objects([_code("probe", GOOD)])
    kubectl.wait_reason("connector/probe", NAMESPACE, "Ready", "Ready")


def test_a_module_that_is_not_there(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    kubectl.apply_objects([_connector("ghost")])
    message = kubectl.wait_reason("connector/ghost", NAMESPACE, "Ready", "SourceNotFound")
    assert "kubectl label configmap ghost connectors.camunda.io/part=source" in message
    kubectl.apply_objects([_code("ghost", GOOD.replace("probe", "ghost"))])
    kubectl.wait_reason("connector/ghost", NAMESPACE, "Ready", "Ready")


def test_a_template_that_is_not_json(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    reference = {"configMapKeyRef": {"name": "probe", "key": "probe.json"}}
    good = json.dumps(good_template(id="probe"))
    kubectl.apply_objects([_code("probe", GOOD, **{"probe.json": good[:-1]}), _connector("probe", elementTemplates=[reference])])
    message = kubectl.wait_reason("connector/probe", NAMESPACE, "Ready", "InvalidElementTemplate")
    assert "spec.elementTemplates[0]: ConfigMap 'probe' key 'probe.json' is not JSON" in message
    kubectl.wait_reason("connector/probe", NAMESPACE, "Loaded", "Loaded")
    kubectl.apply_objects([_code("probe", GOOD, **{"probe.json": good})])
    kubectl.wait_reason("connector/probe", NAMESPACE, "Ready", "Ready")


def test_a_job_type_twice(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    kubectl.apply_objects([_connector("second", jobType="io.camunda:http-json:1", source={"builtin": "http-json"})])
    message = kubectl.wait_reason("connector/second", NAMESPACE, "Ready", "JobTypeConflict")
    assert "with the older Connector 'http'" in message
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")


def test_an_unreachable_gateway(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    runtime = _sample("runtime.yaml", "ConnectorRuntime", "shop")
    runtime["metadata"]["name"] = "lost"
    runtime["spec"]["camunda"]["grpcAddress"] = "grpc://nowhere.camunda:26500"
    kubectl.apply_objects([runtime])
    message = kubectl.wait_reason("connectorruntime/lost", NAMESPACE, "Ready", "GatewayUnreachable")
    assert "grpc://nowhere.camunda:26500" in message
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")
    runtime["spec"]["camunda"]["grpcAddress"] = "grpc://zeebe-gateway.camunda:26500"
    kubectl.apply_objects([runtime])
    kubectl.wait_reason("connectorruntime/lost", NAMESPACE, "Ready", "Ready")
    kubectl.delete("connectorruntime", "lost", NAMESPACE)


def test_a_policy_that_allows_nothing(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    nothing = {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": "ConnectorPolicy", "metadata": {"name": "nothing"}}
    kubectl.apply_objects(
        [nothing | {"spec": {"namespaceSelector": {"matchLabels": {"connectors": "allowed"}}, "connectors": []}}]
    )
    for name in ("http", "crm-lookup"):
        message = kubectl.wait_reason(f"connector/{name}", NAMESPACE, "Ready", "RefusedByPolicy")
        assert "it allows none at all" in message
    waiting = healthy.ping()
    kubectl.delete("connpol", "nothing")
    assert waiting.variables(SECONDS)["shop"] == "open"
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")


def test_a_bad_edit_keeps_the_last_good_version_running(healthy: Stage) -> None:
    kubectl = healthy.target.kubectl
    http = _sample("connectors.yaml", "Connector", "http")
    http["spec"]["source"] = {"configMap": {"name": "not-there", "entryPoint": "a:b"}}
    http["spec"]["jobType"] = "acme.io:http:1"
    kubectl.run("replace", "-f", "-", stdin=yaml.safe_dump(http))
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "SourceNotFound")
    assert healthy.ping().variables(SECONDS)["shop"] == "open"
    kubectl.run("replace", "-f", "-", stdin=yaml.safe_dump(_sample("connectors.yaml", "Connector", "http")))
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")

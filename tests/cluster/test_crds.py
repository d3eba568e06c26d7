"""The CustomResourceDefinitions at a real API server: accepted as they are, CEL compiled, bad input told by field."""

from pathlib import Path

import cluster_hands
import pytest
import yaml
from kubernetes.client.exceptions import ApiException

CONNECTOR = {
    "apiVersion": "connectors.camunda.io/v1alpha1",
    "kind": "Connector",
    "metadata": {"name": "probe"},
    "spec": {"jobType": "a:1", "source": {"builtin": "http-json"}},
}
RUNTIME = {
    "apiVersion": "connectors.camunda.io/v1alpha1",
    "kind": "ConnectorRuntime",
    "metadata": {"name": "probe"},
    "spec": {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": {"selector": {}}},
}


def _changed(manifest: dict, path: str, value: object) -> dict:
    changed = yaml.safe_load(yaml.safe_dump(manifest))
    *parents, last = path.split(".")
    node = changed
    for parent in parents:
        node = node[parent]
    node[last] = value
    return changed


@pytest.mark.parametrize("file", sorted((cluster_hands.ROOT / "crds").glob("*.yaml")), ids=lambda file: file.name.split(".")[0])
def test_the_file_is_what_the_api_server_keeps(kube_config: Path, file: Path) -> None:
    """A GitOps tool that compares the file with the live object must see no difference in its spec."""
    wanted = yaml.safe_load(file.read_text())
    api = cluster_hands.connect(kube_config)
    definitions = api.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    live = definitions.get(name=wanted["metadata"]["name"]).to_dict()["spec"]
    assert live.pop("conversion") == {"strategy": "None"}
    assert live == wanted["spec"]


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (_changed(CONNECTOR, "spec.source", {}), "spec.source: Invalid value: needs exactly one of builtin, configMap"),
        (
            _changed(CONNECTOR, "spec.source", {"builtin": "a", "configMap": {"name": "b", "entryPoint": "c:d"}}),
            "spec.source: Invalid value: needs exactly one of builtin, configMap",
        ),
        (
            _changed(CONNECTOR, "metadata.name", "with.dot"),
            "metadata.name needs at most 63 lower-case letters, digits and dashes",
        ),
        (_changed(CONNECTOR, "metadata.name", "x" * 64), "metadata.name needs at most 63 lower-case letters, digits and dashes"),
        (_changed(CONNECTOR, "spec.jobType", "no spaces"), "spec.jobType in body should match"),
        (_changed(CONNECTOR, "spec.timeout", "soon"), "spec.timeout in body should match"),
        (_changed(CONNECTOR, "spec.maxJobsActive", 0), "spec.maxJobsActive in body should be greater than or equal to 1"),
        (
            _changed(CONNECTOR, "spec.source", {"configMap": {"name": "a", "entryPoint": "no-function"}}),
            "spec.source.configMap.entryPoint in body should match",
        ),
        (
            _changed(CONNECTOR, "spec.secrets", [{"name": "../up", "secretKeyRef": {"name": "a", "key": "b"}}]),
            "spec.secrets[0].name in body should match",
        ),
        (_changed(RUNTIME, "spec.connectors", {}), "spec.connectors: Invalid value: needs selector, names or both"),
        (_changed(RUNTIME, "spec.camunda.grpcAddress", "zeebe:26500"), "spec.camunda.grpcAddress in body should match"),
        (_changed(RUNTIME, "spec.replicas", -1), "spec.replicas in body should be greater than or equal to 0"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_bad_input_is_refused_with_field_and_expectation(hands: cluster_hands.Hands, manifest: dict, says: str) -> None:
    with pytest.raises(ApiException) as refused:
        hands.put(manifest)
    assert refused.value.status == 422
    assert says in refused.value.body


def test_a_misspelt_field_is_refused_by_name(hands: cluster_hands.Hands) -> None:
    resource = hands._resource("Connector")
    with pytest.raises(ApiException) as refused:
        resource.create(
            body=_changed(CONNECTOR, "spec.jobtype", "x"), namespace=hands.namespace, query_params=[("fieldValidation", "Strict")]
        )
    assert "unknown field" in str(refused.value.body)
    assert "spec.jobtype" in str(refused.value.body)


def test_defaults_are_filled_in_where_they_are_documented(hands: cluster_hands.Hands) -> None:
    spec = hands.put(CONNECTOR)["spec"]
    assert spec == CONNECTOR["spec"] | {"timeout": "5m", "maxJobsActive": 100, "suspend": False}
    assert hands.put(RUNTIME)["spec"] == RUNTIME["spec"] | {"catalogue": {"enabled": True}, "suspend": False}

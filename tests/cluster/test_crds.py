"""The CustomResourceDefinitions at a real API server: accepted as they are, CEL compiled, bad input told by field."""

from pathlib import Path

import cluster_hands
import pytest
import yaml
from kubernetes.client.exceptions import ApiException
from scenario_bad_objects import BAD_OBJECTS, CONNECTOR, RUNTIME, BadObject, changed


@pytest.mark.parametrize("file", sorted((cluster_hands.ROOT / "crds").glob("*.yaml")), ids=lambda file: file.name.split(".")[0])
def test_the_file_is_what_the_api_server_keeps(kube_config: Path, file: Path) -> None:
    """A GitOps tool that compares the file with the live object must see no difference in its spec."""
    wanted = yaml.safe_load(file.read_text())
    api = cluster_hands.connect(kube_config)
    definitions = api.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    live = definitions.get(name=wanted["metadata"]["name"]).to_dict()["spec"]
    assert live.pop("conversion") == {"strategy": "None"}
    assert live == wanted["spec"]


@pytest.mark.parametrize("bad", BAD_OBJECTS, ids=str)
def test_bad_input_is_refused_with_field_and_expectation(hands: cluster_hands.Hands, bad: BadObject) -> None:
    with pytest.raises(ApiException) as refused:
        hands.put(bad.manifest)
    assert refused.value.status == 422
    assert bad.server in str(refused.value.body)


def test_a_misspelt_field_is_refused_by_name(hands: cluster_hands.Hands) -> None:
    resource = hands._resource("Connector")
    with pytest.raises(ApiException) as refused:
        resource.create(
            body=changed(CONNECTOR, "spec.jobtype", "x"), namespace=hands.namespace, query_params=[("fieldValidation", "Strict")]
        )
    assert "unknown field" in str(refused.value.body)
    assert "spec.jobtype" in str(refused.value.body)


def test_defaults_are_filled_in_where_they_are_documented(hands: cluster_hands.Hands) -> None:
    spec = hands.put(CONNECTOR)["spec"]
    assert spec == CONNECTOR["spec"] | {"timeout": "5m", "maxJobsActive": 100, "suspend": False}
    assert hands.put(RUNTIME)["spec"] == RUNTIME["spec"] | {
        "isolation": "Shared",
        "catalogue": {"enabled": True},
        "secretFilter": "LAX",
        "suspend": False,
    }

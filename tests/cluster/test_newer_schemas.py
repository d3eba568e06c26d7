"""Custom resources of a newer version of our kinds, with members that this operator does not know, work as if without them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster_hands
import pytest
import worker_pods
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess

from connector_operator.api.kinds import CONNECTOR, KINDS

FUTURE = {"fieldOfTheFuture": {"some": ["thing"]}}


@pytest.fixture
def newer_schemas(hands: Hands, kube_config: Path) -> Iterator[None]:
    """Definitions that know one more member of every spec and of a Connector's source."""
    for kind in KINDS:
        definition = f"{kind.kind.plural}.{kind.kind.group}"
        versions = hands.get("CustomResourceDefinition", definition)["spec"]["versions"]
        spec = versions[0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        for schema in (spec, *([spec["properties"]["source"]] if kind.kind == CONNECTOR else [])):
            schema["properties"] |= {name: {"type": "object", "x-kubernetes-preserve-unknown-fields": True} for name in FUTURE}
        hands.edit("CustomResourceDefinition", definition, {"spec": {"versions": versions}})
    yield
    cluster_hands.install_crds(kube_config)


def _of_the_future(obj: dict[str, Any]) -> None:
    obj["spec"] |= FUTURE
    if obj["kind"] == CONNECTOR.kind:
        obj["spec"]["source"] |= FUTURE


def _is_stored(hands: Hands) -> bool:
    """Whether the API server knows the members by now: until then it throws them away."""
    hands.apply("policy.yaml", "runtime.yaml", change=_of_the_future)
    hands.apply("connectors.yaml", change=lambda obj: _of_the_future(obj) if "spec" in obj else None)
    stored = [hands.get("ConnectorPolicy", "shop"), hands.get("ConnectorRuntime", "shop"), *hands.every("Connector")]
    return all("fieldOfTheFuture" in str(obj["spec"].get("source", obj["spec"])) for obj in stored)


def test_resources_of_a_newer_version_work(operator: OperatorProcess, hands: Hands, newer_schemas: None) -> None:
    wait_for(lambda: _is_stored(hands), "the newer schemas are in force")
    for kind, name in (
        ("ConnectorPolicy", "shop"),
        ("ConnectorRuntime", "shop"),
        ("Connector", "http"),
        ("Connector", "crm-lookup"),
    ):
        hands.wait_condition(kind, name, "Accepted", ("True", "Accepted"))
    configuration = wait_for(lambda: worker_pods.configuration(hands, "shop-worker"), "there is a worker")
    assert "fieldOfTheFuture" not in configuration
    assert '"name": "crm-lookup"' in configuration

"""Spoilt specs that the API server takes get a reason from the real operator; nothing crashes, and neighbours are untouched."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cluster_hands import Hands, wait_for
from kubernetes.client.exceptions import ApiException
from operator_process import OperatorProcess
from schema_mutations import mutations
from spec_variants import VARIANTS

from connector_operator.api.conditions import Reason
from connector_operator.api.kinds import API_VERSION

SEED = 4
OF_EACH_KIND = 40
HARMLESS: dict[str, dict[str, Any]] = {
    "Connector": {},
    "ConnectorRuntime": {"connectors": {"selector": {"matchLabels": {"team": "probe"}}}},
    "ConnectorPolicy": {"namespaceSelector": {"matchLabels": {"nobody": "has-this"}}},
}
"""What a spoilt spec keeps, so that it is about nobody but other spoilt ones."""


def _spoilt(kind: str) -> Iterator[dict[str, Any]]:
    found = [mutation.spec for mutation in mutations() if mutation.kind == kind and isinstance(mutation.spec, dict)]
    for number, spec in enumerate(random.Random(SEED).sample(found, len(found))):
        metadata = {"name": f"probe-{number}", "labels": {"team": "probe"}}
        yield {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec | HARMLESS[kind]}


def _taken(hands: Hands, kind: str) -> list[str]:
    """Create spoilt objects until the API server has taken enough of them; their names."""
    resource, names = hands._resource(kind), list[str]()
    place = {"namespace": hands.namespace} if resource.namespaced else {}
    for manifest in _spoilt(kind):
        try:
            names.append(resource.create(body=manifest, **place).metadata.name)
        except ApiException as refused:
            if refused.status not in (400, 422):
                raise
        if len(names) == OF_EACH_KIND:
            break
    return names


@pytest.fixture
def neighbours(operator: OperatorProcess, hands: Hands) -> Hands:
    """The samples; those who come later must not touch them."""
    hands.apply("connectors.yaml", "runtime.yaml")
    wait_for(lambda: hands.exists("Deployment", "shop-worker"), "there is a worker")
    hands.wait_condition("Connector", "crm-lookup", "Loaded", ("False", "Pending"))
    hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))
    return hands


def _as_they_are(hands: Hands) -> list[Any]:
    """What the samples say and are told, and which worker runs for them; without nodes, that one goes on rolling out."""
    connectors = [hands.get("Connector", name) for name in ("http", "crm-lookup")]
    worker = hands.get("Deployment", "shop-worker")["metadata"]
    return [*((one["spec"], one["status"]) for one in connectors), worker["uid"], worker["generation"]]


def _is_explained(hands: Hands, kind: str, name: str) -> bool:
    """Whether an object's status is about its spec and tells somebody something; fails with it when not."""
    obj = hands.get(kind, name)
    conditions = obj["status"].get("conditions") or []
    assert obj["status"]["observedGeneration"] == obj["metadata"]["generation"]
    assert conditions
    assert [
        one for one in conditions if one["reason"] not in set(Reason) or not (one["message"] or one["status"] == "True")
    ] == []
    return True


def _verdicts(hands: Hands) -> set[str]:
    probes = [name for name in hands.names("Connector") if name.startswith("probe")]
    return {hands.condition("Connector", name, "Accepted")[1] for name in probes}


@pytest.mark.timeout(240)
def test_a_spoilt_spec_that_is_stored_gets_a_reason_and_costs_nobody_else_anything(
    neighbours: Hands, operator: OperatorProcess
) -> None:
    before = _as_they_are(neighbours)
    taken = {kind: _taken(neighbours, kind) for kind in VARIANTS}
    try:
        for kind, names in taken.items():
            assert len(names) == OF_EACH_KIND
            for name in names:
                wait_for(
                    lambda kind=kind, name=name: _is_explained(neighbours, kind, name), f"{kind} {name} is explained", seconds=60
                )
        wait_for(lambda: _verdicts(neighbours) > {"Accepted", "JobTypeConflict", "SourceNotFound"}, "they are told apart")
    finally:
        for kind in reversed(VARIANTS):
            for name in taken[kind]:
                neighbours.delete(kind, name)
    assert _as_they_are(neighbours) == before
    crashed = re.findall(r'reconciles_total\{kind="(\w+)",result="crashed"\} (\S+)', operator.metrics())
    assert dict(crashed) == dict.fromkeys(VARIANTS, "0.0")
    assert "Traceback" not in operator.log.read_text()

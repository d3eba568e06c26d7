"""A ConnectorPolicy that changes, at a real API server: tightened, loosened, and only auditing for a while."""

import json
from typing import Any

import pytest
import worker_pods
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess

HTTP_ONLY: list[dict[str, Any]] = [{"jobTypes": ["io.camunda:*"], "sources": {"builtin": ["*"]}}]


@pytest.fixture
def allowed(operator: OperatorProcess, hands: Hands) -> Hands:
    """The samples, all of whose Connectors the policy allows."""
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    wait_for(lambda: _served(hands) == ["crm-lookup", "http"], "the worker has both Connectors")
    return hands


def _served(hands: Hands) -> list[str]:
    return [entry["name"] for entry in json.loads(worker_pods.configuration(hands, "shop-worker"))["connectors"]]


def _policy(hands: Hands, **spec: Any) -> None:
    hands.edit("ConnectorPolicy", "shop", {"spec": spec})


def test_tightened_it_takes_a_connector_out_and_loosened_it_comes_back(allowed: Hands) -> None:
    entries = allowed.get("ConnectorPolicy", "shop")["spec"]["connectors"]
    _policy(allowed, connectors=HTTP_ONLY)
    wait_for(lambda: _served(allowed) == ["http"], "the refused Connector is out of the worker")
    allowed.wait_condition("Connector", "crm-lookup", "Ready", ("False", "RefusedByPolicy"))
    assert "ConnectorPolicy 'shop'" in allowed.message("Connector", "crm-lookup")
    wait_for(lambda: allowed.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy counts it")
    _policy(allowed, connectors=entries)
    wait_for(lambda: _served(allowed) == ["crm-lookup", "http"], "it is back")
    allowed.wait_condition("Connector", "crm-lookup", "Accepted", ("True", "Accepted"))


def test_audit_warns_and_refuses_nothing_and_enforced_again_it_refuses(allowed: Hands) -> None:
    _policy(allowed, connectors=HTTP_ONLY, enforcement="Audit")
    wait_for(lambda: "audit: ConnectorPolicy 'shop'" in _accepted_message(allowed), "the Connector is warned")
    wait_for(lambda: allowed.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy counts what it would refuse")
    assert allowed.condition("Connector", "crm-lookup", "Accepted") == ("True", "Accepted")
    # a Connector that is new is warned just the same
    allowed.put(_probe())
    allowed.wait_condition("Connector", "probe", "Accepted", ("True", "Accepted"))
    assert "audit: ConnectorPolicy 'shop'" in allowed.message("Connector", "probe", "Accepted")
    assert _served(allowed) == ["crm-lookup", "http"]
    _policy(allowed, enforcement="Enforce")
    wait_for(lambda: _served(allowed) == ["http"], "enforced, it refuses")
    allowed.wait_condition("Connector", "probe", "Accepted", ("False", "RefusedByPolicy"))


def _accepted_message(hands: Hands) -> str:
    return hands.message("Connector", "crm-lookup", "Accepted")


def _probe() -> dict[str, Any]:
    return {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "Connector",
        "metadata": {"name": "probe", "labels": {"team": "shop"}},
        "spec": {"jobType": "acme.io:probe:1", "source": {"builtin": "graphql"}},
    }

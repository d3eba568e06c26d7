"""The ClusterRole of deploy/base is exactly what a working operator calls: nothing is refused, nothing is granted for nothing."""

from pathlib import Path
from typing import Any

import pytest
from cluster_audit import Audit
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess
from operator_rights import base_rules

from connector_operator.cluster.permissions import LEASE_PERMISSION, PERMISSIONS

Right = tuple[str, str]
"""Verb and resource, as RBAC has them."""

REPAIRS: frozenset[str] = frozenset({"get"})
"""Reading one object is for what a watch lost (tests/unit/engine/test_audit.py) and for what is not known to be ours."""


@pytest.fixture(scope="module")
def from_the_start(audit_log: Path) -> Audit:
    """What the API server saw since before the operator's first call."""
    return Audit(audit_log)


def _granted(file: str = "cluster-role.yaml") -> set[Right]:
    return {(verb, resource) for rule in base_rules(file) for resource in rule["resources"] for verb in rule["verbs"]}


def _used(calls: list[tuple[str, str, int]]) -> set[Right]:
    """The rights that calls take; a server-side apply that creates takes `create` beside `patch`."""
    found = {(verb, resource) for verb, resource, _ in calls}
    return found | {("create", resource) for verb, resource, code in calls if (verb, code) == ("patch", 201)}


def test_what_is_granted_is_what_the_check_at_start_asks_for() -> None:
    assert _granted() == {(verb, permission.resource) for permission in PERMISSIONS for verb in permission.verbs}
    assert _granted("lease-role.yaml") == {(verb, LEASE_PERMISSION.resource) for verb in LEASE_PERMISSION.verbs}


def _runtime(hands: Hands, **spec: Any) -> None:
    hands.edit("ConnectorRuntime", "shop", {"spec": spec})


def _live_through_everything(hands: Hands) -> None:
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml", "refused.yaml")
    wait_for(lambda: hands.names("Deployment") == ["shop-worker"], "there is a worker")
    _runtime(hands, replicas=2)
    wait_for(lambda: hands.exists("PodDisruptionBudget", "shop-worker"), "there is a budget")
    _runtime(hands, replicas=1, isolation="PerConnector")
    wait_for(lambda: len(hands.names("Deployment")) == 2 and not hands.exists("Deployment", "shop-worker"), "one worker each")
    wait_for(lambda: not hands.exists("PodDisruptionBudget", "shop-worker"), "the budget is pruned")
    _runtime(hands, replicas=0, isolation="Shared")
    hands.delete("Connector", "crm-lookup")
    wait_for(lambda: hands.names("Deployment") == ["shop-worker"], "one worker for all again")
    wait_for(lambda: "crm-lookup" not in hands.get("ConfigMap", "shop-accepted")["data"]["accepted.json"], "it is forgotten")
    hands.wait_condition("Connector", "mailer", "Ready", ("False", "RefusedByPolicy"))
    wait_for(lambda: hands.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy has a status")


@pytest.mark.usefixtures("controllers", "audit")
def test_what_is_granted_is_what_is_called(from_the_start: Audit, operator: OperatorProcess, hands: Hands) -> None:
    _live_through_everything(hands)
    calls = [call for call in from_the_start.calls(operator.user) if call[1] and "accessreviews" not in call[1]]
    assert [call for call in calls if call[2] in (401, 403)] == []
    assert _used(calls) <= _granted()
    assert {right for right in _granted() - _used(calls) if right[0] not in REPAIRS} == set()

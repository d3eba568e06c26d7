"""The status of a ConnectorPolicy: what it covers and what it refuses."""

from pydantic import ValidationError

from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.status import ConnectorPolicyStatus
from connector_operator.domain.conditions import accepted, conditions, failing
from connector_operator.domain.objects import Object
from connector_operator.domain.policy import Policy, read_policy, why_refused
from connector_operator.domain.problem import Problem
from connector_operator.domain.selectors import selects
from connector_operator.domain.snapshot import PolicySnapshot
from connector_operator.domain.status import requested_at

MAX_REFUSED_NAMES = 10


def policy_status(snapshot: PolicySnapshot, now: str) -> ConnectorPolicyStatus:
    """Derive a ConnectorPolicy's status: how many Connectors it matches and refuses, and the first few names."""
    policy = read_policy(snapshot.policy)
    accept = accepted(policy if isinstance(policy, Problem) else None)
    matched = _matched(policy, snapshot) if isinstance(policy, Policy) else []
    refused = [obj for obj in matched if isinstance(policy, Policy) and _refuses(policy, obj)]
    return ConnectorPolicyStatus(
        observed_generation=snapshot.policy["metadata"].get("generation", 0),
        conditions=conditions(snapshot.policy, [accept], now, blocking=failing([accept])),
        last_handled_reconcile_at=requested_at(snapshot.policy),
        matched=len(matched),
        refused=len(refused),
        refused_names=tuple(f"{obj['metadata']['namespace']}/{obj['metadata']['name']}" for obj in refused[:MAX_REFUSED_NAMES]),
    )


def _matched(policy: Policy, snapshot: PolicySnapshot) -> list[Object]:
    applies = {name for name, labels in snapshot.namespaces.items() if selects(policy.spec.namespace_selector, labels)}
    return [obj for obj in snapshot.connectors if obj["metadata"]["namespace"] in applies]


def _refuses(policy: Policy, connector: Object) -> bool:
    try:
        return why_refused(ConnectorSpec.model_validate(connector.get("spec", {})), policy) is not None
    except ValidationError:
        return False  # its own status says what is wrong with it

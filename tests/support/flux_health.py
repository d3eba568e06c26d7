"""What Flux would make of an object by the expressions in deploy/flux, which a real API server's CEL evaluates.

Flux asks inProgress, failed, current in this order, and takes what answers to none of them for in progress. Source:
https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from cluster_hands import Hands, wait_for
from kstatus import State
from kubernetes.client.exceptions import ApiException

from connector_operator.api.kinds import GROUP, Kind
from connector_operator.domain.objects import Object

_FILE = Path(__file__).parents[2] / "deploy" / "flux" / "kustomization.yaml"
_STATES = {"inProgress": State.IN_PROGRESS, "failed": State.FAILED, "current": State.CURRENT}
_ANSWERS = re.compile(r"flux says (true|false),(true|false),(true|false)")


class FluxHealth:
    """Answers for one kind. An object's own spec does not matter, so any one that the API server accepts may stand in."""

    def __init__(self, hands: Hands, kind: Kind) -> None:
        self._hands = hands
        self._kind = kind

    def state(self, name: str, status: Object) -> State:
        """What Flux makes of the object of that name if it had this status."""
        try:
            self._hands.edit(self._kind.kind, name, {"status": dict(status)}, subresource="status", dry_run="All")
        except ApiException as refused:
            return _read(str(refused.body))  # pyright: ignore[reportUnknownArgumentType] - the client has no types
        raise AssertionError("the policy that evaluates the expressions is not in force")


@contextmanager
def evaluating(hands: Hands, kind: Kind) -> Generator[FluxHealth, None, None]:
    """Have every change of a status in the namespace of `hands` refused with the answers of the three expressions."""
    name = f"flux-{kind.plural}-{hands.namespace}"
    rules = [
        {
            "apiGroups": [GROUP],
            "apiVersions": [kind.version],
            "operations": ["UPDATE"],
            "resources": [f"{kind.plural}/status"],
        }
    ]
    constraints = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": hands.namespace}}, "resourceRules": rules}
    answers = " + ',' + ".join(f"string({expression})" for expression in _expressions(kind))
    validation = {"expression": "object == null", "messageExpression": f"'flux says ' + {answers}"}
    spec = {"matchConstraints": constraints, "validations": [validation]}
    hands.put(_admission("ValidatingAdmissionPolicy", name, spec))
    hands.put(_admission("ValidatingAdmissionPolicyBinding", name, {"policyName": name, "validationActions": ["Deny"]}))
    try:
        yield FluxHealth(hands, kind)
    finally:
        hands.delete("ValidatingAdmissionPolicyBinding", name)
        hands.delete("ValidatingAdmissionPolicy", name)


def wait_until_evaluated(flux: FluxHealth, name: str) -> None:
    """A policy is in force a moment after it was made."""
    wait_for(lambda: flux.state(name, {"observedGeneration": 0, "conditions": []}), "the policy is in force")


def _read(refusal: str) -> State:
    answers = _ANSWERS.search(refusal)
    assert answers, refusal
    said = zip(_STATES.values(), answers.groups(), strict=True)
    return next((state for state, answer in said if answer == "true"), State.IN_PROGRESS)


def _expressions(kind: Kind) -> list[str]:
    """The three expressions for a kind, in the words of an admission policy, where the object has a name."""
    checks = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["spec"]["healthCheckExprs"]
    (check,) = [check for check in checks if (check["apiVersion"], check["kind"]) == (kind.api_version, kind.kind)]
    return [re.sub(r"(?<![.\w])(status|metadata)\.", r"object.\1.", check[state]) for state in _STATES]


def _admission(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}

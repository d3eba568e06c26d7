"""What the API server refuses, our models refuse too, for objects that no API server has seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from scenario_bad_objects import BAD_OBJECTS, CONNECTOR, POLICY, RUNTIME, BadObject, Manifest
from scenario_objects import resolved, stored

from connector_operator.api.crd import crds
from connector_operator.domain.check import check
from connector_operator.domain.policy import read_policy
from connector_operator.domain.problem import Problem


def _problem(manifest: Manifest) -> Problem | None:
    """What the operator would say, by the code that says it."""
    obj = stored(manifest)
    if manifest["kind"] == "ConnectorRuntime":
        return resolved(of=obj).problem
    if manifest["kind"] == "ConnectorPolicy":
        policy = read_policy(obj)
        return policy if isinstance(policy, Problem) else None
    return check(obj, (), {}).problem


@pytest.mark.parametrize("manifest", [CONNECTOR, RUNTIME, POLICY], ids=lambda manifest: manifest["kind"])
def test_the_object_that_all_bad_ones_are_made_from_is_good(manifest: Manifest) -> None:
    assert _problem(manifest) is None


@pytest.mark.parametrize("bad", BAD_OBJECTS, ids=str)
def test_a_bad_object_is_refused_with_its_field_and_what_is_expected(bad: BadObject) -> None:
    problem = _problem(bad.manifest)
    assert problem is not None
    assert problem.reason == "InvalidSpec"
    assert bad.model in problem.message


def _rules(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for rule in node.get("x-kubernetes-validations", ()):
            yield rule["message"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from _rules(child)


@pytest.mark.parametrize("message", sorted(set(_rules(crds()))))
def test_every_rule_of_the_crds_has_a_bad_object_that_it_refuses(message: str) -> None:
    assert any(message in bad.server or bad.server in message for bad in BAD_OBJECTS)

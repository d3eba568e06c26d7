"""What policies allow: every enforced one that applies must."""

from typing import Any

import pytest
import scenario_objects as objects

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain.policy import Policy, policies_of, read_policy, refusal, refuse_runtime
from connector_operator.domain.problem import Problem

BUILTIN = {"builtin": "http-json"}
CODE = {"configMap": {"name": "crm", "entryPoint": "crm:lookup"}}


def _allow(*job_types: str, **sources: Any) -> dict[str, Any]:
    return {"jobTypes": list(job_types), "sources": sources}


def _policy(*entries: dict[str, Any], name: str = "guard", **spec: Any) -> Policy:
    policy = read_policy(objects.policy(name, connectors=list(entries), **spec))
    assert isinstance(policy, Policy)
    return policy


def _spec(job_type: str = "acme.io:crm:1", source: dict[str, Any] = BUILTIN) -> ConnectorSpec:
    return ConnectorSpec.model_validate({"jobType": job_type, "source": source})


ANY_BUILTIN = _allow("*", builtin=["*"])

CASES: dict[str, tuple[ConnectorSpec, list[Policy], bool]] = {
    "no policy at all": (_spec(), [], True),
    "an empty allow-list": (_spec(), [_policy()], False),
    "a list that has the job type and the source": (_spec(), [_policy(_allow("acme.io:*", builtin=["http-*"]))], True),
    "another job type": (_spec(), [_policy(_allow("acme.com:*", builtin=["*"]))], False),
    "a job type that only contains the pattern": (_spec("evil:acme.io:x"), [_policy(_allow("acme.io:*", builtin=["*"]))], False),
    "a pattern whose dot is a dot": (_spec("acmeXio:crm"), [_policy(_allow("acme.io:*", builtin=["*"]))], False),
    "another builtin": (_spec(), [_policy(_allow("*", builtin=["graphql"]))], False),
    "a source kind that is left out": (_spec(), [_policy(_allow("*", configMap={}))], False),
    "an entry without any source": (_spec(), [_policy(_allow("*"))], False),
    "an empty list of builtins": (_spec(), [_policy(_allow("*", builtin=[]))], False),
    "a configMap that is allowed": (_spec(source=CODE), [_policy(_allow("*", configMap={}))], True),
    "a configMap that is left out": (_spec(source=CODE), [_policy(ANY_BUILTIN)], False),
    "the second entry": (_spec(), [_policy(_allow("b:*", builtin=["*"]), _allow("acme.io:*", builtin=["*"]))], True),
    "job type of one entry, source of another": (
        _spec(),
        [_policy(_allow("acme.io:*", configMap={}), _allow("b:*", builtin=["*"]))],
        False,
    ),
    "two policies that both allow": (_spec(), [_policy(ANY_BUILTIN), _policy(ANY_BUILTIN)], True),
    "two policies of which one refuses": (_spec(), [_policy(ANY_BUILTIN), _policy()], False),
    "a policy that only audits": (_spec(), [_policy(enforcement="Audit")], True),
    "an audit beside an enforced refusal": (_spec(), [_policy(enforcement="Audit"), _policy()], False),
}


@pytest.mark.parametrize(("spec", "policies", "allowed"), CASES.values(), ids=CASES)
def test_a_connector_is_allowed_when_every_enforced_policy_allows_it(
    spec: ConnectorSpec, policies: list[Policy], allowed: bool
) -> None:
    problem = refusal(spec, policies)
    assert (problem is None) is allowed
    assert problem is None or problem.reason is Reason.REFUSED_BY_POLICY


def test_a_refused_job_type_is_told_with_what_is_allowed() -> None:
    policy = _policy(_allow("io.camunda:*", builtin=["*"]), _allow("acme.com:*", configMap={}), name="shop")
    assert refusal(_spec(), [policy]) == Problem(
        Reason.REFUSED_BY_POLICY,
        "ConnectorPolicy 'shop' allows no job type 'acme.io:crm:1'; it allows io.camunda:*, acme.com:*; "
        "ask a cluster admin to add it, or use an allowed one",
    )


def test_a_refused_source_is_told_with_what_is_allowed() -> None:
    policy = _policy(_allow("acme.io:*", builtin=["graphql"]), _allow("*", configMap={}), name="shop")
    assert refusal(_spec(), [policy]) == Problem(
        Reason.REFUSED_BY_POLICY,
        "ConnectorPolicy 'shop' allows job type 'acme.io:crm:1', but not from source builtin 'http-json'; "
        "it allows builtin graphql or any configMap",
    )


def test_the_message_of_a_refusal_stays_short_however_long_the_allow_list_is() -> None:
    entry = _allow("*", builtin=[f"{number}-{'x' * 200}" for number in range(100)])
    problem = refusal(_spec(), [_policy(*[entry] * 100)])
    assert problem is not None
    assert len(problem.message) < 30_000
    assert "and 90 more" in problem.message


def test_policies_apply_where_their_selector_matches() -> None:
    everywhere = objects.policy("a")
    here = objects.policy("b", namespaceSelector={"matchLabels": {"team": "shop"}})
    elsewhere = objects.policy("c", namespaceSelector={"matchLabels": {"team": "crm"}})
    assert [policy.name for policy in policies_of({"team": "shop"}, [everywhere, here, elsewhere])] == ["a", "b"]


def test_a_policy_that_cannot_be_read_says_why() -> None:
    assert read_policy(objects.policy(connectors=[_allow("no spaces")])) == Problem(
        Reason.INVALID_SPEC,
        "spec.connectors[0].jobTypes[0]: string should match pattern '^[A-Za-z0-9_.:/@*?-]+$' (got 'no spaces')",
    )


@pytest.mark.parametrize("glob", ["a\nb", "[a-z]", "(a|b)", "a+", "^a$", "a\\d", "{{7*7}}", "", "x" * 254, "ü"])
def test_a_glob_holds_nothing_but_names_and_wildcards(glob: str) -> None:
    assert isinstance(read_policy(objects.policy(connectors=[_allow(glob, builtin=["*"])])), Problem)


def _runtime(**spec: Any) -> ConnectorRuntimeSpec:
    return ConnectorRuntimeSpec.model_validate(objects.runtime(**spec)["spec"])


@pytest.mark.parametrize(
    ("allowed", "replicas", "image", "message"),
    [
        ({}, 500, "evil/image:1", None),
        ({"images": ["acme/*"]}, 1, "acme/runtime:1", None),
        ({"images": ["acme/*"]}, 1, "evil/acme/x", "allows no runtime image 'evil/acme/x'; it allows acme/*"),
        ({"images": []}, 1, "acme/runtime:1", "allows no runtime image 'acme/runtime:1'; it allows none"),
        ({"maxReplicas": 3}, 3, "a", None),
        ({"maxReplicas": 3}, 4, "a", "ConnectorPolicy 'guard' allows at most 3 in spec.replicas (got 4)"),
        ({"maxReplicas": 3}, None, "a", None),
    ],
)
def test_a_runtime_may_ask_for_what_policies_allow(
    allowed: dict[str, Any], replicas: int | None, image: str, message: str | None
) -> None:
    problem = refuse_runtime(_runtime(replicas=replicas), image, [_policy(runtimes=allowed)])
    if message is None:
        assert problem is None
    else:
        assert problem is not None
        assert message in problem.message
    assert refuse_runtime(_runtime(replicas=replicas), image, [_policy(runtimes=allowed, enforcement="Audit")]) is None

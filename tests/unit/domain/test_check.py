"""Each problem that a Connector can have by itself, in the words that its author reads."""

from typing import Any

import pytest
import scenario_objects as objects

from connector_operator.api.conditions import Reason
from connector_operator.domain.check import CheckedConnector, check
from connector_operator.domain.objects import Object
from connector_operator.domain.policy import policies_of
from connector_operator.domain.problem import Problem

SECRET = {"name": "TOKEN", "secretKeyRef": {"name": "crm", "key": "token"}}
CODE = {"configMap": {"name": "crm", "entryPoint": "crm.api:lookup"}}


def _check(obj: Object, *policies: Object, sources: tuple[Object, ...] = ()) -> CheckedConnector:
    by_name = {item["metadata"]["name"]: item for item in sources}
    return check(obj, policies_of({}, policies), by_name)


def test_a_good_connector_has_no_problem() -> None:
    checked = _check(objects.connector())
    assert checked.problem is None
    assert checked.spec is not None
    assert checked.spec.job_type == "acme.io:http:1"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"source": {}}, "spec.source: needs exactly one of builtin, configMap"),
        ({"source": {"builtin": "a", **CODE}}, "spec.source: needs exactly one of builtin, configMap"),
        ({"jobType": None}, "spec.jobType: input should be a valid string"),
        ({"jobType": 5}, "spec.jobType: input should be a valid string (got 5)"),
        ({"fetchVariables": ["a", "b", "a"]}, "spec.fetchVariables: needs every value once (got 'a' twice)"),
        ({"secrets": [SECRET, SECRET]}, "spec.secrets: needs every name once (got 'TOKEN' twice)"),
        ({"maxJobsActive": True}, "spec.maxJobsActive: needs an integer (got True)"),
        ({"suspend": 0}, "spec.suspend: input should be a valid boolean (got 0)"),
        ({"maxJobsActive": 0}, "spec.maxJobsActive: input should be greater than or equal to 1 (got 0)"),
        ({"timeout": "0s"}, "spec.timeout: needs a positive duration, such as 5m or 1h30m (got '0s')"),
        ({"settings": {"text": "x" * 32768}}, "spec.settings: at most 32768 bytes of JSON (got 32780)"),
        (
            {"maxJobsActive": 0, "suspend": "maybe"},
            "spec.maxJobsActive: input should be greater than or equal to 1 (got 0); "
            "spec.suspend: input should be a valid boolean (got 'maybe')",
        ),
    ],
)
def test_an_invalid_spec_is_told_by_field_value_and_expectation(spec: dict[str, Any], message: str) -> None:
    problem = _check(objects.connector(**spec)).problem
    assert problem is not None
    assert problem.reason is Reason.INVALID_SPEC
    assert problem.message.startswith(message)


def test_at_most_five_findings_are_told_at_once() -> None:
    secrets = [{"name": "../up", "secretKeyRef": {"name": "a", "key": "b"}}] * 50
    problem = _check(objects.connector(secrets=secrets)).problem
    assert problem is not None
    assert problem.message.count("spec.secrets[") == 5


@pytest.mark.parametrize("spec", [None, [], "text", 7])
def test_a_spec_that_is_no_object_is_a_problem(spec: object) -> None:
    problem = _check(objects.connector() | {"spec": spec}).problem
    assert problem is not None
    assert problem.message.startswith("spec: input should be")


@pytest.mark.parametrize("name", ["with.dot", "x" * 64, "Upper", "-dash", "dash-", "new\n", "ü"])
def test_a_name_that_fits_no_label_is_a_problem(name: str) -> None:
    expected = "metadata.name: needs at most 63 lower-case letters, digits and dashes, and no dots"
    assert _check(objects.connector(name)).problem == Problem(Reason.INVALID_SPEC, f"{expected} (got '{name}')")


def test_a_suspended_connector_says_how_to_go_on() -> None:
    assert _check(objects.connector(suspend=True)).problem == Problem(
        Reason.SUSPENDED, "spec.suspend is true: set it to false to serve the Connector again"
    )


def test_a_missing_source_says_how_to_make_it_readable() -> None:
    assert _check(objects.connector(source=CODE)).problem == Problem(
        Reason.SOURCE_NOT_FOUND,
        "spec.source.configMap.name: cannot find a ConfigMap 'crm' labelled connectors.camunda.io/part=source in this namespace; "
        "create it, or label it: kubectl label configmap crm connectors.camunda.io/part=source",
    )


@pytest.mark.parametrize(
    ("files", "has"),
    [
        ({"lookup__py": "x"}, "lookup.py"),
        ({"crm__txt": "x"}, "no .py file"),
        ({}, "no .py file"),
        ({"b__py": "", "a__py": ""}, "a.py, b.py"),
    ],
)
def test_a_missing_module_is_told_with_those_that_are_there(files: dict[str, str], has: str) -> None:
    checked = _check(objects.connector(source=CODE), sources=(objects.source("crm", **files),))
    assert checked.problem == Problem(
        Reason.SOURCE_NOT_FOUND, f"spec.source.configMap.entryPoint: ConfigMap 'crm' has no key 'crm.py'; it has {has}"
    )


def test_only_python_files_are_code_and_their_hash_is_that_of_their_content() -> None:
    code = {"crm__py": "a = 1", "other__py": "b = 2", "readme__txt": "hello"}
    first = _check(objects.connector(source=CODE), sources=(objects.source("crm", **code),)).source
    assert first is not None
    assert list(first.files) == ["crm.py", "other.py"]
    same = objects.source("crm", **dict(reversed(code.items())) | {"readme__txt": "changed"})
    other = objects.source("crm", **code | {"other__py": "b = 3"})
    assert _check(objects.connector(source=CODE), sources=(same,)).source == first
    assert _check(objects.connector(source=CODE), sources=(other,)).source != first


def test_a_refusal_comes_before_a_missing_source_and_before_suspension() -> None:
    checked = _check(objects.connector(source=CODE, suspend=True), objects.policy(connectors=[]))
    assert checked.problem is not None
    assert checked.problem.reason is Reason.REFUSED_BY_POLICY


def test_what_an_audit_would_refuse_is_told_and_refuses_nothing() -> None:
    checked = _check(objects.connector(), objects.policy("watch", enforcement="Audit"))
    assert checked.problem is None
    (said,) = checked.audit
    assert said.startswith("ConnectorPolicy 'watch' allows no job type 'acme.io:http:1'; it allows none at all")


def test_the_older_connector_comes_first_and_names_decide_ties() -> None:
    checked = [_check(objects.connector(name, second=second)) for name, second in (("b", 1), ("a", 1), ("z", 0))]
    assert [item.name for item in sorted(checked, key=lambda item: item.age)] == ["z", "a", "b"]

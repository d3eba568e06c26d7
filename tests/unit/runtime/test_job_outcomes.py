"""The whole table of how a job ends: responses, exceptions, and what expressions make of them."""

import json
import math
from datetime import timedelta
from typing import Any

import pytest

from connector_runtime.headers import parse_headers
from connector_runtime.masking import Masker
from connector_runtime.outcomes import (
    MAX_VARIABLES_BYTES,
    BpmnErrorThrown,
    Completed,
    Failed,
    Ignored,
    Outcome,
    Rules,
    of_exception,
    of_response,
)
from connector_runtime.placeholders import SecretNotMountedError
from connector_sdk import BpmnError, ConnectorError, InputError, RetryError

RESPONSE = {"status": 200, "body": {"id": 7, "items": [1, 2]}}
NO_BACKOFF = timedelta(0)


def rules(retries: int = 3, secrets: tuple[str, ...] = (), **headers: str) -> Rules:
    return Rules(parse_headers(headers), retries, Masker(secrets))


def response(value: Any = RESPONSE, **kwargs: Any) -> Outcome:
    return of_response(value, rules(**kwargs))


def variables(outcome: Outcome) -> Any:
    return json.loads(outcome.variables)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, {}),
        ({"resultVariable": "r"}, {"r": RESPONSE}),
        ({"resultExpression": "={id: body.id}"}, {"id": 7}),
        ({"resultExpression": "={id: response.body.id}"}, {"id": 7}),
        ({"resultExpression": "{id: body.id}"}, {"id": 7}),
        ({"resultExpression": "=null"}, {}),
        ({"resultExpression": "={}"}, {}),
        ({"resultExpression": "=response"}, RESPONSE),
        ({"resultVariable": "r", "resultExpression": "={r: 1, s: 2}"}, {"r": 1, "s": 2}),
        (
            {"resultExpression": "={\n  // a comment, as in the default of Camunda's template\n  total: sum(body.items)\n}"},
            {"total": 3},
        ),
    ],
)
def test_a_response_becomes_variables(headers: dict[str, str], expected: Any) -> None:
    outcome = response(**headers)
    assert isinstance(outcome, Completed)
    assert variables(outcome) == expected


@pytest.mark.parametrize("value", [None, 3, "text", [1, 2], True])
def test_a_response_that_is_no_object_is_found_under_response(value: Any) -> None:
    outcome = response(value, resultVariable="r", resultExpression="={x: response}")
    assert variables(outcome) == {"r": value, "x": value}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("=1", "cannot use the result of 'resultExpression': it must be a context, it is a number"),
        ('="x"', "it is a text"),
        ("=[1]", "it is a list"),
        ("=true", "it is a boolean"),
        ("={a: ", "cannot evaluate 'resultExpression'"),
        ("=assert(1, false)", "cannot evaluate 'resultExpression'"),
    ],
)
def test_a_result_expression_that_gives_no_context_fails_the_job_for_good(expression: str, text: str) -> None:
    outcome = response(resultExpression=expression, retryBackoff="PT5S")
    assert isinstance(outcome, Failed)
    assert (outcome.retries, outcome.backoff) == (0, NO_BACKOFF)
    assert text in outcome.message


def test_an_error_expression_may_catch_a_failed_result_expression() -> None:
    outcome = response(resultExpression="=1", errorExpression='=if error != null then bpmnError("X", error.message) else null')
    assert isinstance(outcome, BpmnErrorThrown)
    assert outcome.code == "X"
    assert "resultExpression" in outcome.message


@pytest.mark.parametrize(
    "expression",
    ["=null", "={}", '=if false then bpmnError("A", "b") else null', '={errorType: "bpmnError"}', '=bpmnError("")'],
)
def test_an_error_expression_that_finds_nothing_changes_nothing(expression: str) -> None:
    assert response(resultVariable="r", errorExpression=expression) == response(resultVariable="r")


def test_an_error_expression_sees_response_keys_and_the_jobs_retries() -> None:
    outcome = response(retries=2, errorExpression="=bpmnError(string(status), string(response.body.id), {left: job.retries})")
    assert outcome == BpmnErrorThrown("200", "7", '{"left":2}')


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('=bpmnError("A")', BpmnErrorThrown("A", "", "{}")),
        ('=bpmnError("A", "text", {x: 1})', BpmnErrorThrown("A", "text", '{"x":1}')),
        ('=jobError("no")', Failed(0, "no", NO_BACKOFF, '{"error":"no"}')),
        ('=jobError("no", {x: 1})', Failed(0, "no", NO_BACKOFF, '{"error":"no","x":1}')),
        ('=jobError("no", {}, 5)', Failed(5, "no", NO_BACKOFF, '{"error":"no"}')),
        ("=ignoreError()", Ignored("{}")),
        ("=ignoreError({x: [1]})", Ignored('{"x":[1]}')),
        (
            '={errorType: "jobError", errorMessage: "m", retryBackoff: "PT1M", retries: 1}',
            Failed(1, "m", timedelta(minutes=1), '{"error":"m"}'),
        ),
    ],
)
@pytest.mark.parametrize("failed", [False, True], ids=["after a response", "after a failure"])
def test_the_error_functions_decide_after_success_and_after_failure(expression: str, expected: Outcome, failed: bool) -> None:
    judged = rules(errorExpression=expression, resultVariable="r")
    assert (of_exception(ValueError("x"), judged) if failed else of_response(RESPONSE, judged)) == expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("=1", "cannot use the result of 'errorExpression'"),
        ("={a: 1}", "use bpmnError, jobError or ignoreError, or null"),
        ("={", "cannot evaluate 'errorExpression'"),
        ("=bpmnError(1)", "cannot evaluate 'errorExpression'"),
        ('={errorType: "ignoreError", variables: 1}', "cannot use ignoreError: variables must be a context"),
        ('={errorType: "jobError", errorMessage: "m", retries: -1}', "cannot use jobError: retries is '-1'"),
        ('={errorType: "jobError", errorMessage: "m", retryBackoff: "soon"}', "retryBackoff 'soon' is not"),
    ],
)
@pytest.mark.parametrize("failed", [False, True], ids=["after a response", "after a failure"])
def test_an_error_expression_that_fails_fails_the_job_for_good(expression: str, text: str, failed: bool) -> None:
    judged = rules(errorExpression=expression, retryBackoff="PT5S")
    outcome = of_exception(ValueError("x"), judged) if failed else of_response(RESPONSE, judged)
    assert isinstance(outcome, Failed)
    assert (outcome.retries, outcome.backoff) == (0, NO_BACKOFF)
    assert text in outcome.message


FIVE = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("exception", "retries", "backoff"),
    [
        (ValueError("x"), 2, FIVE),
        (ConnectorError("404", "x"), 2, FIVE),
        (TimeoutError(), 2, FIVE),
        (InputError("x"), 0, NO_BACKOFF),
        (RetryError("x"), 2, FIVE),
        (RetryError("x", retries=7), 7, FIVE),
        (RetryError("x", retries=0), 0, FIVE),
        (RetryError("x", retries=-4), 0, FIVE),
        (RetryError("x", backoff=timedelta(minutes=1)), 2, timedelta(minutes=1)),
        (SecretNotMountedError("x"), 3, FIVE),
    ],
)
def test_each_exception_has_its_retries_and_backoff(exception: Exception, retries: int, backoff: timedelta) -> None:
    outcome = of_exception(exception, rules(retryBackoff="PT5S"))
    assert isinstance(outcome, Failed)
    assert (outcome.retries, outcome.backoff) == (retries, backoff)


def test_the_last_retry_leaves_none() -> None:
    outcome = of_exception(ValueError("x"), rules(retries=0))
    assert isinstance(outcome, Failed)
    assert outcome.retries == 0


@pytest.mark.parametrize(
    ("exception", "error"),
    [
        (ValueError("bad"), {"type": "ValueError", "message": "bad"}),
        (TimeoutError(), {"type": "TimeoutError", "message": "TimeoutError"}),
        (
            ConnectorError("404", "gone", {"id": 1}),
            {"type": "ConnectorError", "message": "gone", "code": "404", "variables": {"id": 1}},
        ),
        (ConnectorError(None, "gone"), {"type": "ConnectorError", "message": "gone"}),
        (
            ConnectorError("X", "bad", {"n": math.nan}),
            {
                "type": "ConnectorError",
                "message": "bad",
                "code": "X",
                "variables": {"omitted": "the error's variables are not JSON: 'variables.n' is nan, which JSON does not have"},
            },
        ),
    ],
)
def test_a_failure_is_told_as_the_variable_error_and_to_the_expression(exception: Exception, error: Any) -> None:
    assert variables(of_exception(exception, rules())) == {"error": error}
    seen = of_exception(exception, rules(errorExpression="=ignoreError({seen: error, same: response.error})"))
    assert variables(seen) == {"seen": error, "same": error}


def test_a_bpmn_error_of_the_function_is_thrown() -> None:
    assert of_exception(BpmnError("A", "m", {"x": 1}), rules()) == BpmnErrorThrown("A", "m", '{"x":1}')


def test_an_error_expression_outranks_a_bpmn_error_of_the_function() -> None:
    outcome = of_exception(BpmnError("A"), rules(errorExpression='=if error.code = "A" then ignoreError({}) else null'))
    assert outcome == Ignored("{}")


def test_a_bpmn_error_with_variables_that_are_not_json_fails_the_job_for_good() -> None:
    outcome = of_exception(BpmnError("A", "m", {"x": {1}}), rules())
    assert isinstance(outcome, Failed)
    assert (outcome.retries, "'variables.x' is a set" in outcome.message) == (0, True)


def test_secrets_are_masked_in_message_and_variables_but_not_in_the_code() -> None:
    exception = ConnectorError("hunter2", "login hunter2 failed", {"token": ["aHVudGVyMg=="], "hunter2": 1})
    outcome = of_exception(exception, rules(secrets=("hunter2",)))
    assert isinstance(outcome, Failed)
    assert outcome.message == "login *** failed"
    assert variables(outcome)["error"] == {
        "type": "ConnectorError",
        "message": "login *** failed",
        "code": "hunter2",
        "variables": {"token": ["***"], "***": 1},
    }


def test_secrets_are_masked_before_an_expression_can_copy_them() -> None:
    judged = rules(secrets=("hunter2",), errorExpression='=bpmnError("A", error.message, {m: error.message})')
    assert of_exception(ValueError("hunter2!"), judged) == BpmnErrorThrown("A", "***!", '{"m":"***!"}')


def test_secrets_are_masked_in_job_errors_made_of_a_response() -> None:
    judged = rules(secrets=("hunter2",), errorExpression="=jobError(response.echo, {echo: response.echo})")
    assert of_response({"echo": "hunter2"}, judged) == Failed(0, "***", NO_BACKOFF, '{"error":"***","echo":"***"}')


def test_messages_are_cut_to_what_zeebe_takes() -> None:
    long = "x" * 10_000
    for outcome in (
        of_exception(ValueError(long), rules()),
        of_exception(ValueError(long), rules(errorExpression='=bpmnError("A", error.message + error.message)')),
        of_response({"m": long}, rules(errorExpression="=jobError(m)")),
    ):
        assert isinstance(outcome, Failed | BpmnErrorThrown)
        assert outcome.message == "x" * 6_000


@pytest.mark.parametrize(
    "headers",
    [
        {"resultVariable": "r"},
        {"resultExpression": "={big: response}"},
        {"errorExpression": "=ignoreError({big: response})"},
        {"errorExpression": '=bpmnError("A", "m", {big: response})'},
        {"errorExpression": '=jobError("m", {big: response})'},
    ],
)
def test_too_large_an_output_is_one_failure_for_good(headers: dict[str, str]) -> None:
    outcome = response("ä" * (MAX_VARIABLES_BYTES // 2), **headers)
    assert isinstance(outcome, Failed)
    assert outcome.retries == 0
    assert "are more than 1572864" in outcome.message
    assert len(outcome.variables) < 10_000


def test_an_output_just_within_the_limit_is_completed() -> None:
    assert isinstance(response("x" * (MAX_VARIABLES_BYTES - 8), resultVariable="r"), Completed)


def test_error_variables_too_large_for_zeebe_are_left_out_and_the_error_stays() -> None:
    outcome = of_exception(ConnectorError("500", "m", {"body": "x" * MAX_VARIABLES_BYTES}), rules())
    assert variables(outcome) == {
        "error": {
            "type": "ConnectorError",
            "message": "m",
            "code": "500",
            "variables": {"omitted": "the error's variables are too large"},
        }
    }

"""A null that nobody meant is told to whoever reads the job's log, once."""

import logging

import pytest

import camunda_feel
from camunda_feel import Limits
from connector_runtime.expression_warnings import MOST_EXPRESSIONS, WarnedExpressions
from connector_runtime.headers import Header

RESULT, ERROR = Header.RESULT_EXPRESSION, Header.ERROR_EXPRESSION


@pytest.fixture
def expressions() -> WarnedExpressions:
    return WarnedExpressions()


def evaluated(expressions: WarnedExpressions, header: Header, source: str, variables: dict[str, object]) -> object:
    return expressions.evaluate(header, camunda_feel.compile(source), variables, Limits())


def test_a_misspelt_variable_is_told_with_the_nearest_name(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    assert evaluated(expressions, RESULT, "{city: respnse.city}", {"response": {"city": "Ulm"}}) == {"city": None}
    assert caplog.messages == ["""something in 'resultExpression' is null: no variable "respnse"; did you mean "response"?"""]


def test_an_expression_is_told_of_once_however_many_jobs_use_it(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    for _ in range(3):
        evaluated(expressions, RESULT, "{a: b}", {})
    evaluated(expressions, RESULT, "{a: c}", {})
    assert len(caplog.messages) == 2


def test_an_expression_that_was_fine_at_first_is_told_of_later(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    evaluated(expressions, RESULT, "{a: b}", {"b": 1})
    assert caplog.messages == []
    evaluated(expressions, RESULT, "{a: b}", {})
    assert len(caplog.messages) == 1


def test_an_error_expression_may_ask_for_the_error_of_a_success(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    source = 'if error.code = "404" then bpmnError("gone") else null'
    assert evaluated(expressions, ERROR, source, {"response": 1}) is None
    assert caplog.messages == []


def test_a_result_expression_may_not(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    evaluated(expressions, RESULT, "{a: error}", {"response": 1})
    assert caplog.messages == ["""something in 'resultExpression' is null: no variable "error\""""]


def test_values_are_never_told(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    evaluated(expressions, RESULT, "{a: token + 1, b: number(token)}", {"token": "canary-4711"})
    assert caplog.messages
    assert "canary-4711" not in caplog.text


def test_what_is_remembered_is_bounded(expressions: WarnedExpressions, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    for number in range(MOST_EXPRESSIONS + 1):
        evaluated(expressions, RESULT, f"x{number}", {})
    caplog.set_level(logging.WARNING)
    evaluated(expressions, RESULT, "x0", {})
    assert len(caplog.messages) == 1

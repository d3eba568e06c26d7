"""Result and error expressions as they stand in diagrams, over a response of a connector."""

from typing import Any

import pytest

from camunda_feel import FeelError, compile, evaluate  # noqa: A004 - the public name

RESPONSE: dict[str, Any] = {
    "status": 200,
    "headers": {"content-type": "application/json"},
    "body": {
        "id": "c-42",
        "big": 9223372036854775807,
        "ratio": 0.1,
        "items": [{"sku": "a", "price": 5}, {"sku": "b", "price": 12.5}, {"sku": "c", "price": 20}],
        "choices": [{"message": {"content": "hello"}}],
        "empty": [],
    },
}
SUCCESS = {**RESPONSE, "response": RESPONSE, "job": {"retries": 3}}
FAILURE: dict[str, Any] = {
    "error": {"type": "HttpError", "message": "I/O error: refused", "code": "503", "variables": {"attempt": 1}},
    "job": {"retries": 3},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("={customer: response.body.id}", {"customer": "c-42"}),
        ("={customer: body.id, code: status}", {"customer": "c-42", "code": 200}),
        ("={text: response.body.choices[1].message.content}", {"text": "hello"}),
        ("={dear: response.body.items[price > 10].sku}", {"dear": ["b", "c"]}),
        ("={total: sum(response.body.items.price)}", {"total": 37.5}),
        ("={type: response.headers.`content-type`}", {"type": "application/json"}),
        ("={missing: response.body.no.such.thing}", {"missing": None}),
        ("={big: response.body.big}", {"big": 9223372036854775807}),
        ("={ratio: response.body.ratio + 0.2}", {"ratio": 0.3}),
        ('={found: if is defined(body.id) then body.id else "none"}', {"found": "c-42"}),
        ("={first: body.empty[1], last: body.items[-1].sku}", {"first": None, "last": "c"}),
        ("={items: for i in body.items return {sku: i.sku, gross: i.price * 1.2}}",
         {"items": [{"sku": "a", "gross": 6}, {"sku": "b", "gross": 15}, {"sku": "c", "gross": 24}]}),
        ("= response.body.id", "c-42"),
        ("=null", None),
    ],
)  # fmt: skip
def test_result_expression_maps_the_response(expression: str, expected: Any) -> None:
    assert evaluate(expression, SUCCESS) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('bpmnError("E1")', {"errorType": "bpmnError", "errorCode": "E1"}),
        ('bpmnError("E1", "text")', {"errorType": "bpmnError", "errorCode": "E1", "errorMessage": "text"}),
        (
            'bpmnError("E1", "text", {a: 1})',
            {"errorType": "bpmnError", "errorCode": "E1", "errorMessage": "text", "variables": {"a": 1}},
        ),
        (
            'jobError("text")',
            {"errorType": "jobError", "errorMessage": "text", "variables": {}, "retries": 0, "retryBackoff": "PT0S"},
        ),
        (
            'jobError("text", {a: 1}, job.retries - 1, @"PT10S")',
            {
                "errorType": "jobError",
                "errorMessage": "text",
                "variables": {"a": 1},
                "retries": 2,
                "retryBackoff": "PT10S",
            },
        ),
        ("ignoreError()", {"errorType": "ignoreError"}),
        ("ignoreError({a: 1})", {"errorType": "ignoreError", "variables": {"a": 1}}),
        (
            'bpmnError(errorMessage: "text", errorCode: "E1")',
            {"errorType": "bpmnError", "errorCode": "E1", "errorMessage": "text"},
        ),
    ],
)
def test_error_functions_give_contexts(expression: str, expected: dict[str, Any]) -> None:
    assert evaluate(expression, FAILURE) == expected


def test_error_expression_chooses_by_code_and_message() -> None:
    expression = """=if error.code = "404" then
      bpmnError("not-found", error.message)
    else if starts with(error.message, "I/O error") then
      jobError(error.message, error.variables, job.retries - 1, duration("PT1M"))
    else
      null"""
    assert evaluate(expression, FAILURE) == {
        "errorType": "jobError",
        "errorMessage": "I/O error: refused",
        "variables": {"attempt": 1},
        "retries": 2,
        "retryBackoff": "PT1M",
    }
    assert evaluate(expression, SUCCESS) is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("bpmnError(404)", '"errorCode" must be a string, but it is a number'),
        ("bpmnError(error.missing)", '"errorCode" must be a string, but it is a null'),
        ('bpmnError("E1", "text", "x")', '"variables" must be a context, but it is a string'),
        ('jobError("text", {}, "1")', '"retries" must be a number, but it is a string'),
        ('jobError("text", {}, 1, "PT1M")', '"retryBackoff" must be a days and time duration'),
        ("ignoreError(1)", '"variables" must be a context'),
        ("backoff(0)", '"attempt" must be at least 1'),
        ('backoff(1, @"PT9S")', '"minDelay" must not be longer than "maxDelay"'),
    ],
)
def test_wrong_arguments_of_error_functions_are_errors_and_not_null(expression: str, message: str) -> None:
    with pytest.raises(FeelError, match=message):
        evaluate(expression, FAILURE)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('backoff(1, @"PT1S", 2, @"PT1M", 0)', "PT1S"),
        ('backoff(4, @"PT1S", 2, @"PT1M", 0)', "PT8S"),
        ('backoff(99999, @"PT1S", 2, @"PT1M", 0)', "PT1M"),
    ],
)
def test_backoff_grows_up_to_its_longest(expression: str, expected: str) -> None:
    assert evaluate(expression, {}) == expected


def test_backoff_jitters_around_its_delay() -> None:
    within = 'backoff(3, @"PT1S", 2, @"PT1M", 0.5) >= @"PT2S" and backoff(3, @"PT1S", 2, @"PT1M", 0.5) <= @"PT6S"'
    delays = {evaluate('backoff(3, @"PT1S", 2, @"PT1M", 0.5)', {}) for _ in range(20)}
    assert evaluate(within, {}) is True
    assert len(delays) > 1


def test_a_compiled_expression_serves_many_responses() -> None:
    expression = compile("={id: body.id}")
    assert [expression.evaluate({"body": {"id": number}}) for number in range(3)] == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert compile("={id: body.id}") is expression

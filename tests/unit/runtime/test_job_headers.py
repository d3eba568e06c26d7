"""The job headers that are instructions to the runtime."""

from datetime import timedelta

import pytest

from connector_runtime.headers import Header, JobHeaders, headers_of, parse_headers, read_headers
from connector_sdk import InputError


def test_all_instructions_are_read() -> None:
    values = {
        "resultVariable": "answer",
        "resultExpression": "={a: 1}",
        "errorExpression": "=null",
        "retryBackoff": "PT5M",
        "jobTimeout": "PT2H",
        "operation": "create",
    }
    assert parse_headers(values) == JobHeaders(
        values=values,
        result_variable="answer",
        result_expression="={a: 1}",
        error_expression="=null",
        retry_backoff=timedelta(minutes=5),
        job_timeout=timedelta(hours=2),
    )


@pytest.mark.parametrize("blank", ["", "  ", "="])
@pytest.mark.parametrize("header", list(Header))
def test_a_blank_header_is_none(header: Header, blank: str) -> None:
    assert parse_headers({header: blank}) == JobHeaders(values={header: blank})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"retryBackoff": "5 minutes"}, "cannot read header 'retryBackoff': '5 minutes' is not an ISO-8601 duration"),
        ({"retryBackoff": "-PT5S"}, "cannot use header 'retryBackoff': '-PT5S' is too short"),
        ({"jobTimeout": "soon"}, "cannot read header 'jobTimeout': 'soon' is not an ISO-8601 duration"),
        ({"jobTimeout": "PT0S"}, "cannot use header 'jobTimeout': 'PT0S' is too short"),
        ({"jobTimeout": "PT-1S"}, "cannot use header 'jobTimeout'"),
    ],
)
def test_a_value_that_cannot_be_used_is_an_input_error_that_names_the_header(values: dict[str, str], text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_headers(values)
    assert text in str(refusal.value)
    assert "correct it in the element's properties" in str(refusal.value)


@pytest.mark.parametrize("text", ["[]", "{", "null"])
def test_a_header_document_that_is_no_object_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError, match="cannot read the job's headers"):
        read_headers(text)


def test_the_headers_of_an_element_are_read_once_and_stay_as_they_are():
    first, second = headers_of('{"resultVariable": "r", "own": "1"}'), headers_of('{"resultVariable": "r", "own": "1"}')
    assert first is second
    with pytest.raises(TypeError):
        first.values["own"] = "2"  # type: ignore[index] - what a connector function may try

"""What holds for every text and every piece of JSON."""

import string
from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from camunda_feel import FeelError, Limits, compile, evaluate  # noqa: A004 - the public name

FRAGMENTS = [
    "a", "x", "item", "partial", "null", "true", "if ", " then ", " else ", "for x in ", " return ", "some x in ",
    " satisfies ", " and ", " or ", " in ", " between ", " instance of ", "function(a) ", "(", ")", "[", "]", "{", "}",
    "..", ".", ",", ":", "?", "@", '"', '"s"', "`", "`b c`", "1", "2.5", "-", "+", "*", "/", "**", "=", "!=", "<", ">=",
    "//", "/*", "*/", "\n", "\\", "count(", "sum(", "sort(", "string(", "duration(", '@"PT1S"', "bpmnError(", "€", "😀",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SMALL = Limits(steps=20_000, seconds=5, result=100_000)


def _evaluate_or_refuse(source: str, variables: dict[str, Any]) -> None:
    """Any other exception than FeelError fails the test."""
    with suppress(FeelError):
        compile(source).evaluate(variables, SMALL)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_evaluated_or_refused_with_a_feel_error(source: str) -> None:
    _evaluate_or_refuse(source, {})


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), JSON)
def test_any_row_of_words_is_evaluated_or_refused_with_a_feel_error(source: str, data: Any) -> None:
    _evaluate_or_refuse(source, {"a": data, "x": [data, 1]})


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_json_goes_through_unchanged(data: Any) -> None:
    assert evaluate("x", {"x": data}) == _as_the_engine_writes(data)


def _as_the_engine_writes(data: Any) -> Any:
    """A whole number of 64 bits is an integer, the one that the text of the float names; nothing else changes."""
    if isinstance(data, float) and data.is_integer() and -(2**63) <= data < 2**63:
        return int(Decimal(repr(data)))
    if isinstance(data, list):
        return [_as_the_engine_writes(item) for item in data]
    if isinstance(data, dict):
        return {key: _as_the_engine_writes(item) for key, item in data.items()}
    return data


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_every_value_equals_itself(data: Any) -> None:
    assert evaluate("x = x", {"x": data}) is True


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_json_text_reads_back_as_the_same_value(data: Any) -> None:
    assert evaluate("from json(to json(x)) = x", {"x": data}) is True


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_a_string_is_what_its_characters_say(text: str) -> None:
    assert evaluate('"' + text.replace("\\", "\\\\").replace('"', "'") + '"', {}) == text.replace('"', "'")


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_whole_numbers_calculate_exactly(a: int, b: int) -> None:
    assert evaluate("[a + b, a - b, string(a * b)]", {"a": a, "b": b}) == [a + b, a - b, str(a * b)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-100, 100)))
def test_sort_gives_the_same_items_in_order(numbers: list[int]) -> None:
    assert evaluate("sort(x, function(a, b) a < b)", {"x": numbers}) == sorted(numbers)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(string.ascii_letters + ".*+?()[]{}|^$\\"), max_size=12), st.text(max_size=10))
def test_any_pattern_is_matched_or_is_null(pattern: str, text: str) -> None:
    assert evaluate("matches(x, p)", {"x": text, "p": pattern}) in (True, False, None)

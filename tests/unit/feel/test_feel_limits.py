"""No expression takes the worker down: whatever it does, it ends in time and memory with a FeelError or a value."""

import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from camunda_feel import FeelError, Limits, compile, evaluate  # noqa: A004 - the public name

SMALL = Limits(steps=100_000, seconds=60, result=500_000)
"""So that the tests are quick; a limit that holds at this size holds at any."""


def _doubling(last: str) -> str:
    """Contexts whose entries each hold the one before ten times: 10 to the 10th values, in little text and memory."""
    names = "abcdefghijk"
    entries = [f"{name}: [{', '.join([names[i]] * 10)}]" for i, name in enumerate(names[1:])]
    return "{" + ", ".join(['a: ["x"]', *entries]) + f", result: {last}}}.result"


@pytest.mark.parametrize(
    "expression",
    [
        "count(for i in 1..100000000 return i)",
        "for a in 1..1000, b in 1..1000, c in 1..1000 return a",
        "some x in 1..10 ** 30 satisfies x < 0",
        "for i in 1..100000 return [partial]",
        "sort(for i in 1..200000 return modulo(i * 7919, 10007), function(a, b) a < b)",
        "{l: for i in 1..100000 return i, c: concatenate(for j in 1..10000 return l)}.c",
        _doubling("string(k)"),
        _doubling("to json(k)"),
        _doubling("k = k"),
        _doubling("count(flatten(k))"),
        _doubling("count(distinct values(k))"),
        _doubling("k.name"),
        _doubling("list contains([k], k)"),
    ],
)
def test_work_is_bounded(expression: str) -> None:
    with pytest.raises(FeelError, match="cannot evaluate the expression within 100,000 steps"):
        compile(expression).evaluate({}, SMALL)


@pytest.mark.parametrize(
    "expression",
    [
        _doubling("k"),
        "{a: " + '"' + "x" * 1000 + '"' + "".join(f", b{i}: a + a, a: b{i} + b{i}" for i in range(20)) + "}.a",
        'string join(for i in 1..10000 return string join(for j in 1..100 return "xxxxxxxxxx"))',
        'replace(string join(for i in 1..100000 return "ab"), "", "cccccccccccccccccccccccccccccccccccccccccccccccc")',
    ],
)
def test_the_size_of_texts_and_results_is_bounded(expression: str) -> None:
    with pytest.raises(FeelError, match=r"of more than 500,000 characters|within 100,000 steps"):
        compile(expression).evaluate({}, SMALL)


@pytest.mark.parametrize(
    "source",
    ["[" * 5000 + "]" * 5000, "(" * 5000, "{a:" * 5000, "f(" * 5000, "if a then " * 5000, "1 in " * 5000, "[1]" * 5000,
     "function(a) " * 5000, "-" * 5000, "x[" * 5000, "every x in " * 5000],
)  # fmt: skip
def test_nesting_without_end_is_an_error_of_parsing(source: str) -> None:
    with pytest.raises(FeelError, match="cannot parse"):
        evaluate(source, {})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1" + " + 1" * 5000, 5001),
        ("true" + " and true" * 5000, True),
        ("a" + ".b" * 5000, None),
        ("if false then 1 else " * 500 + "2", 2),
        ("(" * 70 + "1" + ")" * 70, 1),
        ("count([" + "1," * 40000 + "1])", 40001),
    ],
)
def test_length_is_not_nesting(expression: str, expected: Any) -> None:
    assert evaluate(expression, {}) == expected


def test_recursion_by_a_function_in_a_context_is_bounded() -> None:
    with pytest.raises(FeelError, match="cannot call functions more than 50 levels deep"):
        evaluate("{f: function(c) c.f(c), result: f({f: function(c) c.f(c)})}", {})


def test_failed_calls_do_not_count_as_nested_ones() -> None:
    assert evaluate("count(for i in 1..200 return abs({c: {f: function(x) c.g(x)}, r: c.f(i)}.r))", {}) == 200
    assert evaluate("count(for i in 1..200 return sort([1, 2], function(a, b) null))", {}) == 200


@pytest.mark.parametrize("nested", [{"a": []}, []])
def test_data_nested_without_end_is_an_error(nested: Any) -> None:
    data: Any = nested
    for _ in range(100_000):
        data = [data]
    with pytest.raises(FeelError, match="cannot use data nested more than 150 levels deep"):
        evaluate("x", {"x": data})


def test_a_pattern_that_goes_back_and_forth_is_stopped() -> None:
    with pytest.raises(FeelError, match="cannot match the pattern"):
        evaluate('matches("' + "a" * 40 + '!", "^(a|aa)+$")', {})


@pytest.mark.parametrize(
    "expression",
    ["2 ** 999999999", "1 + 2 ** 9999999999", 'number("1e999999999") * 10', "9" * 400, "floor(1.5 * 10 ** 999999998)",
     "modulo(10 ** 999999998, 7)", "sqrt(10 ** 999999998)"],
)  # fmt: skip
def test_numbers_beyond_a_double_are_errors(expression: str) -> None:
    with pytest.raises(FeelError, match="cannot"):
        evaluate(expression, {})


def test_an_expression_has_a_longest_length() -> None:
    with pytest.raises(FeelError, match="cannot parse an expression of more than 100,000 characters"):
        evaluate("1" + " " * 100_000, {})


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(steps=5_000), "within 5,000 steps"),
        (Limits(seconds=0), "within 0 s"),
        (Limits(result=100), "a result of more than 100 characters"),
    ],
)
def test_the_caller_can_set_the_limits(limits: Limits, message: str) -> None:
    with pytest.raises(FeelError, match=message):
        compile("for i in 1..10000 return i").evaluate({}, limits)


def test_the_time_that_neighbours_take_is_not_counted() -> None:
    expression = compile("count(for x in 1..200, y in 1..200 return x * y)")
    begun = time.thread_time()
    expression.evaluate({})
    limits = Limits(seconds=3 * (time.thread_time() - begun))
    with ThreadPoolExecutor(12) as threads:
        assert set(threads.map(lambda _: expression.evaluate({}, limits), range(12))) == {40_000}


@pytest.mark.parametrize("function", ["string", "to json"])
def test_a_text_that_grows_by_its_own_parts_is_stopped_before_it_is_made(function: str) -> None:
    growth = "a: [text, text], b: [a, a, a, a], c: [b, b, b, b], d: [c, c, c, c]"
    tracemalloc.start()
    try:
        with pytest.raises(FeelError, match="cannot make a text of more than"):
            evaluate(f"{function}({{{growth}}})", {"text": "x" * 200_000})
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()

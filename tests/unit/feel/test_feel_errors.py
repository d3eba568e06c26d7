"""What a user reads when an expression is wrong, and when it quietly gives null."""

from typing import Any

import pytest

from camunda_feel import FeelError, WarningKind, compile, evaluate  # noqa: A004 - the public name


@pytest.mark.parametrize(
    ("source", "line", "column", "expected", "found"),
    [
        ("if a else b", 1, 6, '"then"', '"else"'),
        ("{\n  a: 1\n  b: 2\n}", 3, 3, '"}"', '"b"'),
        ("1 +", 1, 4, "a value", "the end of the expression"),
        ("", 1, 1, "a value", "the end of the expression"),
        ("[1, 2", 1, 6, '"]"', "the end of the expression"),
        ('{a: "x}', 1, 5, 'a closing "', "the end of the expression"),
        ("1 /* x", 1, 3, '"*/" at the end of the comment', "the end of the expression"),
        ("f(1", 1, 4, '")"', "the end of the expression"),
        ("1 < 2 < 3", 1, 7, "an operator or the end of the expression", '"<"'),
        ("a b", 1, 3, "an operator or the end of the expression", '"b"'),
        ("{a 1}", 1, 5, '":"', '"}"'),
        ("{, a: 1}", 1, 2, "the key of a context entry", '","'),
        ("for x in xs x", 1, 13, '"return"', '"x"'),
        ("x between 1 or 2", 1, 13, '"and"', '"or"'),
        ("1 & 2", 1, 3, "an operator or the end of the expression", '"&"'),
        ("null()", 1, 5, "an operator or the end of the expression", '"("'),
        ("return", 1, 1, "a value", '"return"'),
    ],
)
def test_a_parse_error_says_where_and_what_was_expected(source: str, line: int, column: int, expected: str, found: str) -> None:
    with pytest.raises(FeelError) as caught:
        evaluate(source, {})
    error = caught.value
    assert (error.line, error.column, error.expected) == (line, column, expected)
    assert error.message == f"cannot parse the expression: expected {expected}, found {found}"


def test_a_parse_error_shows_the_line_with_a_caret_below_the_place() -> None:
    with pytest.raises(FeelError) as caught:
        evaluate("{\n\tsum: sum(1 2)\n}", {})
    assert str(caught.value) == (
        'cannot parse the expression: expected ")", found "2" (line 2, column 13)\n sum: sum(1 2)\n            ^'
    )


def test_the_caret_stays_near_in_a_long_line() -> None:
    with pytest.raises(FeelError) as caught:
        evaluate("1 + " * 500 + ")", {})
    excerpt, caret = caught.value.excerpt.split("\n")
    assert excerpt[len(caret) - 1] == ")"
    assert len(excerpt) <= 100


@pytest.mark.parametrize(
    ("expression", "kind", "message"),
    [
        ("missing", WarningKind.NO_VARIABLE_FOUND, 'no variable "missing"'),
        ("c.x", WarningKind.NO_CONTEXT_ENTRY_FOUND, 'no context entry "x"; there are "a", "b"'),
        ("{}.x", WarningKind.NO_CONTEXT_ENTRY_FOUND, 'no context entry "x"; the context is empty'),
        ("c.b.x", WarningKind.NO_CONTEXT_ENTRY_FOUND, 'no context entry "x"; the context is null'),
        ("c.a.x", WarningKind.NO_PROPERTY_FOUND, 'no property "x" of a number'),
        ('1 < "a"', WarningKind.NOT_COMPARABLE, "cannot compare a number with a string"),
        ('1 - "a"', WarningKind.INVALID_TYPE, 'cannot apply "-" to a number and a string'),
        ("true and 1", WarningKind.INVALID_TYPE, "expected a boolean, found a number"),
        ("1[1]", WarningKind.INVALID_TYPE, "cannot filter a number; give a list"),
        ("1 / 0", WarningKind.INVALID_TYPE, "cannot divide by zero"),
        (
            'contain("a", "b")',
            WarningKind.NO_FUNCTION_FOUND,
            'no function "contain"; did you mean "contains"?',
        ),
        (
            'contains("a")',
            WarningKind.NO_FUNCTION_FOUND,
            'no function "contains" with 1 arguments; there is contains(string, match)',
        ),
        (
            "upper case(1)",
            WarningKind.FUNCTION_INVOCATION_FAILURE,
            'cannot call "upper case": illegal arguments (number)',
        ),
    ],
)
def test_a_null_comes_with_the_reason_for_it(expression: str, kind: WarningKind, message: str) -> None:
    evaluation = compile(expression).run({"c": {"a": 1, "b": None}})
    assert evaluation.value is None
    assert [(warning.kind, warning.message) for warning in evaluation.warnings] == [(kind, message)]


def test_what_works_comes_without_warnings() -> None:
    evaluation = compile("[c.a, items[price > 1].name, items[count(items)].name]").run(
        {"c": {"a": None}, "items": [{"name": "x", "price": 2}]}
    )
    assert (evaluation.value, evaluation.warnings) == ([None, ["x"], "x"], ())


def test_warnings_never_show_values() -> None:
    variables: dict[str, Any] = {"secret": "s3cr3t", "c": {"token": "t0k3n"}}
    expression = '[secret - 1, secret < 1, secret.x, c.token.x, secret[1], upper case([secret]), number(secret), @"P1D" + secret]'
    texts = " ".join(str(warning) for warning in compile(expression).run(variables).warnings)
    assert texts != ""
    assert "s3cr3t" not in texts
    assert "t0k3n" not in texts


def test_the_number_of_warnings_is_bounded() -> None:
    many = ", ".join(f"missing{number}" for number in range(1000))
    assert len(compile(f"[{many}]").run({}).warnings) == 50


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (object(), 'cannot use a variable of the type "object"'),
        (b"bytes", 'cannot use a variable of the type "bytes"'),
        (float("nan"), "cannot use nan as a number"),
        (float("inf"), "cannot use inf as a number"),
        ({1: 2}, 'cannot use a key of the type "int"'),
    ],
)
def test_a_variable_that_is_no_json_is_an_error(variable: Any, message: str) -> None:
    with pytest.raises(FeelError, match=message):
        evaluate("x", {"x": variable})


def test_a_variable_that_is_not_used_is_not_looked_at() -> None:
    assert evaluate("y.a", {"x": object(), "y": {"a": 1, "b": object()}}) == 1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("respnse.body", 'no variable "respnse"; did you mean "response"?'),
        ("response.bdoy", 'no context entry "bdoy"; did you mean "body"?'),
        ("{total: 1, sum: totl}", 'no variable "totl"; did you mean "total"?'),
        (
            "headers.content-type",
            'no context entry "content"; did you mean "content-type"? write it in backticks: `content-type`',
        ),
        ("my-key + 1", 'no variable "my"; did you mean "my-key"? write it in backticks: `my-key`'),
        ('stirng join(["a"])', 'no function "stirng join"; did you mean "string join"?'),
    ],
)
def test_a_warning_names_the_nearest_name(expression: str, message: str) -> None:
    warnings = compile(expression).run({"response": {"body": 1}, "headers": {"content-type": "a/b"}, "my-key": 1}).warnings
    assert [str(warning) for warning in warnings][:1] == [message]


def test_a_warning_is_told_once() -> None:
    assert len(compile("for x in 1..9 return missing").run({}).warnings) == 1

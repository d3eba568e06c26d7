"""What each construct of the language gives. The expected values are those of Camunda's engine."""

from typing import Any

import pytest

from camunda_feel import FeelError, evaluate

ORDER: dict[str, Any] = {
    "id": "o-17",
    "paid": True,
    "total": 129.9,
    "note": None,
    "lines": [
        {"sku": "pen", "price": 2.5, "qty": 4},
        {"sku": "desk", "price": 240, "qty": 1},
        {"sku": "lamp", "price": 35, "qty": 2, "tags": ["sale"]},
    ],
    "ship-to": {"city": "Oslo", "post code": "0150"},
}
VARIABLES: dict[str, Any] = {"order": ORDER, "n": 3, "name": "Ada", "two": 2, "no": None, "if": "word", "größe": 7}

LITERALS = [
    ("42", 42),
    ("  007.50 ", 7.5),
    (".5", 0.5),
    ("-3", -3),
    ("--3", 3),
    ("true", True),
    ("null", None),
    ('"a b"', "a b"),
    (r'"tab\tquote\"line\nend"', 'tab\tquote"line\nend'),
    (r'"one \\ backslash"', "one \\ backslash"),
    (r'"\d and \u0041 stay"', r"\d and \u0041 stay"),
    ('"two\nlines"', "two\nlines"),
    ("[]", []),
    ("[1, [2], null]", [1, [2], None]),
    ("{}", {}),
    ('{a: 1, "b c": 2, d e: 3, f+g: 4, `h`: 5}', {"a": 1, "b c": 2, "d e": 3, "f+g": 4, "h": 5}),
    ("{a: 1, b: a + 1, c: {a: 10, d: a + b}}", {"a": 1, "b": 2, "c": {"a": 10, "d": 12}}),
    ("= 1 // with the sign of the diagrams", 1),
    ("/* before */ 1 + /* between */ 1 // after", 2),
]

NAMES = [
    ("n", 3),
    ("missing", None),
    ("größe", 7),
    ("if", "word"),
    ("{a€: 1, b: a€ + 1}.b", 2),
    ("null\u00a0= null", True),
    ("{😀: 1}.`😀`", 1),
    ("order.id", "o-17"),
    ("order.ship-to", None),
    ("order.`ship-to`.city", "Oslo"),
    ("order.`ship-to`.`post code`", "0150"),
    ("order.lines.sku", ["pen", "desk", "lamp"]),
    ("order.lines.tags", [None, None, ["sale"]]),
    ("order.note.text", None),
    ("order.id.length", None),
    ("missing.a.b", None),
    ("n-1", 2),
    ("n -two", 1),
    ("__class__", None),
    ('"".__class__', None),
    ("order.__class__", None),
    ("order.lines.__len__", [None, None, None]),
    ("{__class__: 1}.__class__", 1),
]

ARITHMETIC = [
    ("2 + 3 * 4", 14),
    ("(2 + 3) * 4", 20),
    ("2 ** 3 ** 2", 64),
    ("-2 ** 2", 4),
    ("10 - 2 - 3", 5),
    ("7 / 2", 3.5),
    ("1 / 0", None),
    ("0.1 + 0.2", 0.3),
    ("1 / 3 * 3 = 1", False),
    ("2 ** 0.5", 1.4142135623730951),
    ("2 ** -1", 0.5),
    ('"a" + "b"', "ab"),
    ('"a" + 1', None),
    ("1 + null", None),
    ("true + true", None),
    ("[1] + [2]", None),
    ("- true", None),
]

LOGIC = [
    ("true and true", True),
    ("true and null", None),
    ("false and null", False),
    ("null and false", False),
    ('true and "x"', None),
    ("true or null", True),
    ("null or true", True),
    ("false or null", None),
    ("false or false", False),
    ("true or false and false", True),
    ("not(true)", False),
    ("not(null)", None),
    ("if true then 1 else 2", 1),
    ("if null then 1 else 2", 2),
    ('if "true" then 1 else 2', 2),
    ("if false then 1 else if true then 2 else 3", 2),
    ("if (n > 2) then (if n > 5 then 1 else 2) else 3", 2),
]

COMPARISONS = [
    ("1 = 1.0", True),
    ('1 = "1"', None),
    ("null = null", True),
    ("1 = null", False),
    ("1 != null", True),
    ("missing = null", True),
    ("[1, 2] = [1, 2]", True),
    ("[1, 2] = [2, 1]", False),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("{a: 1} = {a: 2}", False),
    ('"a" < "b"', True),
    ('"Z" < "a"', True),
    ("1 < null", None),
    ('1 < "2"', None),
    ("true < false", None),
    ("n between 1 and 3", True),
    ("n between 4 and 5", False),
    ('n between 1 and "5"', None),
    ("n in [1..3]", True),
    ("n in [1..3)", False),
    ("n in (3..9]", False),
    ("n in ]2..4[", True),
    ("n in (1, 2, 3)", True),
    ("n in (1, 2)", False),
    ("n in (< 2, >= 3)", True),
    ("n in > 2", True),
    ("n in [1, 2, 3]", True),
    ("n in ? * 2 = 6", True),
    ("null in [1..3]", None),
    ('"b" in ["a".."c"]', True),
    ("1 instance of number", True),
    ('"a" instance of number', False),
    ("{} instance of context", True),
    ("null instance of Any", False),
    ('duration("PT1H") instance of days and time duration', True),
]

LISTS = [
    ("[5, 6, 7][1]", 5),
    ("[5, 6, 7][-1]", 7),
    ("[5, 6, 7][0]", None),
    ("[5, 6, 7][4]", None),
    ("[5, 6, 7][two]", 6),
    ("[5, 6, 7][item > 5]", [6, 7]),
    ("[5, 6, 7][item > 9]", []),
    ("[][item > 1]", []),
    ('[1, "x", null, 9][item > 5]', [9]),
    ("order.lines[price > 30].sku", ["desk", "lamp"]),
    ("order.lines[price > 30 and qty > 1].sku", ["lamp"]),
    ("order.lines[item.qty = 4].price", [2.5]),
    ("order.lines[qty = 4][1].sku", "pen"),
    ("order.lines[1].sku", "pen"),
    ("order.lines[-1].tags[1]", "sale"),
    ("order.lines.qty[2]", 1),
    ('order.lines[list contains(["pen", "lamp"], sku)].qty', [4, 2]),
    ("order.lines[missing]", []),
    ("n[1]", None),
    ("for x in [1, 2] return x * n", [3, 6]),
    ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
    ("for x in 1..3 return x", [1, 2, 3]),
    ("for x in 3..1 return x", [3, 2, 1]),
    ("for x in 1..4 return x + sum(partial)", [None, None, None, None]),
    ("for x in 1..4 return if x = 1 then 1 else x + sum(partial)", [1, 3, 7, 15]),
    ("for line in order.lines return line.price * line.qty", [10, 240, 70]),
    ("for x in n return x", None),
    ("some line in order.lines satisfies line.qty > 3", True),
    ("every line in order.lines satisfies line.qty > 3", False),
    ("some x in [] satisfies true", False),
    ("every x in [] satisfies false", True),
    ("some x in [1, null] satisfies x > 1", None),
    ("every x in [1, null] satisfies x > 1", False),
]

FUNCTIONS = [
    ("abs(-1)", 1),
    ("abs (-1)", 1),
    ('starts with(string: "abc", match: "a")', True),
    ('starts with(match: "a", string: "abc")', True),
    ('starts with(string: "abc", prefix: "a")', None),
    ('starts with("abc")', None),
    ("no such thing(1)", None),
    ("{double: function(x) x * 2, result: double(21)}.result", 42),
    ("{double: function(x) x * 2}", {}),
    ("{add: function(a, b) a + b, result: add(b: 1, a: 2)}.result", 3),
    ("{c: {f: function(x) x + n}, result: c.f(1)}.result", 4),
    ("{f: function() 1, r: f(2)}.r", None),
    ("sort(list: [3, 1, 2], precedes: function(a, b) a > b)", [3, 2, 1]),
    ("before([1..5], 6)", True),
    ("(function(x) x) instance of function", True),
]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [*LITERALS, *NAMES, *ARITHMETIC, *LOGIC, *COMPARISONS, *LISTS, *FUNCTIONS],
)
def test_expression_gives_what_camundas_engine_gives(expression: str, expected: Any) -> None:
    result = evaluate(expression, VARIABLES)
    assert result == expected
    assert type(result) is type(expected)


def test_a_function_is_no_result() -> None:
    with pytest.raises(FeelError, match="cannot give a function as the result"):
        evaluate("function(x) x", {})


def test_a_range_of_different_types_is_an_error_and_not_null() -> None:
    with pytest.raises(FeelError, match="cannot evaluate the expression: cannot make a range from a number to a string"):
        evaluate('{c: {f: function(r) r}, result: c.f([1.."a"])}', {})


def test_a_failed_assertion_is_an_error_however_deep() -> None:
    with pytest.raises(FeelError, match="the order has no id"):
        evaluate('if assert(x.id, x.id != null, "the order has no id") = 1 then 1 else 2', {"x": {}})


def test_the_variables_hide_no_word_of_the_language() -> None:
    assert evaluate("if true then 1 else 2", {"if": 5, "true": False, "then": 3}) == 1


def test_evaluation_leaves_the_variables_as_they_were() -> None:
    variables = {"list": [3, 1], "context": {"a": {"b": 1}}}
    evaluate('[append(list, 9), sort(list, function(a, b) a < b), context put(context, ["a", "b"], 2)]', variables)
    assert variables == {"list": [3, 1], "context": {"a": {"b": 1}}}

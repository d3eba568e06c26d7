"""What the built-in functions give, family by family. The expected values are those of Camunda's engine."""

from typing import Any

import pytest

from camunda_feel import DocumentToCreate, FeelError, evaluate

STRINGS = [
    ('substring("feeling", 5)', "ing"),
    ('substring("feeling", -3)', "ing"),
    ('substring("feeling", 2, 3)', "eel"),
    ('substring("feeling", 2, 99)', "eeling"),
    ('substring("a😀b", 4)', "b"),
    ('string length("a😀b")', 4),
    ('upper case("straße")', "STRASSE"),
    ('lower case("ÄB")', "äb"),
    ('substring before("key=value", "=")', "key"),
    ('substring before("key", "=")', ""),
    ('substring after("key=value", "=")', "value"),
    ('contains("abc", "b")', True),
    ('starts with("abc", "ab")', True),
    ('ends with("abc", "ab")', False),
    ('trim("  a b\t ")', "a b"),
    ('is blank(" \t")', True),
    ('is blank(" x")', False),
    ('to base64("Grüße")', "R3LDvMOfZQ=="),
    ('from base64("R3LDvMOfZQ")', "Grüße"),
    ('from base64("R3L")', "Gr"),
    ('from base64("?")', None),
    ("string length(uuid())", 36),
    ("string length(12)", None),
]

PATTERNS = [
    (r'matches("order 17", "\\d+")', True),
    ('matches("ORDER", "order")', False),
    ('matches("ORDER", "order", "i")', True),
    ('matches("a\nb", "a.b")', False),
    ('matches("a\nb", "a.b", "s")', True),
    ('matches("a\rb", "a.b")', False),
    ('matches("a", "(")', None),
    (r'matches("x", "\\2")', False),
    (r'matches("1.5", "^\\Q1.5\\E$")', True),
    ('matches("é", "^[a-z]$", "i")', False),
    (r'replace("2026-11-24", "(\\d+)-(\\d+)-(\\d+)", "$3.$2.$1")', "24.11.2026"),
    (r'replace("17", "(?<n>\\d+)", "<${n}>")', "<17>"),
    (r'replace("5", "\\d", "\\$$0")', "$5"),
    ('replace("aAa", "a", "-", "i")', "---"),
    ('replace("a", "a", "$1")', None),
    ('replace("ab", "", "-")', "-a-b-"),
    (r'split("a, b,c", ",\\s*")', ["a", "b", "c"]),
    ('split("a;;", ";")', ["a", "", ""]),
    ('split("abc", "")', ["a", "b", "c", ""]),
    ('split("", ";")', [""]),
    ('extract("tel 12, fax 345", "[0-9]+")', ["12", "345"]),
]

CONVERSIONS = [
    ('number("1500.50")', 1500.5),
    ('number("1e3")', 1000),
    ('number("1 500,5", " ", ",")', 1500.5),
    ('number("1,500", ",", null)', 1500),
    ('number("1.500", ".", ".")', None),
    ('number(" 1")', None),
    ('number("one")', None),
    ("string(1.50)", "1.50"),
    ("string(null)", None),
    ('string([1, "a", null, true])', '[1, "a", null, true]'),
    ('string({a: 1, b: "x"})', '{a:1, b:"x"}'),
    ('string(duration("P1DT2H"))', "P1DT2H"),
    (r'to json({a: [1, null, "ü\\"]})', r'{"a":[1,null,"ü\\"]}'),
    ('to json("a\nb")', '"a\\nb"'),
    ('from json("{\\"a\\": [1, 2.5]}")', {"a": [1, 2.5]}),
    ('from json("{")', None),
    ('from json("NaN")', None),
    ("from json(null)", None),
]

DURATIONS = [
    ('duration("PT90S")', "PT1M30S"),
    ('duration("P31D")', "PT744H"),
    ('duration("-PT0.5S")', "PT-0.5S"),
    ('duration("P14M")', "P1Y2M"),
    ('duration("P1Y1D")', None),
    ('duration("P")', None),
    ('@"PT10S"', "PT10S"),
    ('duration("PT1M") + duration("PT30S")', "PT1M30S"),
    ('3 * duration("PT20M")', "PT1H"),
    ('duration("PT1H") / 4', "PT15M"),
    ('duration("PT1M") < duration("PT61S")', True),
    ('duration("PT1M") = duration("PT60S")', True),
    ('duration("P1M") = duration("P30D")', None),
    ('duration("P1DT5M").minutes', 5),
    ('duration("-P14M").months', -2),
    ('abs(duration("-PT5M"))', "PT5M"),
]

LISTS = [
    ("count([1, null])", 2),
    ("min([3, 1, 2])", 1),
    ('max("a", "c", "b")', "c"),
    ("max([])", None),
    ('min([1, "a"])', None),
    ("sum([0.1, 0.2])", 0.3),
    ("sum([])", None),
    ("sum([1, null])", None),
    ("product(2, 3, 4)", 24),
    ("mean([1, 2])", 1.5),
    ("median([4, 1, 3, 2])", 2.5),
    ("stddev([2, 4, 7, 5])", 2.0816659994661326),
    ("mode([3, 1, 3, 1, 2])", [1, 3]),
    ("all([true, null])", None),
    ("all([false, null])", False),
    ("any([false, null])", None),
    ("or(false, true)", True),
    ("and([])", True),
    ("append([1], 2, [3])", [1, 2, [3]]),
    ("concatenate([1], [2, 3], 4)", [1, 2, 3, 4]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 1.0, null, null, true, {a: 1}, {a: 1}])", [1, None, True, {"a": 1}]),
    ("duplicate values([1, 2, 1, 3, 2])", [1, 2]),
    ("flatten([1, [2, [3, []]]])", [1, 2, 3]),
    ("reverse([1, 2])", [2, 1]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("list contains([1, null], null)", True),
    ("sublist([1, 2, 3], 2)", [2, 3]),
    ("sublist([1, 2, 3], -2, 1)", [2]),
    ("sublist([1, 2, 3], 0)", None),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], -1)", [1, 2]),
    ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
    ("is empty([])", True),
    ("sort([3, 1, 2], function(a, b) a < b)", [1, 2, 3]),
    ("sort([3, 1, 2], function(a) a)", None),
    ('sort([{k: 1, v: "a"}, {k: 0, v: "b"}, {k: 1, v: "c"}], function(x, y) x.k < y.k).v', ["b", "a", "c"]),
    ("sort([2, 1], function(a, b) null)", None),
    ('string join(["a", null, "b"], "-")', "a-b"),
    ('string join(["a", "b"], ", ", "[", "]")', "[a, b]"),
    ("string join([1])", None),
]

CONTEXTS = [
    ('get value({a: 1}, "a")', 1),
    ('get value({a: {b: 2}}, ["a", "b"])', 2),
    ('get value({a: 1}, "b")', None),
    ("get entries({a: 1, b: null})", [{"key": "a", "value": 1}, {"key": "b", "value": None}]),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: 1}, ["b", "c"], 2)', {"a": 1, "b": {"c": 2}}),
    ("context put({a: 1}, [], 2)", None),
    ("context merge({a: 1, b: 1}, {b: 2})", {"a": 1, "b": 2}),
    ("context merge([{a: 1}, {b: 2}])", {"a": 1, "b": 2}),
    ("context merge({a: 1}, null)", None),
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ("context([{key: 1, value: 1}])", None),
    ("is defined({a: null}.a)", False),
    ("is defined(0)", True),
    ("get or else(null, 1)", 1),
    ("get or else(false, 1)", False),
]

NUMBERS = [
    ("floor(-1.5)", -2),
    ("ceiling(-1.5)", -1),
    ("floor(1.58, 1)", 1.5),
    ("decimal(2.5, 0)", 2),
    ('decimal(2.5, 0, "half_up")', 3),
    ('decimal(2.5, 0, "UNNECESSARY")', None),
    ('decimal(2.5, 0, "sideways")', None),
    ("round up(1.121, 2)", 1.13),
    ("round down(-1.126, 2)", -1.12),
    ("round half up(-2.5, 0)", -3),
    ("round half down(2.5, 0)", 2),
    ("round up(1234, -2)", 1300),
    ("string(decimal(1, 2))", "1.00"),
    ("modulo(-7, 3)", 2),
    ("modulo(7, -3)", -2),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("odd(-3)", True),
    ("even(2.5)", False),
    ("string(0 * -1)", "0"),
    ("string(ceiling(-0.5))", "0"),
    ("exp(0)", 1),
    ("log(1)", 0),
]

RANGES = [
    ("before(1, [1..2])", False),
    ("before(1, (1..2])", True),
    ("after([5..9], 4)", True),
    ("meets([1..5], [5..9])", True),
    ("met by([5..9], [1..5))", False),
    ("overlaps([1..5], (5..9])", False),
    ("overlaps before([1..5], [3..9])", True),
    ("overlaps after([3..9], [1..5])", True),
    ("finishes(9, [1..9])", True),
    ("finished by([1..9], [5..9))", False),
    ("includes([1..9], (1..9))", True),
    ("during(5, [1..9])", True),
    ("starts([1..5], [1..9])", True),
    ("started by([1..9], 2)", False),
    ("coincides([1..9], [1..9])", True),
    ('before("a", "b")', None),
]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [*STRINGS, *PATTERNS, *CONVERSIONS, *DURATIONS, *LISTS, *CONTEXTS, *NUMBERS, *RANGES],
)
def test_function_gives_what_camundas_engine_gives(expression: str, expected: Any) -> None:
    result = evaluate(expression, {})
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        'substring("abc", 9)',
        'substring("abc", -9)',
        "log(0)",
        "modulo(1, 0)",
        "meets(1, [1..2])",
        "stddev([1])",
        "exp(9999)",
        "0 ** -5",
        "(-8) ** 0.5",
        "10 ** 999999999 * 10 ** 999999999",
    ],
)
def test_what_camundas_engine_cannot_compute_is_an_error_and_not_null(expression: str) -> None:
    with pytest.raises(FeelError, match="cannot"):
        evaluate(expression, {})


def test_a_document_to_be_created_is_told_from_a_context_that_anybody_can_write() -> None:
    made = evaluate('{file: createDocument("YQ=="), data: {value: "YQ=="}}', {})
    assert made == {"file": {"value": "YQ=="}, "data": {"value": "YQ=="}}
    assert isinstance(made, dict)
    assert (type(made["file"]), type(made["data"])) == (DocumentToCreate, dict)


def test_uuids_are_version_7_and_differ() -> None:
    first, second = str(evaluate("uuid()", {})), str(evaluate("uuid()", {}))
    assert (first[14], first[19] in "89ab", first == second) == ("7", True, False)

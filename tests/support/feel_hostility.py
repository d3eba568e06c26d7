"""Inputs that want to take a worker down: random expressions made large, deep, long, slow, or broken."""

from collections.abc import Mapping
from random import Random
from typing import Any

from feel_expressions import VARIABLES, Expressions

LARGE_VARIABLES: Mapping[str, Any] = {
    **VARIABLES,
    "text": "ab,Ä😀 " * 20_000,
    "many": list(range(50_000)),
    "records": [{"a": number % 97, "b": "x" * (number % 13)} for number in range(5_000)],
    "nested": [[[[[number] * 5] * 5] * 5] * 5 for number in range(20)],
}
"""About a megabyte of process data."""

_AMPLIFIERS = [
    "for i in 1..10000000 return {}",
    "count(for i in many, x in many return {})",
    "some x in 1..10 ** 20 satisfies {} = 0.5",
    "for i in 1..100000 return [partial, {}]",
    "string join(for i in many return string({}))",
    "sort(many, function(x, y) ({}) = x)",
    "many[({}) = item]",
    "records[count(records[a = ({})]) > 0]",
    "records[b = string({})].a[item > 1]",
    "index of(for i in many return {}, {})",
    "distinct values(for i in many return {})",
    "union(nested, many, {}, nested)",
    "flatten([nested, nested, {}, nested])",
    "matches(text, string({}))",
    "replace(text, string({}), text)",
    'replace(text, "", string({}))',
    "split(text, string({}))",
    'extract(text, "(a|b|ab|.)*" + string({}))',
    "upper case(text + text + text) + string({})",
    "decimal(({}) ** 9, 99999)",
    "({}) ** 999999999",
    "floor(10 ** 999999998) + ({})",
    'number("1e" + string({}) + "99999")',
    "string(context put(c, string join(for i in 1..5000 return string(i)), {}))",
    "{{a: [{0}, {0}], b: [a, a, a, a, a, a], c: [b, b, b, b, b, b], d: [c, c, c, c, c, c], e: [d, d, d, d, d, d], f: [e, e, e]}}",
    "{{f: function(x) x.f(x), r: f({{f: function(x) x.f(x), v: {}}})}}",
    'from json(string join(for i in many return "[")) = ({})',
    '@"2024-01-01T00:00:00@Europe/Berlin" + duration("P1D") * ({})',
    "for i in many return date and time(at) + duration(string({}))",
    "to json(records) = to json({})",
]
_BROKEN = [*'()[]{}"`,.:?@-+*/=<>', "..", "**", "/*", "*/", "//", " in ", " if ", " function(", "\\", "\n", "😀", "\x00", "_"]
_WRAPPERS = [
    ("[", "]"),
    ("(", ")"),
    ("{a:", "}"),
    ("f(", ")"),
    ("if true then ", " else 1"),
    ("-", ""),
    ("1 in ", ""),
    ("[1]", "[1]"),
]


class Hostility:
    """A source of such inputs; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._expressions = Expressions(seed)

    def next(self) -> str:
        """One text, not always an expression."""
        expression = str(self._expressions.next())
        make = self._random.choice((self._amplified, self._amplified, self._broken, self._wrapped, self._repeated, str))
        return make(expression)

    def _amplified(self, expression: str) -> str:
        amplified = self._random.choice(_AMPLIFIERS).format(expression, expression)
        return self._amplified(f"({amplified})") if self._random.random() < 0.3 and len(amplified) < 5_000 else amplified

    def _broken(self, expression: str) -> str:
        for _ in range(self._random.randrange(1, 5)):
            at = self._random.randrange(len(expression) + 1)
            cut = at + self._random.choice((0, 0, 1, 3))
            expression = expression[:at] + self._random.choice(_BROKEN) + expression[cut:]
        return expression

    def _wrapped(self, expression: str) -> str:
        before, after = self._random.choice(_WRAPPERS)
        times = self._random.choice((10, 60, 90, 1_000, 20_000))
        return before * times + expression + after * times

    def _repeated(self, expression: str) -> str:
        separator = self._random.choice((" + ", " and ", ", ", " = ", ".", " ** ", " in ", " - "))
        repeated = separator.join([f"({expression})"] * self._random.choice((2, 50, 1_000)))[:90_000]
        return f"[{repeated}]" if separator == ", " else repeated

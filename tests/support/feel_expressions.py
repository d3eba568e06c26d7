"""Random FEEL expressions that mostly make sense: by the grammar, over all types and built-in functions.

One expression in some tens puts a value of a wrong type somewhere, and literals are often at the edge of what is valid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from camunda_feel.builtins import OVERLOADS
from camunda_feel.builtins.registry import Overload

VARIABLES: Mapping[str, Any] = {
    "n": 5,
    "d": -2.5,
    "big": 9007199254740993,
    "s": "foo bar",
    "u": "Ä😀b",
    "t": True,
    "nothing": None,
    "l": [1, 2, 3],
    "ls": ["b", "a", "b"],
    "none": [],
    "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 2}],
    "c": {"a": 1, "b": {"c": [1, None]}},
    "day": "2024-02-29",
    "at": "2024-03-31T02:30:00@Europe/Berlin",
}
"""What the expressions may name."""

_EXCLUDED = {
    "now", "today", "uuid", "random number",  # different each time
    "from base64",  # newer than the published engine
    "bpmnError", "jobError", "ignoreError", "backoff", "createDocument",  # the connector runtime's, not the engine's
}  # fmt: skip

_LITERALS: Mapping[str, Sequence[str]] = {
    "number": [
        "0", "1", "2", "3", "-1", "-2", "7", "10", "0.5", "2.50", "-0.25", ".75", "100", "12.345678901234567890123456789012345",
        "99999999999", "9223372036854775807", "9223372036854775808", "1000.0001", "0.001", "n", "d", "big", "c.a",
        "rows[2].a",
    ],
    "string": [
        '""', '"a"', '"foo bar"', '"Hello World"', '"aAbB"', '"1"', '"12.5"', '"1,000.50"', '" x "', '"ä😀"', r'"a\"b"',
        r'"\\d+"', '"[a-c]"', '"o+"', '","', '"i"', '"$0-"', '"2024-02-29"', '"10:30:00"', '"P1D"', '"PT36H"', '"P14M"',
        '"2024-06-01T10:00:00Z"', '"Europe/Berlin"', '"null"', '"true"', '"HALF_UP"', '"a"', '"key"', r'"{\"a\": [1, 2.5]}"',
        "s", "u", "day", "at", "ls[1]",
    ],
    "boolean": ["true", "false", "t", "null"],
    "list": ["[]", "l", "ls", "none", "rows", "[1, 2, 2, null]", '["a", "b"]', "[[1, 2], [3]]", "[true, false]", "rows.a"],
    "context": ["{}", "c", "rows[1]", "{a: 1}", '{key: "a", value: 2}', "c.b"],
    "date": [
        '@"2024-02-29"', 'date("2023-12-31")', 'date("1999-01-01")', "date(day)", "date(2020, 2, 28)", 'date("-0044-03-15")',
        'date("12345-06-07")',
    ],
    "time": [
        '@"10:30:00"', 'time("23:59:59.999")', 'time("00:00:00Z")', 'time("10:30:00+02:00")', 'time("12:00:00@Europe/Paris")',
        "time(8, 15, 30.5)", '@"T07:00"', 'time(1, 2, 3, duration("-PT3H"))',
    ],
    "datetime": [
        '@"2024-02-29T12:00:00"', '@"2024-03-31T02:30:00@Europe/Berlin"', '@"2024-10-27T02:30:00@Europe/Berlin"',
        '@"2020-01-01T00:00:00Z"', '@"1969-12-31T23:59:59.123456789-05:00"', "date and time(at)",
        'date and time("2000-01-01T10:00+05:30[Asia/Tokyo]")',
    ],
    "duration": ['@"P1D"', 'duration("PT36H30M")', 'duration("-PT0.5S")', '@"PT1M0.001S"', 'duration("-P3DT4H")', '@"PT0S"'],
    "months": ['@"P1Y2M"', 'duration("P18M")', 'duration("-P1M")', '@"P0M"', 'duration("P100Y")'],
    "null": ["null", "nothing", "missing", "c.missing"],
}  # fmt: skip
_ODD = [
    "null", '"\\u00e4"', "[[]]", "{a: {a: {}}}", '@"2023-02-29"', '@"25:00"', "-0", "--1", "0.1", '"a" + "b"', "[1..5]",
    "(1..5]", '"😀"', "function(x) x", "`n`", "item", "?", 'time("24:00:00")', 'duration("P1Y1D")', "1234567890123456789012345",
]  # fmt: skip
_POINTS = ("number", "date", "time", "datetime", "duration", "months")
_KINDS = tuple(_LITERALS)
_PARAMETER_KINDS = {
    "local time": "time", "zoned time": "time", "local date time": "datetime", "zoned date time": "datetime",
}  # fmt: skip
_PROPERTIES = {
    "date": ["year", "month", "day", "weekday"],
    "time": ["hour", "minute", "second", "time offset", "timezone"],
    "datetime": ["year", "day", "hour", "second", "time offset", "timezone", "weekday"],
    "duration": ["days", "hours", "minutes", "seconds"],
    "months": ["years", "months"],
    "context": ["a", "b", "key", "missing"],
    "list": ["a", "b"],
}  # fmt: skip
_TYPE_NAMES = [
    "number", "string", "boolean", "list", "context", "date", "time", "date and time", "days and time duration",
    "years and months duration", "function", "Any", "null", "date time",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tree:
    """An expression as its text and the expressions inside it, in their order."""

    parts: "tuple[str | Tree, ...]"

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def children(self) -> "Iterator[Tree]":
        """The expressions right inside."""
        return (part for part in self.parts if isinstance(part, Tree))

    def replacements(self) -> "Iterator[Tree]":
        """Every simpler expression that one cut makes: a part in place of the whole, or a small literal."""
        yield from self.children()
        if len(str(self)) > 4:
            yield from (Tree((literal,)) for literal in ("null", "1", '"a"', "[]"))
        for index, part in enumerate(self.parts):
            if isinstance(part, Tree):
                for simpler in part.replacements():
                    yield Tree((*self.parts[:index], simpler, *self.parts[index + 1 :]))


def _overloads() -> list[Overload]:
    return [overload for overload in OVERLOADS if overload.name not in _EXCLUDED]


class Expressions:
    """A source of expressions; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._overloads = _overloads()
        self._forms: list[Callable[[str, int], Tree]] = [
            self._call, self._call, self._call, self._arithmetic, self._comparison, self._if, self._filter, self._path,
            self._for, self._quantified, self._in, self._logic, self._instance_of, self._list, self._context, self._between,
        ]  # fmt: skip

    def next(self) -> Tree:
        """One expression of up to four levels."""
        tree = self._expression(self._pick(_KINDS), self._random.choice((1, 2, 2, 3, 4)))
        if self._chance(0.25):
            return Tree(("string(", tree, ")"))
        return Tree(("[", tree, "]")) if self._chance(0.1) else tree

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _expression(self, kind: str, depth: int) -> Tree:
        if self._chance(0.03):
            return Tree((self._pick(_ODD),))
        if self._chance(0.05):
            kind = self._pick(_KINDS)
        if depth <= 0 or self._chance(0.15):
            return Tree((self._pick(_LITERALS.get(kind, _LITERALS["string"])),))
        return self._random.choice(self._forms)(kind, depth - 1)

    def _operand(self, kind: str, depth: int) -> Tree:
        """An expression that any operator may stand beside."""
        return Tree(("(", self._expression(kind, depth), ")")) if depth > 0 else self._expression(kind, 0)

    def _call(self, kind: str, depth: int) -> Tree:
        overload = self._random.choice(self._overloads)
        arguments = [self._argument(parameter, depth) for parameter in overload.parameters]
        if overload.parameters and overload.parameters[-1].endswith("...") and self._chance(0.6):
            arguments += [self._argument(overload.parameters[-1], depth) for _ in range(self._random.randrange(3))]
        elif arguments and self._chance(0.1):
            return self._named_call(overload, arguments)
        parts: list[str | Tree] = [overload.name, "("]
        for index, argument in enumerate(arguments):
            parts += [", " if index else "", argument]
        return Tree((*parts, ")"))

    def _named_call(self, overload: Overload, arguments: list[Tree]) -> Tree:
        parts: list[str | Tree] = []
        for parameter, argument in zip(overload.parameters, arguments, strict=True):
            parts += [", " if parts else "", parameter.partition(":")[0], ": ", argument]
        return Tree((overload.name, "(", *parts, ")"))

    def _argument(self, parameter: str, depth: int) -> Tree:
        name, _, kinds = parameter.partition(": ")
        kind = self._pick(kinds.removesuffix("...").split(" or "))
        if kind == "function":
            return self._function(depth)
        if name.startswith("range") or kind == "range":
            return self._range(depth)
        if name.startswith("point"):
            return self._expression(self._pick(_POINTS), depth)
        if kind == "any":
            kind = self._pick(("list", "number", self._pick(_KINDS)))
        return self._expression(_PARAMETER_KINDS.get(kind, kind), depth)

    def _range(self, depth: int) -> Tree:
        kind = self._pick(_POINTS)
        start, end = self._operand(kind, depth - 1), self._operand(kind, depth - 1)
        return Tree((self._pick(("[", "(", "]")), start, "..", end, self._pick(("]", ")", "["))))

    def _function(self, depth: int) -> Tree:
        return Tree(("function(x, y) ", self._operand("boolean", depth), self._pick((" and x < y", " or x > y", ""))))

    def _arithmetic(self, kind: str, depth: int) -> Tree:
        if self._chance(0.1):
            return Tree(("-", self._operand("number", depth)))
        left, right = self._random.choice(
            (
                ("number", "number"),
                ("string", "string"),
                (kind, kind),
                (kind, "duration"),
                (kind, "months"),
                ("duration", "number"),
            )
        )
        if self._chance(0.2):
            left, right = right, left
        operator = (
            self._pick((" + ", " - ", " * ", " / ", " ** ")) if left == "number" else self._pick((" + ", " - ", " * ", " / "))
        )
        if operator == " ** ":
            return Tree((self._operand(left, depth), operator, self._pick(("2", "-1", "3", "0.5", "0", "10", "n"))))
        return Tree((self._operand(left, depth), operator, self._operand(right, depth)))

    def _comparison(self, _kind: str, depth: int) -> Tree:
        kind = self._pick(_KINDS)
        operator = self._pick((" = ", " != ", " < ", " <= ", " > ", " >= "))
        return Tree((self._operand(kind, depth), operator, self._operand(kind, depth)))

    def _between(self, _kind: str, depth: int) -> Tree:
        kind = self._pick(_POINTS)
        low, high = self._operand(kind, depth), self._operand(kind, depth)
        return Tree((self._operand(kind, depth), " between ", low, " and ", high))

    def _if(self, kind: str, depth: int) -> Tree:
        then, otherwise = self._expression(kind, depth), self._expression(kind, depth)
        return Tree(("(if ", self._expression("boolean", depth), " then ", then, " else ", otherwise, ")"))

    def _filter(self, _kind: str, depth: int) -> Tree:
        condition = self._random.choice(
            (
                Tree(("item", self._pick((" > ", " = ", " <= ")), self._operand("number", depth - 1))),
                Tree(("a = ", self._operand("number", depth - 1))),
                self._expression("number", depth - 1),
                self._expression("boolean", depth - 1),
            )
        )
        return Tree((self._operand("list", depth), "[", condition, "]"))

    def _path(self, _kind: str, depth: int) -> Tree:
        kind = self._pick(tuple(_PROPERTIES))
        return Tree((self._operand(kind, depth), ".", self._pick(_PROPERTIES[kind])))

    def _for(self, kind: str, depth: int) -> Tree:
        span = Tree((self._pick(("1..3", "3..1", "-1..1", "0..n")),))
        source = span if self._chance(0.3) else self._operand("list", depth)
        body = self._random.choice((self._expression(kind, depth), Tree(("x + ", self._operand("number", depth - 1)))))
        return Tree(("(for x in ", source, " return ", body, ")"))

    def _quantified(self, _kind: str, depth: int) -> Tree:
        condition = self._random.choice((self._expression("boolean", depth), Tree(("x > ", self._operand("number", depth - 1)))))
        return Tree((self._pick(("(some ", "(every ")), "x in ", self._operand("list", depth), " satisfies ", condition, ")"))

    def _in(self, _kind: str, depth: int) -> Tree:
        kind = self._pick(_POINTS)
        test = self._random.choice(
            (
                self._range(depth),
                Tree((self._pick(("< ", ">= ")), self._operand(kind, depth))),
                self._operand(kind, depth),
                self._operand("list", depth),
                Tree(("? ", self._pick(("= ", "> ")), self._operand(kind, depth))),
            )
        )
        if self._chance(0.3):
            test = Tree(("(", test, ", ", self._operand(kind, depth), ")"))
        return Tree(("(", self._operand(kind, depth), " in ", test, ")"))

    def _logic(self, _kind: str, depth: int) -> Tree:
        return Tree((self._operand("boolean", depth), self._pick((" and ", " or ")), self._operand("boolean", depth)))

    def _instance_of(self, _kind: str, depth: int) -> Tree:
        return Tree((self._operand(self._pick(_KINDS), depth), " instance of ", self._pick(_TYPE_NAMES)))

    def _list(self, kind: str, depth: int) -> Tree:
        return Tree(("[", self._expression(kind, depth), ", ", self._expression(kind, depth), "]"))

    def _context(self, kind: str, depth: int) -> Tree:
        second = self._random.choice((self._expression(kind, depth), Tree(("a",))))
        return Tree(("{a: ", self._expression(kind, depth), ", b: ", second, "}"))

"""The tree of an expression. Nodes are frozen; chains (`a + b - c`, `x.y[1].z`) are flat, so that length is not depth."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from camunda_feel.temporal_texts import Temporal


class Node:
    """Base of all nodes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a string, a boolean or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class TemporalLiteral(Node):
    """`@"…"`, or `date("…")` and its like; without a value when the text is none."""

    text: str
    value: Temporal | None


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{key: value}`; a value sees the entries before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[a..b]`, `(a..b)` and their mixtures as a value: only an argument of a function is one."""

    start: Node
    end: Node
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """`a.b.c`: a variable and the way into it."""

    name: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputValue(Node):
    """`?` inside a test."""


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`value.a.b`."""

    value: Node
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`values[condition or index]`."""

    values: Node
    condition: Node


class Operator(Enum):
    """Arithmetic with two operands."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    POWER = "**"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Operators of one precedence from left to right."""

    first: Node
    rest: tuple[tuple[Operator, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-value`."""

    value: Node


class Comparator(Enum):
    """Comparison of two values."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left < right`."""

    comparator: Comparator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type_name`."""

    value: Node
    type_name: str


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in test` and `value in (test, test)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ComparisonTest(Node):
    """`< 10`: compares the value under test."""

    comparator: Comparator
    bound: Node


@dataclass(frozen=True, slots=True)
class RangeTest(Node):
    """`[1..5]` as a test of the value under test."""

    range: RangeLiteral


@dataclass(frozen=True, slots=True)
class ExpressionTest(Node):
    """Any other expression as a test: the value, a list that has it, or a condition."""

    expression: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """`a and b and c`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """`a or b or c`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if … then … else if … then … else …`, the branches in order."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Span(Node):
    """`start..end`, what a loop goes through."""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in values`."""

    name: str
    values: Node


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for … return body`."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies condition`, or `every …`."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """`function(a, b) body`."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)`, or `target.name(arguments)`; with `named`, the names of the arguments in their order."""

    target: Reference | None
    name: str
    arguments: tuple[Node, ...]
    named: tuple[str, ...] | None


def mentions(part: Any, name: str) -> bool:
    """Whether a variable of that name is used anywhere in a node or in parts of one."""
    if isinstance(part, tuple):
        return any(mentions(item, name) for item in part)  # pyright: ignore[reportUnknownVariableType] - of any length
    if isinstance(part, Reference):
        return part.name == name
    if isinstance(part, Node | Iterator):
        return any(mentions(getattr(part, field), name) for field in type(part).__slots__)
    return False

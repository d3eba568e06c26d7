"""Literals, variables, and the way into contexts and lists."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from camunda_feel import syntax
from camunda_feel.durations import DayTimeDuration, YearMonthDuration, parse_duration
from camunda_feel.errors import Failure, FeelError, InputMissing, WarningKind
from camunda_feel.scope import Run, Scope
from camunda_feel.syntax import Node
from camunda_feel.values import Range, Value, type_name, visible_entries

_Code = Callable[[Scope], Value]
_Compile = Callable[[Node], _Code]

# How many keys of a context a warning lists.
_KEYS_SHOWN = 10


def _literal(node: syntax.Literal, _compile: _Compile) -> _Code:
    value = node.value
    return lambda _scope: value


def _temporal(node: syntax.TemporalLiteral, _compile: _Compile) -> _Code:
    value = parse_duration(node.text)
    if value is None:
        raise FeelError(f'cannot use @"{node.text}": dates and times are not supported, only durations')
    return lambda _scope: value


def _list(node: syntax.ListLiteral, compile_node: _Compile) -> _Code:
    items = [compile_node(item) for item in node.items]

    def evaluate(scope: Scope) -> Value:
        scope.run.budget.spend(len(items))
        return [item(scope) for item in items]

    return evaluate


def _context(node: syntax.ContextLiteral, compile_node: _Compile) -> _Code:
    entries = [(key, compile_node(value)) for key, value in node.entries]

    def evaluate(scope: Scope) -> Value:
        scope.run.budget.spend(len(entries))
        context: dict[str, Value] = {}
        inner = scope.inner(context)
        for key, value in entries:
            context[key] = value(inner)
        return context

    return evaluate


def _range(node: syntax.RangeLiteral, compile_node: _Compile) -> _Code:
    start, end = compile_node(node.start), compile_node(node.end)
    ordered = (Decimal, DayTimeDuration, YearMonthDuration)

    def evaluate(scope: Scope) -> Value:
        first, last = start(scope), end(scope)
        if type(first) is not type(last) or type(first) not in ordered:
            raise Failure(f"cannot make a range from a {type_name(first)} to a {type_name(last)}")
        return Range(first, last, node.start_closed, node.end_closed)

    return evaluate


def _reference(node: syntax.Reference, _compile: _Compile) -> _Code:
    name, path = node.name, node.path

    def evaluate(scope: Scope) -> Value:
        bound, value = scope.find(name)
        run = scope.run
        if bound:
            return follow(run, value, path)
        if run.has_variable(name):
            value, rest = run.variable(name, path)
            return follow(run, value, rest)
        run.warn(WarningKind.NO_VARIABLE_FOUND, f'no variable "{name}"')
        return None

    return evaluate


def _input(_node: syntax.InputValue, _compile: _Compile) -> _Code:
    def evaluate(scope: Scope) -> Value:
        bound, value = scope.find("?")
        if not bound:
            raise InputMissing
        return value

    return evaluate


def _path(node: syntax.Path, compile_node: _Compile) -> _Code:
    value, names = compile_node(node.value), node.names
    return lambda scope: follow(scope.run, value(scope), names)


def follow(run: Run, value: Value, names: tuple[str, ...]) -> Value:
    """What lies at the end of a path; null with a warning where it does not lead on."""
    for name in names:
        value = _step(run, value, name)
    return value


def _step(run: Run, value: Any, name: str) -> Value:
    if isinstance(value, dict):
        entries = visible_entries(value)  # pyright: ignore[reportUnknownArgumentType] - narrowing loses the types
        if name in entries:
            return entries[name]
        run.warn(WarningKind.NO_CONTEXT_ENTRY_FOUND, f'no context entry "{name}"; {_keys(entries)}')
    elif isinstance(value, list):
        run.budget.spend(len(value))  # pyright: ignore[reportUnknownArgumentType] - as above
        return [_step(run, item, name) for item in value]  # pyright: ignore[reportUnknownVariableType] - as above
    elif value is None:
        run.warn(WarningKind.NO_CONTEXT_ENTRY_FOUND, f'no context entry "{name}"; the context is null')
    elif isinstance(value, DayTimeDuration | YearMonthDuration) and name in (properties := value.properties()):
        return Decimal(properties[name])
    else:
        run.warn(WarningKind.NO_PROPERTY_FOUND, f'no property "{name}" of a {type_name(value)}')
    return None


def _keys(context: dict[str, Value]) -> str:
    if not context:
        return "the context is empty"
    shown = ", ".join(f'"{key}"' for key in list(context)[:_KEYS_SHOWN])
    return f"there are {shown}" + (" and more" if len(context) > _KEYS_SHOWN else "")


COMPILERS: dict[type, Callable[[Any, _Compile], _Code]] = {
    syntax.Literal: _literal,
    syntax.TemporalLiteral: _temporal,
    syntax.ListLiteral: _list,
    syntax.ContextLiteral: _context,
    syntax.RangeLiteral: _range,
    syntax.Reference: _reference,
    syntax.InputValue: _input,
    syntax.Path: _path,
}

"""Literals, variables, and the way into contexts and lists."""

from decimal import Decimal
from functools import lru_cache, partial

from camunda_feel import syntax
from camunda_feel.compiler.code import Code, Compile, Compilers
from camunda_feel.errors import Failure, InputMissing, WarningKind, did_you_mean
from camunda_feel.scope import Run, Scope
from camunda_feel.values import POINTS, Function, Range, Value, type_name, visible_entries

_NO_INPUT = '"?" stands for the value under test, and there is none here'
# How many keys of a context a warning lists.
_KEYS_SHOWN = 10


def _literal(node: syntax.Literal, _compile: Compile) -> Code:
    value = node.value
    if type(value) is Decimal or type(value) is str:
        return _constant(type(value), str(value))
    return lambda _scope: value


@lru_cache(maxsize=1024)
def _constant(kind: type[Decimal] | type[str], text: str) -> Code:
    """By its text, for 1 and 1.0 are equal and not the same. Indexes and codes recur: one closure serves them all."""
    value = kind(text)
    return lambda _scope: value


def _temporal(node: syntax.TemporalLiteral, _compile: Compile) -> Code:
    value = node.value
    if value is not None:
        return lambda _scope: value
    return lambda scope: scope.run.warn(WarningKind.INVALID_TYPE, f'"{node.text[:100]}" is no date, time or duration')


def _list(node: syntax.ListLiteral, compile_node: Compile) -> Code:
    items = [compile_node(item) for item in node.items]

    def evaluate(scope: Scope) -> Value:
        scope.run.budget.spend(len(items))
        try:
            return [item(scope) for item in items]
        except InputMissing:
            raise Failure(_NO_INPUT) from None

    return evaluate


def _context(node: syntax.ContextLiteral, compile_node: Compile) -> Code:
    return partial(_made_context, tuple((key, compile_node(value)) for key, value in node.entries))


def _made_context(entries: tuple[tuple[str, Code], ...], scope: Scope) -> Value:
    scope.run.budget.spend(len(entries))
    context: dict[str, Value] = {}
    inner = scope.inner(context)
    try:
        for key, value in entries:
            context[key] = value(inner)
    except InputMissing:
        raise Failure(_NO_INPUT) from None
    return context


def _range(node: syntax.RangeLiteral, compile_node: Compile) -> Code:
    start, end = compile_node(node.start), compile_node(node.end)

    def evaluate(scope: Scope) -> Value:
        first, last = start(scope), end(scope)
        if type(first) is not type(last) or type(first) not in POINTS:
            raise Failure(f"cannot make a range from a {type_name(first)} to a {type_name(last)}")
        return Range(first, last, node.start_closed, node.end_closed)

    return evaluate


def _reference(node: syntax.Reference, _compile: Compile) -> Code:
    return _variable(node.name, node.path)


@lru_cache(maxsize=1024)
def _variable(name: str, path: tuple[str, ...]) -> Code:
    """What expressions have in common are the paths into a response: one closure serves them all."""

    def evaluate(scope: Scope) -> Value:
        bound, value = scope.find(name)
        run = scope.run
        if bound:
            return follow(run, value, path)
        if run.has_variable(name):
            value, rest = run.variable(name, path)
            return follow(run, value, rest)
        _warn_unknown(scope, name)
        return None

    return evaluate


def _warn_unknown(scope: Scope, name: str) -> None:
    def message() -> str:
        return f'no variable "{name}"{did_you_mean(name, [*scope.names(), *scope.run.names()])}'

    scope.run.warn(WarningKind.NO_VARIABLE_FOUND, message)


def _input(_node: syntax.InputValue, _compile: Compile) -> Code:
    def evaluate(scope: Scope) -> Value:
        bound, value = scope.find("?")
        if not bound:
            raise InputMissing
        return value

    return evaluate


def _path(node: syntax.Path, compile_node: Compile) -> Code:
    return partial(_at_path, compile_node(node.value), node.names)


def _at_path(value: Code, names: tuple[str, ...], scope: Scope) -> Value:
    return follow(scope.run, value(scope), names)


def follow(run: Run, value: Value, names: tuple[str, ...]) -> Value:
    """What lies at the end of a path; null with a warning where it does not lead on."""
    for name in names:
        value = _step(run, value, name)
    return value


def _step(run: Run, value: Value, name: str) -> Value:
    if isinstance(value, dict):
        if name in value and not isinstance(entry := value[name], Function):
            return entry
        run.warn(WarningKind.NO_CONTEXT_ENTRY_FOUND, partial(_no_entry, value, name))
    elif isinstance(value, list):
        run.budget.spend(len(value))
        return [_step(run, item, name) for item in value]
    elif value is None:
        run.warn(WarningKind.NO_CONTEXT_ENTRY_FOUND, f'no context entry "{name}"; the context is null')
    else:
        return _property(run, value, name)
    return None


def _property(run: Run, value: Value, name: str) -> Value:
    properties = {} if not isinstance(value, POINTS) or isinstance(value, Decimal) else value.properties()
    if name not in properties:
        known = f"; there are {', '.join(properties)}" if properties else ""
        run.warn(WarningKind.NO_PROPERTY_FOUND, f'no property "{name}" of a {type_name(value)}{known}')
        return None
    found = properties[name]
    return Decimal(found) if isinstance(found, int) else found


def _no_entry(context: dict[str, Value], name: str) -> str:
    entries = visible_entries(context)
    return f'no context entry "{name}"{did_you_mean(name, list(entries)) or f"; {_keys(entries)}"}'


def _keys(context: dict[str, Value]) -> str:
    if not context:
        return "the context is empty"
    shown = ", ".join(f'"{key}"' for key in list(context)[:_KEYS_SHOWN])
    return f"there are {shown}" + (" and more" if len(context) > _KEYS_SHOWN else "")


COMPILERS: Compilers = {
    syntax.Literal: _literal,
    syntax.TemporalLiteral: _temporal,
    syntax.ListLiteral: _list,
    syntax.ContextLiteral: _context,
    syntax.RangeLiteral: _range,
    syntax.Reference: _reference,
    syntax.InputValue: _input,
    syntax.Path: _path,
}

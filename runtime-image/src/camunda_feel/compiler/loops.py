"""`for`, `some`, `every`, and filters."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from camunda_feel import syntax
from camunda_feel.arithmetic import NUMBERS
from camunda_feel.compiler.code import Code, Compile, Compilers
from camunda_feel.compiler.operators import as_null, decide
from camunda_feel.errors import Failure, InputMissing
from camunda_feel.scope import Bindings, Scope
from camunda_feel.syntax import Node
from camunda_feel.values import Value, type_name

_Values: TypeAlias = Callable[[Scope], Iterable[Value]]
_Iterators: TypeAlias = list[tuple[str, _Values]]

# These never give an index, so they are not tried as one.
_CONDITIONS = (
    syntax.Comparison,
    syntax.Between,
    syntax.Conjunction,
    syntax.Disjunction,
    syntax.In,
    syntax.InstanceOf,
    syntax.Quantified,
    syntax.Call,
)


def _for(node: syntax.For, compile_node: Compile) -> Code:
    iterators = _compile_iterators(node.iterators, compile_node)
    body = compile_node(node.body)
    uses_partial = syntax.mentions(node.body, "partial")

    def evaluate(scope: Scope) -> Value:
        results: list[Value] = []
        try:
            for names in _combinations(scope, iterators):
                if uses_partial:
                    scope.run.budget.spend(len(results))
                    names["partial"] = list(results)
                try:
                    results.append(body(scope.inner(names)))
                except InputMissing:
                    raise Failure('"?" stands for the value under test, and there is none in this loop') from None
        except Failure as failure:
            return as_null(scope.run, failure)
        return results

    return evaluate


def _quantified(node: syntax.Quantified, compile_node: Compile) -> Code:
    iterators = _compile_iterators(node.iterators, compile_node)
    condition = compile_node(node.condition)
    decisive = not node.every

    def conditions(scope: Scope) -> Iterator[Value]:
        for names in _combinations(scope, iterators):
            try:
                yield condition(scope.inner(names))
            except Failure as failure:
                yield as_null(scope.run, failure)

    def evaluate(scope: Scope) -> Value:
        try:
            return decide(scope.run, conditions(scope), decisive=decisive)
        except Failure as failure:
            return as_null(scope.run, failure)

    return evaluate


def _compile_iterators(iterators: tuple[syntax.Iterator, ...], compile_node: Compile) -> _Iterators:
    return [(iterator.name, _compile_values(iterator.values, compile_node)) for iterator in iterators]


def _compile_values(node: Node, compile_node: Compile) -> _Values:
    if isinstance(node, syntax.Span):
        start, end = compile_node(node.start), compile_node(node.end)
        return lambda scope: _span(start(scope), end(scope))
    values = compile_node(node)
    return lambda scope: _as_list(values(scope))


def _as_list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise Failure(f"cannot go through a {type_name(value)}; give a list")
    return value


def _span(start: Value, end: Value) -> Iterator[Value]:
    """The numbers from the start up or down to the end, one apart; made one by one, the end may be far."""
    if not isinstance(start, Decimal) or not isinstance(end, Decimal):
        raise Failure(f"cannot go from a {type_name(start)} to a {type_name(end)}; give two numbers")
    return _count_up(start, end) if start < end else _count_down(start, end)


def _count_up(number: Decimal, end: Decimal) -> Iterator[Value]:
    while number <= end:
        yield number
        number = NUMBERS.add(number, Decimal(1))


def _count_down(number: Decimal, end: Decimal) -> Iterator[Value]:
    while number >= end:
        yield number
        number = NUMBERS.subtract(number, Decimal(1))


def _combinations(scope: Scope, iterators: _Iterators) -> Iterator[Bindings]:
    """Every combination of the iterators' values, the last one changing fastest; no iterator sees another one's name."""
    sources = [(name, values(scope)) for name, values in iterators]
    name, outermost = sources[0]
    inner = [(other, _all(scope, values)) for other, values in sources[1:]]
    for value in outermost:
        for names in _products(scope, inner, 0):
            names[name] = value
            yield names


def _all(scope: Scope, values: Iterable[Value]) -> list[Value]:
    collected: list[Value] = []
    for value in values:
        scope.run.budget.spend()
        collected.append(value)
    return collected


def _products(scope: Scope, sources: list[tuple[str, list[Value]]], at: int) -> Iterator[Bindings]:
    scope.run.budget.spend()
    if at == len(sources):
        yield Bindings()
        return
    name, values = sources[at]
    for value in values:
        for names in _products(scope, sources, at + 1):
            names.setdefault(name, value)
            yield names


def _filter(node: syntax.Filter, compile_node: Compile) -> Code:
    values, condition = compile_node(node.values), compile_node(node.condition)
    may_be_index = not isinstance(node.condition, _CONDITIONS)
    names_item = syntax.mentions(node.condition, "item")
    return partial(_filtered, values, condition, may_be_index, names_item)


def _filtered(values: Code, condition: Code, may_be_index: bool, names_item: bool, scope: Scope) -> Value:  # noqa: FBT001 - bound above
    try:
        items = values(scope)
        if not isinstance(items, list):
            raise Failure(f"cannot filter a {type_name(items)}; give a list")
        index = _index(scope, condition) if may_be_index else None
        return _select(scope, items, condition, names_item=names_item) if index is None else item_at(items, index)
    except Failure as failure:
        return as_null(scope.run, failure)


def _index(scope: Scope, condition: Code) -> Decimal | None:
    """The index that the condition is without an item; None when it is none. The attempt leaves no warnings."""
    warnings = len(scope.run.warnings)
    try:
        value = condition(scope)
    except (Failure, InputMissing):
        value = None
    del scope.run.warnings[warnings:]
    return value if isinstance(value, Decimal) else None


def item_at(items: list[Value], index: Decimal) -> Value:
    """The item at a position that counts from 1, or from -1 backwards; null outside the list."""
    position = NUMBERS.add(index, Decimal(-1 if index > 0 else len(items)))
    return items[int(position)] if 0 <= position < len(items) else None


def _select(scope: Scope, items: list[Value], condition: Code, *, names_item: bool) -> Value:
    """The items for which the condition is true; or one item, when the condition is a number for the first."""
    selected: list[Value] = []
    spend = scope.run.budget.spend
    for position, item in enumerate(items):
        spend()
        met = condition(_item_scope(scope, item) if names_item or not isinstance(item, dict) else scope.inner(item))
        if position == 0 and isinstance(met, Decimal):
            return item_at(items, met)
        if met is True:
            selected.append(item)
    return selected


def _item_scope(scope: Scope, item: Value) -> Scope:
    """The item as `item`, and if it is a context its entries before anything else."""
    inner = scope.inner(Bindings(item=item))
    return inner.inner(item) if isinstance(item, dict) else inner


COMPILERS: Compilers = {
    syntax.For: _for,
    syntax.Quantified: _quantified,
    syntax.Filter: _filter,
}

"""Arithmetic, comparison, three-valued logic, types, and `if`."""

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

from camunda_feel import syntax
from camunda_feel.arithmetic import calculation, negate
from camunda_feel.comparison import compare, describe_incomparable, equal
from camunda_feel.compiler.code import Code, Compile, Compilers
from camunda_feel.errors import Failure, WarningKind
from camunda_feel.scope import Run, Scope
from camunda_feel.syntax import Comparator
from camunda_feel.values import Value, type_name

_TYPE_ALIASES = {
    "date time": "date and time",
    "year-month-duration": "years and months duration",
    "day-time-duration": "days and time duration",
}


def _arithmetic(node: syntax.Arithmetic, compile_node: Compile) -> Code:
    first = compile_node(node.first)
    rest = [(calculation(sign), compile_node(operand)) for sign, operand in node.rest]

    def evaluate(scope: Scope) -> Value:
        try:
            value = first(scope)
        except Failure as failure:
            value = as_null(scope.run, failure)
        for calculate, operand in rest:
            try:
                value = calculate(value, operand(scope))
            except Failure as failure:
                value = as_null(scope.run, failure)
            if type(value) is str:
                scope.run.budget.check_text(len(value))
        return value

    return evaluate


def _negation(node: syntax.Negation, compile_node: Compile) -> Code:
    operand = compile_node(node.value)

    def evaluate(scope: Scope) -> Value:
        try:
            return negate(operand(scope))
        except Failure as failure:
            return as_null(scope.run, failure)

    return evaluate


def as_null(run: Run, failure: Failure) -> None:
    """Null, with the failure as a warning."""
    run.warn(WarningKind.INVALID_TYPE, str(failure))


def _comparison(node: syntax.Comparison, compile_node: Compile) -> Code:
    left, right, comparator = compile_node(node.left), compile_node(node.right), node.comparator
    evaluate = partial(_compared, left, right, comparator, _QUICK[comparator])
    return _null_on_failure(evaluate) if comparator is Comparator.NOT_EQUAL else evaluate


_Quick = tuple[Callable[[Any, Any], bool], tuple[type, ...]]
"""What compares two values of one of these types."""


def _compared(left: Code, right: Code, comparator: Comparator, quickly: _Quick, scope: Scope) -> Value:
    a, b = left(scope), right(scope)
    quick, quick_types = quickly
    if type(a) is type(b) and type(a) in quick_types:
        return quick(a, b)
    return compare_or_null(scope.run, comparator, a, b)


def _null_on_failure(code: Code) -> Code:
    """For `!=`, which is a negation, and negations do not fail."""

    def evaluate(scope: Scope) -> Value:
        try:
            return code(scope)
        except Failure as failure:
            return as_null(scope.run, failure)

    return evaluate


_QUICK: dict[Comparator, _Quick] = {
    Comparator.EQUAL: (operator.eq, (Decimal, str)),
    Comparator.NOT_EQUAL: (operator.ne, (Decimal, str)),
    Comparator.LESS: (operator.lt, (Decimal,)),
    Comparator.LESS_OR_EQUAL: (operator.le, (Decimal,)),
    Comparator.GREATER: (operator.gt, (Decimal,)),
    Comparator.GREATER_OR_EQUAL: (operator.ge, (Decimal,)),
}
"""What compares two numbers; and for equality two texts."""


def compare_or_null(run: Run, comparator: Comparator, left: Value, right: Value) -> bool | None:
    """The result of a comparison; null with a warning when the types do not compare."""
    if comparator is Comparator.EQUAL:
        result = equal(left, right, run.budget)
    elif comparator is Comparator.NOT_EQUAL:
        result = equal(left, right, run.budget)
        result = None if result is None else not result
    else:
        result = compare(comparator, left, right)
    if result is None:
        run.warn(WarningKind.NOT_COMPARABLE, describe_incomparable(left, right))
    return result


def _between(node: syntax.Between, compile_node: Compile) -> Code:
    value, low, high = compile_node(node.value), compile_node(node.low), compile_node(node.high)

    def is_not_below(scope: Scope) -> Value:
        return compare_or_null(scope.run, Comparator.GREATER_OR_EQUAL, value(scope), low(scope))

    def is_not_above(scope: Scope) -> Value:
        return compare_or_null(scope.run, Comparator.LESS_OR_EQUAL, value(scope), high(scope))

    bounds: list[Code] = [is_not_below, is_not_above]
    return lambda scope: decide(scope.run, _attempts(scope, bounds), decisive=False)


def decide(run: Run, values: Iterable[Value], *, decisive: bool) -> bool | None:
    """Three-valued `and` (False is decisive) or `or` (True is): one decisive value decides, else any non-boolean is null.

    Asks for no value after a decisive one. With no values, the opposite of the decisive one.
    """
    result: bool | None = not decisive
    for value in values:
        if value is decisive:
            return decisive
        if not isinstance(value, bool):
            run.warn(WarningKind.INVALID_TYPE, f"expected a boolean, found a {type_name(value)}")
            result = None
    return result


def _attempts(scope: Scope, operands: list[Code]) -> Iterable[Value]:
    for operand in operands:
        try:
            yield operand(scope)
        except Failure as failure:
            yield as_null(scope.run, failure)


def _conjunction(node: syntax.Conjunction, compile_node: Compile) -> Code:
    operands = [compile_node(operand) for operand in node.operands]
    return lambda scope: decide(scope.run, _attempts(scope, operands), decisive=False)


def _disjunction(node: syntax.Disjunction, compile_node: Compile) -> Code:
    operands = [compile_node(operand) for operand in node.operands]
    return lambda scope: decide(scope.run, _attempts(scope, operands), decisive=True)


def _if(node: syntax.If, compile_node: Compile) -> Code:
    branches = [(compile_node(condition), compile_node(value)) for condition, value in node.branches]
    otherwise = compile_node(node.otherwise)

    def evaluate(scope: Scope) -> Value:
        for condition, value in branches:
            if not _is_met(scope, condition):
                continue
            try:
                return value(scope)
            except Failure as failure:  # the other branch then counts, as in Camunda's engine
                as_null(scope.run, failure)
        return otherwise(scope)

    return evaluate


def _is_met(scope: Scope, condition: Code) -> bool:
    """Anything but true is not; only a boolean is without a warning."""
    try:
        met = condition(scope)
    except Failure as failure:
        met = as_null(scope.run, failure)
    if not isinstance(met, bool):
        scope.run.warn(WarningKind.INVALID_TYPE, f"expected a boolean, found a {type_name(met)}")
    return met is True


def _instance_of(node: syntax.InstanceOf, compile_node: Compile) -> Code:
    value = compile_node(node.value)
    wanted = _TYPE_ALIASES.get(node.type_name, node.type_name)
    if wanted == "Any":
        return lambda scope: value(scope) is not None
    return lambda scope: type_name(value(scope)) == wanted


COMPILERS: Compilers = {
    syntax.Arithmetic: _arithmetic,
    syntax.Negation: _negation,
    syntax.Comparison: _comparison,
    syntax.Between: _between,
    syntax.Conjunction: _conjunction,
    syntax.Disjunction: _disjunction,
    syntax.If: _if,
    syntax.InstanceOf: _instance_of,
}

"""`in`, and the tests that stand after it. The value under test is the name `cellInput`, and `?` where needed."""

from camunda_feel import syntax
from camunda_feel.comparison import equal, has, in_range
from camunda_feel.compiler.code import Code, Compile, Compilers
from camunda_feel.compiler.operators import as_null, compare_or_null
from camunda_feel.errors import Failure, InputMissing, WarningKind
from camunda_feel.scope import Bindings, Scope
from camunda_feel.values import Function, Range, Value

INPUT = "cellInput"


def _in(node: syntax.In, compile_node: Compile) -> Code:
    value, tests = compile_node(node.value), [compile_node(test) for test in node.tests]

    def evaluate(scope: Scope) -> Value:
        tested = value(scope)
        inner = scope.inner(Bindings({INPUT: None if isinstance(tested, Function) else tested}))
        return tests[0](inner) if len(tests) == 1 else _any(inner, tests)

    return evaluate


def _any(scope: Scope, tests: list[Code]) -> bool | None:
    result: bool | None = False
    for test in tests:
        try:
            met = test(scope)
        except Failure as failure:
            met = as_null(scope.run, failure)
        if met is True:
            return True
        result = result if met is False else None
    return result


def _input(scope: Scope) -> Value:
    """The value under test; null with a warning outside of one."""
    bound, value = scope.find(INPUT)
    if bound:
        return value
    if scope.run.has_variable(INPUT):
        return scope.run.variable(INPUT, ())[0]
    scope.run.warn(WarningKind.NO_VARIABLE_FOUND, 'no value to test; a test stands after "in"')
    return None


def _comparison(node: syntax.ComparisonTest, compile_node: Compile) -> Code:
    bound, comparator = compile_node(node.bound), node.comparator
    return lambda scope: compare_or_null(scope.run, comparator, _input(scope), bound(scope))


def _range(node: syntax.RangeTest, compile_node: Compile) -> Code:
    literal = node.range
    start, end = compile_node(literal.start), compile_node(literal.end)

    def evaluate(scope: Scope) -> Value:
        try:
            range_ = Range(start(scope), end(scope), literal.start_closed, literal.end_closed)
        except (Failure, InputMissing):
            range_ = Range(None, None, literal.start_closed, literal.end_closed)
        result = in_range(_input(scope), range_)
        if result is None:
            scope.run.warn(WarningKind.NOT_COMPARABLE, "cannot compare the value with the ends of the range")
        return result

    return evaluate


def _expression(node: syntax.ExpressionTest, compile_node: Compile) -> Code:
    expression = compile_node(node.expression)

    def evaluate(scope: Scope) -> Value:
        tested = _input(scope)
        try:
            value = expression(scope)
        except InputMissing:
            value = expression(scope.inner(Bindings({"?": tested})))
            return value if isinstance(value, bool) else None
        except Failure as failure:
            as_null(scope.run, failure)
            return False
        return _matches(scope, tested, value)

    return evaluate


def _matches(scope: Scope, tested: Value, value: Value) -> bool | None:
    """True for true, for a list that has the tested value, and for the value itself."""
    if value is True or (isinstance(value, list) and has(value, tested, scope.run.budget)):
        return True
    result = equal(tested, value, scope.run.budget)
    if result is None and value is not False and not isinstance(value, list):
        scope.run.warn(WarningKind.NOT_COMPARABLE, "cannot compare the value with the test")
        return None
    return result is True


COMPILERS: Compilers = {
    syntax.In: _in,
    syntax.ComparisonTest: _comparison,
    syntax.RangeTest: _range,
    syntax.ExpressionTest: _expression,
}

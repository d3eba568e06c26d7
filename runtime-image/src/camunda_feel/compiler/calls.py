"""Calls, by position or by name, and functions written in an expression."""

from collections.abc import Callable, Sequence
from decimal import DecimalException

from camunda_feel import syntax
from camunda_feel.builtins import FUNCTIONS
from camunda_feel.compiler.code import Code, Compile, Compilers
from camunda_feel.errors import Failure, FeelError, InputMissing, WarningKind, did_you_mean
from camunda_feel.limits import Budget
from camunda_feel.scope import Bindings, Run, Scope
from camunda_feel.values import Function, Value, type_name

# The arguments of a call, ready for the function.
_Arguments = Callable[[Function, Scope], list[Value]]


def _function(node: syntax.FunctionLiteral, compile_node: Compile) -> Code:
    body, parameters = compile_node(node.body), node.parameters

    def evaluate(scope: Scope) -> Value:
        def call(arguments: list[Value], budget: Budget) -> Value:
            budget.enter_call()
            try:
                return body(scope.inner(Bindings(zip(parameters, arguments, strict=True))))
            finally:
                budget.leave_call()

        return Function(parameters, call)

    return evaluate


def _call(node: syntax.Call, compile_node: Compile) -> Code:
    arguments = _named(node, compile_node) if node.named else _positional(node, compile_node)
    return _qualified(node, arguments, compile_node) if node.target else _plain(node, arguments)


def _plain(node: syntax.Call, arguments: _Arguments) -> Code:
    builtins = FUNCTIONS.get(node.name, ())
    chosen = _choose(node, builtins)

    def evaluate(scope: Scope) -> Value:
        defined = scope.functions(node.name)
        function = (_choose(node, defined) if defined else None) or chosen
        if function is None:
            return _unknown(scope.run, node)
        try:
            return _invoke(scope.run, function, arguments(function, scope))
        except Failure as failure:
            message = f'cannot call "{node.name}": {failure}'
            scope.run.warn(WarningKind.FUNCTION_INVOCATION_FAILURE, message)
            return None

    return evaluate


def _invoke(run: Run, function: Function, arguments: list[Value]) -> Value:
    run.budget.spend(1 + sum(len(argument) >> 3 for argument in arguments if isinstance(argument, list)))
    try:
        result = function.call(arguments, run.budget)
    except DecimalException:
        raise FeelError("cannot calculate: the result is too large, too small or undefined") from None
    if isinstance(result, str):
        run.budget.check_text(len(result))
    elif isinstance(result, list):
        run.budget.spend(len(result) >> 3)
    return result


def _choose(node: syntax.Call, functions: Sequence[Function]) -> Function | None:
    if node.named is None:
        return next((function for function in functions if function.takes(len(node.arguments))), None)
    names = frozenset(node.named)
    return next((function for function in functions if names <= frozenset(function.parameters)), None)


def _unknown(run: Run, node: syntax.Call) -> None:
    if node.name in FUNCTIONS:
        how = f"with the arguments {', '.join(node.named)}" if node.named else f"with {len(node.arguments)} arguments"
        message = f'no function "{node.name}" {how}; there is {_signatures(node.name)}'
    else:
        message = f'no function "{node.name}"{did_you_mean(node.name, list(FUNCTIONS))}'
    run.warn(WarningKind.NO_FUNCTION_FOUND, message)


def _signatures(name: str) -> str:
    return " and ".join(f"{name}({', '.join(function.parameters)})" for function in FUNCTIONS[name])


def _qualified(node: syntax.Call, arguments: _Arguments, compile_node: Compile) -> Code:
    """A function of a context. Unlike a plain call it fails instead of being null."""
    target = compile_node(node.target) if node.target else None

    def evaluate(scope: Scope) -> Value:
        context = target(scope) if target else None
        if not isinstance(context, dict):
            raise Failure(f'cannot call "{node.name}" of a {type_name(context)}; only a context has functions')
        candidate = context.get(node.name)
        function = _choose(node, [candidate]) if isinstance(candidate, Function) else None
        if function is None:
            raise Failure(f'cannot call "{node.name}": the context has no such function')
        return _invoke(scope.run, function, arguments(function, scope))

    return evaluate


def _positional(node: syntax.Call, compile_node: Compile) -> _Arguments:
    codes = [compile_node(argument) for argument in node.arguments]

    def arguments(function: Function, scope: Scope) -> list[Value]:
        if not function.variadic:
            return _evaluate_all(codes, scope)
        try:
            values = _evaluate_all(codes, scope)
        except InputMissing:
            raise Failure('there is no "?" here') from None
        fixed = len(function.parameters) - 1
        remaining = values[fixed:]
        if fixed == 0 and len(remaining) == 1 and isinstance(remaining[0], list):
            return remaining
        return [*values[:fixed], remaining]

    return arguments


def _evaluate_all(codes: list[Code], scope: Scope) -> list[Value]:
    """All arguments, also those after one that fails: an error among them counts more than a failure."""
    values: list[Value] = []
    failed: Failure | None = None
    for code in codes:
        try:
            values.append(code(scope))
        except Failure as failure:
            failed = failed or failure
    if failed is not None:
        raise failed
    return values


def _null(_scope: Scope) -> None:
    return None


def _named(node: syntax.Call, compile_node: Compile) -> _Arguments:
    codes = dict(zip(node.named or (), [compile_node(argument) for argument in node.arguments], strict=True))

    def arguments(function: Function, scope: Scope) -> list[Value]:
        return _evaluate_all([codes.get(name, _null) for name in function.parameters], scope)

    return arguments


COMPILERS: Compilers = {
    syntax.FunctionLiteral: _function,
    syntax.Call: _call,
}

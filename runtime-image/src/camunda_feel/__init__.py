"""FEEL, the expression language of Camunda 8, as its connector runtime evaluates it.

`evaluate(expression, variables)` takes and gives JSON data. Nearly every mistake inside an expression is null with a
warning (`compile(expression).run(variables).warnings`); FeelError is for a text that is no expression, for a failed
`assert`, for what has no JSON form, and for an evaluation that would use too much.

The reference is Camunda's engine (https://github.com/camunda/feel-scala, 1.22), also where DMN 1.5 differs.
"""

from collections.abc import Mapping
from typing import Any

from camunda_feel.conversion import JsonValue
from camunda_feel.errors import EvaluationWarning, FeelError, WarningKind
from camunda_feel.expression import Evaluation, Expression, compile_expression
from camunda_feel.limits import Limits
from camunda_feel.values import DocumentToCreate

__all__ = [
    "DocumentToCreate",
    "Evaluation",
    "EvaluationWarning",
    "Expression",
    "FeelError",
    "JsonValue",
    "Limits",
    "WarningKind",
    "compile",
    "evaluate",
]


def compile(expression: str) -> Expression:  # noqa: A001 - the word for it, always used as camunda_feel.compile
    """An expression to evaluate many times; the last 1,024 are kept. FeelError says what is wrong where."""
    return compile_expression(expression)


def evaluate(expression: str, variables: Mapping[str, Any]) -> JsonValue:
    """The value of an expression, with or without a leading `=`, over JSON variables."""
    return compile_expression(expression).evaluate(variables)

"""An expression that can be evaluated many times."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from camunda_feel.compiler import Code, compile_node
from camunda_feel.conversion import JsonValue, to_json
from camunda_feel.errors import EvaluationWarning, Failure, FeelError, InputMissing
from camunda_feel.limits import DEFAULT_LIMITS, NESTING, Limits
from camunda_feel.parser import parse
from camunda_feel.scope import Run, Scope

COMPILED_EXPRESSIONS, LONG_COMPILED_EXPRESSIONS = 1024, 32
"""How many are kept: a worker sees the same few again and again."""
_SHORT, _LONG = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression gave, as JSON data, and why something in it is null."""

    value: JsonValue
    warnings: tuple[EvaluationWarning, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. It has no state: threads may share it."""

    source: str
    _code: Code

    def evaluate(self, variables: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> JsonValue:
        """The value as JSON data; FeelError when there is none."""
        return self._evaluate(Run(variables, limits))

    def run(self, variables: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Evaluation:
        """The value with the warnings; FeelError when there is none."""
        run = Run(variables, limits)
        return Evaluation(self._evaluate(run), run.told())

    def _evaluate(self, run: Run) -> JsonValue:
        try:
            return to_json(self._code(Scope(run, {})), run.limits.result)
        except Failure as failure:
            raise FeelError(f"cannot evaluate the expression: {failure}") from None
        except InputMissing:
            raise FeelError('cannot evaluate "?" here; it stands for the value under test after "in"') from None
        except RecursionError:
            raise FeelError("cannot evaluate the expression: it or its data is nested too deeply") from None


def compile_expression(source: str) -> Expression:
    """The compiled form of an expression, made once; FeelError with the place when the text is not one.

    Of those of more than 1,000 characters only few are kept, of more than 10,000 none: a compiled one takes some hundred
    times the memory of its text.
    """
    if len(source) <= _SHORT:
        return _compile_short(source)
    return _compile_long(source) if len(source) <= _LONG else _compile(source)


def _compile(source: str) -> Expression:
    try:
        return Expression(source, compile_node(parse(source)))
    except RecursionError:
        raise FeelError(f"cannot parse an expression nested nearly {NESTING} levels deep; split it") from None


_compile_short = lru_cache(maxsize=COMPILED_EXPRESSIONS)(_compile)
_compile_long = lru_cache(maxsize=LONG_COMPILED_EXPRESSIONS)(_compile)

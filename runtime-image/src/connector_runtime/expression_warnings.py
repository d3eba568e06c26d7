"""Why an expression gave null somewhere, written into the job log once per expression and not once per job."""

import logging
from collections.abc import Mapping
from threading import Lock

from camunda_feel import EvaluationWarning, Expression, JsonValue, Limits
from connector_runtime.headers import Header

logger = logging.getLogger(__name__)

MOST_EXPRESSIONS = 4_096
"""How many are remembered; with the next one all may be told again."""
MOST_WARNINGS = 5
"""Of one expression in one line."""


class WarnedExpressions:
    """Evaluates expressions and remembers which were complained about. Threads may share it."""

    def __init__(self) -> None:
        self._told: set[tuple[Header, str]] = set()
        self._lock = Lock()

    def evaluate(self, header: Header, expression: Expression, variables: Mapping[str, object], limits: Limits) -> JsonValue:
        """The value as JSON data; raises FeelError. The first nulls of an expression are logged, with the job's fields."""
        if (header, expression.source) in self._told:
            return expression.evaluate(variables, limits)
        evaluation = expression.run(variables, limits)
        warnings = [warning for warning in evaluation.warnings if not _is_usual(header, warning, variables)]
        if warnings and self._is_first(header, expression.source):
            texts = "; ".join(str(warning) for warning in warnings[:MOST_WARNINGS])
            logger.warning("something in '%s' is null: %s", header, texts, extra={"action": "expression"})
        return evaluation.value

    def _is_first(self, header: Header, source: str) -> bool:
        with self._lock:
            if (header, source) in self._told:
                return False
            if len(self._told) >= MOST_EXPRESSIONS:
                self._told.clear()
            self._told.add((header, source))
            return True


def _is_usual(header: Header, warning: EvaluationWarning, variables: Mapping[str, object]) -> bool:
    """An error expression asks for `error` after each success too, where there is none."""
    return header is Header.ERROR_EXPRESSION and "error" not in variables and str(warning).startswith('no variable "error"')

"""What can go wrong: errors that end an evaluation, failures that become null, and warnings that tell of them."""

from dataclasses import dataclass
from enum import StrEnum


class FeelError(Exception):
    """An expression that cannot be parsed or evaluated; the only exception that this package raises on purpose.

    `line` and `column` count from 1 and are None when the error belongs to no single place. `expected` names what
    would have been accepted there, or is empty.
    """

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, excerpt: str = "", expected: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.excerpt = excerpt
        self.expected = expected

    def __str__(self) -> str:
        if self.line is None or self.column is None:
            return self.message
        caret = " " * (self.column - 1) + "^"
        return f"{self.message} (line {self.line}, column {self.column})\n{self.excerpt}\n{caret}"


def parse_error(source: str, offset: int, *, expected: str, found: str) -> FeelError:
    """The error for the place `offset` (0-based, in characters) of `source`, with that line and a caret under it."""
    start = source.rfind("\n", 0, offset) + 1
    end = source.find("\n", offset)
    excerpt, column = _window(source[start : end if end >= 0 else len(source)], offset - start)
    return FeelError(
        f"cannot parse the expression: expected {expected}, found {found}",
        line=source.count("\n", 0, offset) + 1,
        column=column,
        excerpt=excerpt,
        expected=expected,
    )


def _window(line: str, position: int) -> tuple[str, int]:
    """The line as it can be printed above a caret: tabs as one blank, so that the caret stays below its character."""
    return line.replace("\t", " ").replace("\r", " "), position + 1


class WarningKind(StrEnum):
    """Why a value became null. The members are those of Camunda's engine, so that its documentation applies."""

    NO_VARIABLE_FOUND = "NO_VARIABLE_FOUND"
    NO_CONTEXT_ENTRY_FOUND = "NO_CONTEXT_ENTRY_FOUND"
    NO_PROPERTY_FOUND = "NO_PROPERTY_FOUND"
    NO_FUNCTION_FOUND = "NO_FUNCTION_FOUND"
    NOT_COMPARABLE = "NOT_COMPARABLE"
    INVALID_TYPE = "INVALID_TYPE"
    FUNCTION_INVOCATION_FAILURE = "FUNCTION_INVOCATION_FAILURE"


@dataclass(frozen=True, slots=True)
class EvaluationWarning:
    """One failure that the evaluation went on from with null. The message names types and names, never values."""

    kind: WarningKind
    message: str

    def __str__(self) -> str:
        return self.message


class Failure(Exception):  # noqa: N818 - not an error to the caller: the nearest operator turns it into null
    """A sub-expression without a value. Operators that FEEL defines as null on failure catch it; none may leave us."""


class InputMissing(Exception):  # noqa: N818 - a signal between `?` and the test around it
    """`?` was evaluated where no test has set it."""

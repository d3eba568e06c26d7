"""What can go wrong: errors that end an evaluation, failures that become null, and warnings that tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

# How much of a line an error shows, in characters, and how much of that may be before the place.
_EXCERPT, _EXCERPT_BEFORE = 100, 60


class FeelError(Exception):
    """An expression that cannot be parsed or evaluated; the only exception that this package raises on purpose.

    `line` and `column` count from 1 and are None when the error belongs to no single place. `excerpt` is that place with
    a caret below it, `expected` names what would have been accepted there; both are empty without a place.
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
        if self.line is None:
            return self.message
        return f"{self.message} (line {self.line}, column {self.column})\n{self.excerpt}"


class NoOrderError(FeelError):
    """Two lists were asked which is less: an error of the expression, except in the function of `sort`."""


def parse_error(source: str, offset: int, *, expected: str, found: str) -> FeelError:
    """The error for the place `offset` (0-based, in characters) of `source`, with a caret below that place."""
    start = source.rfind("\n", 0, offset) + 1
    end = source.find("\n", offset)
    return FeelError(
        f"cannot parse the expression: expected {expected}, found {found}",
        line=source.count("\n", 0, offset) + 1,
        column=offset - start + 1,
        excerpt=_excerpt(source[start : end if end >= 0 else len(source)], offset - start),
        expected=expected,
    )


def _excerpt(line: str, position: int) -> str:
    """What surrounds the position, and the caret; every character as wide as a blank, so that the caret is right."""
    first = max(0, position - _EXCERPT_BEFORE)
    text = "".join(character if character.isprintable() else " " for character in line[first:][:_EXCERPT])
    return f"{text}\n{' ' * (position - first)}^"


class WarningKind(StrEnum):
    """Why a value became null. The members are those of Camunda's engine, so that its documentation applies."""

    NO_VARIABLE_FOUND = "NO_VARIABLE_FOUND"
    NO_CONTEXT_ENTRY_FOUND = "NO_CONTEXT_ENTRY_FOUND"
    NO_PROPERTY_FOUND = "NO_PROPERTY_FOUND"
    NO_FUNCTION_FOUND = "NO_FUNCTION_FOUND"
    NOT_COMPARABLE = "NOT_COMPARABLE"
    INVALID_TYPE = "INVALID_TYPE"
    FUNCTION_INVOCATION_FAILURE = "FUNCTION_INVOCATION_FAILURE"


# Names that are compared: more would take longer than the rest of an evaluation.
_MOST_NAMES = 200


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The part of a message that names the most similar known name; empty when none is similar."""
    near = _torn(name, known[:_MOST_NAMES]) or get_close_matches(name[:100], known[:_MOST_NAMES], n=1, cutoff=0.7)
    if not near:
        return ""
    plain = near[0].isidentifier() or " " in near[0]
    return f'; did you mean "{near[0]}"?' + ("" if plain else f" write it in backticks: `{near[0]}`")


def _torn(name: str, known: Sequence[str]) -> list[str]:
    """The names that are read as a subtraction and have this one as a part: `my-key` is `my` minus `key`."""
    return [] if name in known else [longer for longer in known if "-" in longer and name in longer.split("-")]


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

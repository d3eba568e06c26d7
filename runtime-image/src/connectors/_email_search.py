"""What an e-mail search asks for: conditions on sender, subject and body, joined by AND and OR."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from connector_sdk import InputError

DEEPEST, MOST = 10, 100


class SearchField(Enum):
    """Where to look."""

    FROM = "FROM"
    SUBJECT = "SUBJECT"
    BODY = "BODY"


@dataclass(frozen=True, slots=True)
class Condition:
    """A text that a field has somewhere in it, in capitals or not."""

    field: SearchField
    value: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of them; none at all is true of every e-mail."""

    criteria: Sequence["Criterion"]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them."""

    criteria: Sequence["Criterion"]


Criterion = Condition | AllOf | AnyOf


def criterion(given: Any, depth: int = 0) -> Criterion:
    """The search that an input describes; raises InputError that says what is wrong with it."""
    if given is None and depth == 0:
        return AllOf(())
    if depth > DEEPEST:
        raise _refusal(f"they are nested more than {DEEPEST} deep")
    if not isinstance(given, dict):
        raise _refusal("each is an object with field and value, or with operator and criteria")
    members = cast("dict[str, Any]", given)
    return _joined(members, depth) if members.get("operator") is not None else _condition(members)


def _joined(members: Mapping[str, Any], depth: int) -> Criterion:
    kinds: Mapping[Any, Callable[[Sequence[Criterion]], Criterion]] = {"AND": AllOf, "OR": AnyOf}
    operator, parts = str(members["operator"]).upper(), members.get("criteria")
    if operator not in kinds:
        raise _refusal("the operator is AND or OR")
    if not isinstance(parts, list) or not 0 < len(cast("list[Any]", parts)) <= MOST:
        raise _refusal(f"an operator needs criteria, a list of 1 to {MOST}")
    return kinds[operator](tuple(criterion(part, depth + 1) for part in cast("list[Any]", parts)))


def _condition(members: Mapping[str, Any]) -> Condition:
    name, value = str(members.get("field", "")).upper(), members.get("value")
    if name not in SearchField.__members__:
        raise _refusal(f"the field is one of {', '.join(SearchField.__members__)}")
    if not isinstance(value, str) or not value or any(ord(letter) < 32 for letter in value):
        raise _refusal("the value is a text of one line")
    return Condition(SearchField[name], value)


def _refusal(why: str) -> InputError:
    return InputError(f"cannot use the criteria of this search: {why}")


def matches(search: Criterion, text_of: Callable[[SearchField], str]) -> bool:
    """Whether an e-mail is among those that a search is for."""
    match search:
        case AllOf(criteria):
            return all(matches(each, text_of) for each in criteria)
        case AnyOf(criteria):
            return any(matches(each, text_of) for each in criteria)
        case Condition(field, value):
            return value.casefold() in text_of(field).casefold()


def imap_keys(search: Criterion) -> bytes:
    """The search as IMAP writes it (https://www.rfc-editor.org/rfc/rfc3501#section-6.4.4), in UTF-8."""
    match search:
        case AllOf(criteria):
            return b"(" + b" ".join(imap_keys(each) for each in criteria) + b")" if criteria else b"ALL"
        case AnyOf((only,)):
            return imap_keys(only)
        case AnyOf((first, *rest)):
            return b"OR " + imap_keys(first) + b" " + imap_keys(AnyOf(tuple(rest)))
        case AnyOf():
            return b"NOT ALL"
        case Condition(field, value):
            return f"{field.value} {quoted(value)}".encode()


def quoted(text: str) -> str:
    """A text as IMAP takes it; it has no line breaks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

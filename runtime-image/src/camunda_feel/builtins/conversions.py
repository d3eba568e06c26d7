"""Texts to numbers and JSON values, and back."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from camunda_feel.builtins.registry import Library
from camunda_feel.conversion import from_json
from camunda_feel.date_times import ZonedDateTime
from camunda_feel.errors import Failure
from camunda_feel.limits import Budget
from camunda_feel.temporal_texts import Temporal
from camunda_feel.times import ZonedTime
from camunda_feel.values import Function, Range, Value, visible_entries
from camunda_feel.zones import offset_id

library = Library()

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)


@library.define("number", "from: string")
def number(text: str) -> Decimal:
    """The number that a text is, with `.` before its decimals."""
    if not _NUMBER.fullmatch(text):
        raise Failure("the text is not a number")
    return Decimal(text)


@library.define("number", "from: string", "grouping separator: string")
def number_grouped(text: str, grouping: str) -> Decimal:
    """The same, after taking out the separators between thousands."""
    return number_formatted(text, grouping, None)


@library.define("number", "from: string", "grouping separator: string or null", "decimal separator: string or null")
def number_formatted(text: str, grouping: str | None, decimal: str | None) -> Decimal:
    """The same, for texts that write decimals with a comma too."""
    if grouping is None and decimal is None:
        raise Failure("illegal arguments (string, null, null)")
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", ".") or grouping == decimal:
        raise Failure('separators must differ, and be one of " " (grouping only), "," and "."')
    ungrouped = text.replace(grouping, "") if grouping else text
    return number(ungrouped.replace(decimal or ".", "."))


@library.define("string", "from: any", spends=True)
def string(budget: Budget, value: Value) -> Value:
    """A value as text; null stays null and a text itself."""
    return value if value is None or isinstance(value, str) else text_of(budget, value)


def text_of(budget: Budget, value: Value) -> str:
    """A value as FEEL writes it; texts in quotes."""
    budget.spend(1 + (len(value) >> 6) if isinstance(value, str) else 1)
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case list():
            text = f"[{', '.join(budget.bounded(text_of(budget, item) for item in value))}]"
        case dict():
            entries = (f"{key}:{text_of(budget, item)}" for key, item in visible_entries(value).items())
            text = ", ".join(budget.bounded(entries))
            text = "{" + text + "}"
        case Range():
            opening, closing = "[" if value.start_closed else "(", "]" if value.end_closed else ")"
            text = f"{opening}{text_of(budget, value.start)}..{text_of(budget, value.end)}{closing}"
        case Function():
            text = f"function({', '.join(value.parameters)})"
        case Decimal():
            text = str(value if value else value.copy_abs())  # there is no negative zero
        case _:
            text = str(value)
    return text


@library.define("from json", "json: string or null")
def from_json_text(text: str | None) -> Value:
    """The value of a JSON text."""
    if text is None:
        return None
    try:
        return from_json(json.loads(text, parse_constant=_refuse_constant))
    except ValueError:
        raise Failure("the text is not JSON") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


@library.define("to json", "value: any", spends=True)
def to_json_text(budget: Budget, value: Value) -> str:
    """The JSON text of a value, without blanks; ranges and functions as FEEL writes them."""
    budget.spend(1 + (len(value) >> 6) if isinstance(value, str) else 1)
    match value:
        case list():
            return f"[{','.join(budget.bounded(to_json_text(budget, item) for item in value))}]"
        case dict():
            entries = (f"{_quoted(key)}:{to_json_text(budget, item)}" for key, item in visible_entries(value).items())
            return "{" + ",".join(budget.bounded(entries)) + "}"
        case None | bool() | Decimal():
            return text_of(budget, value)
        case _:
            return _quoted(_json_string(budget, value))


def _json_string(budget: Budget, value: str | Temporal | Range | Function) -> str:
    match value:
        case str():
            return value
        case Range() | Function():
            return text_of(budget, value)
        case ZonedDateTime():
            return value.iso_with_zone()
        case ZonedTime():
            return value.local.iso() + offset_id(value.offset)
        case _:
            return value.iso()


def _quoted(text: Any) -> str:
    return json.dumps(text, ensure_ascii=False)

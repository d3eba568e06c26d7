"""What an expression works on.

| FEEL | here |
|---|---|
| null, boolean, string | None, bool, str |
| number | Decimal |
| list, context | list, dict; never changed once made |
| date, time | Date; LocalTime, ZonedTime |
| date and time | LocalDateTime, ZonedDateTime |
| duration | DayTimeDuration, YearMonthDuration |
| range, function | Range, Function |
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from camunda_feel.date_times import LocalDateTime, ZonedDateTime
from camunda_feel.dates import Date
from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.limits import Budget
from camunda_feel.temporal_texts import Temporal
from camunda_feel.times import LocalTime, ZonedTime

Value: TypeAlias = "bool | Decimal | str | list[Value] | dict[str, Value] | Temporal | Range | Function | None"

POINTS = (
    Decimal,
    Date,
    LocalTime,
    ZonedTime,
    LocalDateTime,
    ZonedDateTime,
    DayTimeDuration,
    YearMonthDuration,
)
"""What a range can go between: two values of one of these types."""


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two of the same type."""

    start: Any
    end: Any
    start_closed: bool
    end_closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be called: with as many arguments as parameters.

    With `variadic`, the last parameter takes all remaining arguments as one list. `call` gets the budget of the
    evaluation that calls, and may raise Failure.
    """

    parameters: tuple[str, ...]
    call: Callable[[list[Value], Budget], Value]
    variadic: bool = False

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many positional arguments."""
        return len(self.parameters) == count or (self.variadic and len(self.parameters) < count)


class DocumentToCreate(dict[str, Any]):
    """What `createDocument` gives: a context with the entry `value`, told by its type from those that anybody can write."""


_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    DocumentToCreate: "context",
    Date: "date",
    LocalTime: "time",
    ZonedTime: "time",
    LocalDateTime: "date and time",
    ZonedDateTime: "date and time",
    DayTimeDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    Range: "range",
    Function: "function",
}


def type_name(value: Value) -> str:
    """The type as `instance of` and warnings name it."""
    return _TYPE_NAMES[type(value)]


def type_name_of(kind: type) -> str | None:
    """The same for a type of this module; None for any other."""
    return _TYPE_NAMES.get(kind)


def visible_entries(context: dict[str, Value]) -> dict[str, Value]:
    """A context without its functions, which can be called but are not data."""
    if any(type(value) is Function for value in context.values()):
        return {key: value for key, value in context.items() if type(value) is not Function}
    return context

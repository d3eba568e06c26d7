"""What `+` and `-` do to dates, times and durations, by the types of both sides."""

from collections.abc import Callable
from typing import Any, TypeAlias

from camunda_feel.date_times import LocalDateTime, ZonedDateTime
from camunda_feel.dates import Date
from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.times import LocalTime, ZonedTime

Operations: TypeAlias = dict[tuple[type, type], Callable[[Any, Any], Any]]

_Months: TypeAlias = Date | LocalDateTime | ZonedDateTime


def _add_months(point: _Months, duration: YearMonthDuration) -> _Months:
    return point.plus_months(duration.months)


def _subtract_months(point: _Months, duration: YearMonthDuration) -> _Months:
    return point.plus_months(-duration.months)


def _add_to_date(date: Date, duration: DayTimeDuration) -> Date:
    return LocalDateTime(date, LocalTime(0)).plus(duration).date


def _subtract_from_date(date: Date, duration: DayTimeDuration) -> Date:
    return LocalDateTime(date, LocalTime(0)).minus(duration).date


def _days_between(end: Date, start: Date) -> DayTimeDuration:
    return LocalDateTime(end, LocalTime(0)).since(LocalDateTime(start, LocalTime(0)))


def _both_ways(operations: Operations) -> Operations:
    """The same with the sides swapped: a duration may stand first."""

    def swapped(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        return lambda left, right: operation(right, left)

    return operations | {(right, left): swapped(operation) for (left, right), operation in operations.items()}


_CLOCKS = (LocalTime, ZonedTime, LocalDateTime, ZonedDateTime)
_CALENDARS = (Date, LocalDateTime, ZonedDateTime)

ADDITIONS: Operations = {
    **_both_ways(
        {
            (Date, DayTimeDuration): _add_to_date,
            **{(kind, DayTimeDuration): kind.plus for kind in _CLOCKS},
            **{(kind, YearMonthDuration): _add_months for kind in _CALENDARS},
        }
    ),
    (DayTimeDuration, DayTimeDuration): DayTimeDuration.plus,
    (YearMonthDuration, YearMonthDuration): YearMonthDuration.plus,
}

SUBTRACTIONS: Operations = {
    (Date, Date): _days_between,
    (Date, DayTimeDuration): _subtract_from_date,
    **{(kind, kind): kind.since for kind in _CLOCKS},
    **{(kind, DayTimeDuration): kind.minus for kind in _CLOCKS},
    **{(kind, YearMonthDuration): _subtract_months for kind in _CALENDARS},
    (DayTimeDuration, DayTimeDuration): DayTimeDuration.minus,
    (YearMonthDuration, YearMonthDuration): YearMonthDuration.minus,
}

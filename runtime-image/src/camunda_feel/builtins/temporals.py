"""Dates, times and date-times: made from parts and from each other, and what the calendar says of them."""

import os
from decimal import Decimal
from typing import TypeAlias

from camunda_feel.arithmetic import NUMBERS, to_int
from camunda_feel.builtins.registry import Library
from camunda_feel.date_times import LocalDateTime, ZonedDateTime, months_between
from camunda_feel.dates import MONTHS, WEEKDAYS, Date
from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.errors import Failure, FeelError
from camunda_feel.temporal_texts import parse_date, parse_date_time, parse_duration, parse_time
from camunda_feel.times import LocalTime, ZonedTime
from camunda_feel.zones import LARGEST_OFFSET, Zone, zone_of

library = Library()

_DateTime: TypeAlias = LocalDateTime | ZonedDateTime
_Day: TypeAlias = Date | LocalDateTime | ZonedDateTime

_DAY = "date or local date time or zoned date time"


def _day(value: _Day) -> Date:
    match value:
        case Date():
            return value
        case LocalDateTime():
            return value.date
        case ZonedDateTime():
            return value.local.date


@library.define("date", f"from: string or {_DAY}")
def date_from(value: str | _Day) -> Date:
    """The day that an ISO 8601 text names, or that a date-time lies in; null for any other text."""
    if not isinstance(value, str):
        return _day(value)
    date = parse_date(value)
    if date is None:
        raise Failure('the text is not a date; write for example "2026-03-04"')
    return date


@library.define("date", "year: number", "month: number", "day: number")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    """The day of these parts; null when there is no such day."""
    date = Date.of(to_int(year), to_int(month), to_int(day))
    if date is None:
        raise Failure("there is no such day")
    return date


@library.define("date and time", "from: string")
def date_time_from(text: str) -> _DateTime:
    """The date and time that an ISO 8601 text names; of a date alone its midnight; null for any other text."""
    value = parse_date_time(text)
    if value is None:
        raise Failure('the text is not a date and time; write for example "2026-03-04T10:30:00+01:00"')
    return value


@library.define("date and time", f"date: {_DAY}", "time: local time or zoned time or string")
def date_time_of_parts(date: _Day, time: LocalTime | ZonedTime | str) -> _DateTime:
    """A day with a time of day; or, of a date-time and the name of a zone, the date-time in that zone.

    A local date-time is placed into the zone, another one is the same moment on that zone's clocks. FeelError for a zone
    that does not exist.
    """
    if isinstance(time, str):
        return _in_zone(date, time)
    if isinstance(time, LocalTime):
        return LocalDateTime(_day(date), time)
    return ZonedDateTime.of(LocalDateTime(_day(date), time.local), time.zone or time.offset)


def _in_zone(value: _Day, name: str) -> ZonedDateTime:
    if isinstance(value, Date):
        raise Failure("illegal arguments (date, string)")
    zone: Zone | int | None = zone_of(name)
    if zone is None:
        raise FeelError(f'cannot find the time zone "{name[:100]}"; write for example "Europe/Berlin" or "+01:00"')
    return value.to_zone(zone) if isinstance(value, ZonedDateTime) else ZonedDateTime.of(value, zone)


@library.define("time", f"from: string or {_DAY}")
def time_from(value: str | _Day) -> LocalTime | ZonedTime:
    """The time that an ISO 8601 text names, or the time of a date-time; midnight in UTC for a date."""
    match value:
        case Date():
            return ZonedTime.of(LocalTime(0), 0)
        case LocalDateTime():
            return value.time
        case ZonedDateTime():
            return value.to_time()
        case str():
            time = parse_time(value)
    if time is None:
        raise Failure('the text is not a time; write for example "10:30:00" or "10:30:00+01:00"')
    return time


@library.define("time", "hour: number", "minute: number", "second: number")
def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal) -> LocalTime:
    """The time of these parts, the second perhaps with a fraction; null when there is no such time."""
    return _time(hour, minute, second, to_int(NUMBERS.remainder(second, Decimal(1)).scaleb(9)))


@library.define("time", "hour: number", "minute: number", "second: number", "offset: duration or null")
def time_at_offset(hour: Decimal, minute: Decimal, second: Decimal, offset: DayTimeDuration | None) -> LocalTime | ZonedTime:
    """The same at an offset of up to 18 hours; for a null offset without it, and without a fraction of the second."""
    if offset is None:
        return _time(hour, minute, second, 0)
    if abs(offset.seconds) > LARGEST_OFFSET:
        raise Failure("an offset has at most 18 hours")
    return ZonedTime.of(time_of_parts(hour, minute, second), offset.seconds)


def _time(hour: Decimal, minute: Decimal, second: Decimal, nanosecond: int) -> LocalTime:
    time = LocalTime.of(to_int(hour), to_int(minute), to_int(second), nanosecond)
    if time is None:
        raise Failure("there is no such time")
    return time


@library.define("duration", "from: string")
def duration(text: str) -> DayTimeDuration | YearMonthDuration:
    """An ISO 8601 duration: of days to seconds, or of years and months; null for any other text."""
    value = parse_duration(text)
    if value is None:
        raise Failure('the text is not a duration; write for example "PT30S", "P1DT12H" or "P1Y6M"')
    return value


@library.define("years and months duration", f"from: {_DAY}", f"to: {_DAY}")
def years_and_months(start: _Day, end: _Day) -> YearMonthDuration:
    """Whole months between two days, negative when the second is earlier."""
    return months_between(_day(start), _day(end))


@library.define("now")
def now() -> ZonedDateTime:
    """The present date and time, in the zone that the environment variable `TZ` names, or else in UTC."""
    return ZonedDateTime.now(zone_of(os.environ.get("TZ", "").removeprefix(":")) or 0)


@library.define("today")
def today() -> Date:
    """The present day there."""
    return now().local.date


@library.define("day of week", f"date: {_DAY}")
def day_of_week(date: _Day) -> str:
    """The English name of the weekday."""
    return WEEKDAYS[_day(date).weekday - 1]


@library.define("day of year", f"date: {_DAY}")
def day_of_year(date: _Day) -> Decimal:
    """1 to 366."""
    return Decimal(_day(date).day_of_year)


@library.define("week of year", f"date: {_DAY}")
def week_of_year(date: _Day) -> Decimal:
    """1 to 53, as ISO 8601 counts: week 1 has the first Thursday of the year."""
    return Decimal(_day(date).week_of_year)


@library.define("month of year", f"date: {_DAY}")
def month_of_year(date: _Day) -> str:
    """The English name of the month."""
    return MONTHS[_day(date).month - 1]


@library.define("last day of month", f"date: {_DAY}")
def last_day_of_month(date: _Day) -> Date:
    """The last day of the month that the date is in."""
    return _day(date).last_of_month

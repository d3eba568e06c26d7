"""Texts → dates, times, date-times and durations; None for a text that is none.

A literal (`@"…"`, and a call like `date("…")` with nothing but a string in it) is read once, when the expression is
compiled. It accepts a little more than the functions do for texts that only an evaluation knows: both as in Camunda's
engine. Its formats: https://docs.camunda.io/docs/components/modeler/feel/language-guide/feel-temporal-expressions/
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from camunda_feel.date_times import LocalDateTime, ZonedDateTime
from camunda_feel.dates import Date
from camunda_feel.durations import NANOSECONDS, DayTimeDuration, YearMonthDuration, parse_day_time, parse_year_month
from camunda_feel.times import LocalTime, ZonedTime
from camunda_feel.zones import Zone, parse_offset, parse_zone

Temporal: TypeAlias = Date | LocalTime | ZonedTime | LocalDateTime | ZonedDateTime | DayTimeDuration | YearMonthDuration

_DATE_SHAPE = r"-?([1-9]\d{0,4})?\d{4}-[01][0-9]-[0-3]\d"
_CLOCK_SHAPE = r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(\.\d{1,9})?"
_IS_DATE = re.compile(_DATE_SHAPE, re.ASCII)
_IS_ZONED_TIME = re.compile(r"T?\d{2}:\d{2}:\d{2}(\.\d{1,9})?([+-]\d{2}:\d{2}|Z|@.*)", re.ASCII)
_IS_ZONED_DATE_TIME = re.compile(rf"{_DATE_SHAPE}T{_CLOCK_SHAPE}((([+-][01][0-9]:[0-5][0-9])|Z)(\[.+\])?|@.*)", re.ASCII)
_IS_LOCAL_DATE_TIME = re.compile(f"{_DATE_SHAPE}T{_CLOCK_SHAPE}", re.ASCII)
_IS_YEAR_MONTH = re.compile(r"-?P-?(\d+Y)?-?(\d+M)?", re.ASCII)
_IS_DAY_TIME = re.compile(r"-?P(-?(\d+D)?(T-?(\d+H)?-?(\d+M)?-?(\d+(.\d*)?S)?)?)", re.ASCII)

_DATE = re.compile(r"(-?)(\d{4,9})-(\d\d)-(\d\d)", re.ASCII)
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?(\.\d{0,9})?", re.ASCII)
_WHERE = re.compile(r"(Z|[+-]\d\d:\d\d)?(?:\[(.+)\]|@(.*))?", re.ASCII | re.DOTALL)


def parse_date(text: str) -> Date | None:
    """`2026-03-04`, years of 4 to 9 digits."""
    match = _DATE.fullmatch(text) if _IS_DATE.fullmatch(text) else None
    return _date(match) if match else None


def _date(match: re.Match[str]) -> Date | None:
    year = int(match[2])
    if match[1] and not year:
        return None
    return Date.of(-year if match[1] else year, int(match[3]), int(match[4]))


def parse_time(text: str) -> LocalTime | ZonedTime | None:
    """`10:30`, `10:30:15.5`, with `Z`, `+01:00` or `@Europe/Berlin` behind the seconds; `T` may stand before."""
    clock = text.removeprefix("T")
    if not _IS_ZONED_TIME.fullmatch(text):
        return _end_of_day(_CLOCK.fullmatch(clock))
    match = _CLOCK.match(clock)
    where = parse_where(clock[match.end() :]) if match else None
    local = _end_of_day(match)
    return None if local is None or where is None else ZonedTime.of(local, where[1] if where[1] is not None else where[0])


def _end_of_day(match: re.Match[str] | None) -> LocalTime | None:
    """A time of the day, where 24:00 is midnight."""
    if match and match[1] == "24" and not int(match[2] + (match[3] or "") + (match[4] or "")[1:]):
        return LocalTime(0) if match[3] or not match[4] else None
    return _clock(match) if match else None


def _clock(match: re.Match[str]) -> LocalTime | None:
    hour, minute, second, fraction = match.groups()
    if fraction is not None and second is None:
        return None
    return LocalTime.of(int(hour), int(minute), int(second or 0), int((fraction or ".")[1:].ljust(9, "0")))


def parse_where(text: str) -> tuple[int, Zone | int | None] | None:
    """The offset and the zone of `+01:00[Europe/Berlin]` or a part of it; the zone is None when not given.

    Without an offset in the text the offset is 0 and means nothing.
    """
    match = _WHERE.fullmatch(text)
    if match is None:
        return None
    offset = parse_offset(match[1]) if match[1] else 0
    named = match[2] if match[2] is not None else match[3]
    zone = None if named is None else parse_zone(named)
    if offset is None or (named is not None and zone is None):
        return None
    return offset, zone


def parse_date_time(text: str) -> LocalDateTime | ZonedDateTime | None:
    """A date, `T`, and a time; or a date alone, which is its midnight. An offset counts before a zone."""
    if _IS_DATE.fullmatch(text):
        date = parse_date(text)
        return LocalDateTime(date, LocalTime(0)) if date else None
    if _IS_ZONED_DATE_TIME.fullmatch(text):
        return _zoned_date_time(text)
    return _local_date_time(text) if _IS_LOCAL_DATE_TIME.fullmatch(text) else None


def _local_date_time(text: str) -> LocalDateTime | None:
    day, _, clock = text.partition("T")
    date_match, clock_match = _DATE.fullmatch(day), _CLOCK.fullmatch(clock)
    date = _date(date_match) if date_match else None
    time = _clock(clock_match) if clock_match else None
    return LocalDateTime(date, time) if date and time else None


def _zoned_date_time(text: str) -> ZonedDateTime | None:
    match = _CLOCK.match(text, text.index("T") + 1)
    end = match.end() if match else len(text)
    local, where = _local_date_time(text[:end]), parse_where(text[end:])
    if local is None or where is None:
        return None
    offset, zone = where
    if zone is None:
        return ZonedDateTime.of(local, offset)
    if text[end] == "@":
        return ZonedDateTime.of(local, zone)
    return ZonedDateTime.at(local.epoch - offset * NANOSECONDS, zone)


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration | None:
    """An ISO 8601 duration of either kind; the kinds never mix, weeks are not known."""
    if _IS_YEAR_MONTH.fullmatch(text):
        return parse_year_month(text)
    return parse_day_time(text) if _IS_DAY_TIME.fullmatch(text) else None


def parse_at_literal(text: str) -> Temporal | None:
    """What `@"…"` is."""
    for shape, parse in _AT_LITERALS:
        if shape.fullmatch(text):
            return parse(text)
    return parse_time(text)


def _parse_date_time_literal(text: str) -> Temporal | None:
    return parse_date_time(text) or _local_date_time(text)


def _parse_duration_literal(text: str) -> Temporal | None:
    return parse_year_month(text) if _IS_YEAR_MONTH.fullmatch(text) else parse_day_time(text)


_Parse: TypeAlias = Callable[[str], Temporal | None]

_AT_LITERALS: tuple[tuple[re.Pattern[str], _Parse], ...] = (
    (_IS_DATE, parse_date),
    (_IS_ZONED_TIME, parse_time),
    (_IS_ZONED_DATE_TIME, parse_date_time),
    (_IS_LOCAL_DATE_TIME, parse_date_time),
    (_IS_YEAR_MONTH, parse_duration),
    (_IS_DAY_TIME, parse_duration),
)

LITERAL_CALLS: dict[str, _Parse] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": _parse_date_time_literal,
    "duration": _parse_duration_literal,
}
"""Functions whose call with a string literal is a literal itself, and cannot be defined anew by an expression."""

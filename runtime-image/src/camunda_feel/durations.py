"""The two kinds of duration: days to seconds, and years to months. They never mix.

Parsing accepts, and printing gives, what Camunda's engine does; it follows java.time.Duration and java.time.Period.
"""

import re
from dataclasses import dataclass

from camunda_feel.errors import FeelError

NANOSECONDS = 1_000_000_000

_DAY_TIME = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<days>[-+]?\d+)D)?(?P<time>T(?:(?P<hours>[-+]?\d+)H)?"
    r"(?:(?P<minutes>[-+]?\d+)M)?(?:(?P<seconds>[-+]?\d+)(?:[.,](?P<fraction>\d{0,9}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)
_YEAR_MONTH = re.compile(r"(?P<sign>-?)P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?", re.ASCII)
# Java keeps seconds in 64 bits and years in 32.
_MOST_SECONDS, _MOST_YEARS = 2**63, 2**31
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True, order=True)
class DayTimeDuration:
    """A length of time in nanoseconds."""

    nanoseconds: int

    @property
    def milliseconds(self) -> int:
        """The length in whole milliseconds, rounded towards zero."""
        milliseconds = abs(self.nanoseconds) // 1_000_000
        return -milliseconds if self.nanoseconds < 0 else milliseconds

    @property
    def seconds(self) -> int:
        """The length in whole seconds, rounded down."""
        return self.nanoseconds // NANOSECONDS

    def plus(self, other: "DayTimeDuration") -> "DayTimeDuration":
        """Both lengths together."""
        return _checked(self.nanoseconds + other.nanoseconds)

    def minus(self, other: "DayTimeDuration") -> "DayTimeDuration":
        """What this one is longer."""
        return _checked(self.nanoseconds - other.nanoseconds)

    def times(self, factor: int) -> "DayTimeDuration":
        """The length so many times."""
        return _checked(self.nanoseconds * factor)

    def iso(self) -> str:
        """As it stands in JSON: `PT744H`, hours being the largest unit."""
        if not self.nanoseconds:
            return "PT0S"
        sign = -1 if self.nanoseconds < 0 else 1
        seconds, fraction = divmod(abs(self.nanoseconds), NANOSECONDS)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        text = "PT" + _part(sign * hours, "H") + _part(sign * minute, "M")
        if not second and not fraction:
            return text
        digits = f".{fraction:09d}".rstrip("0") if fraction else ""
        return f"{text}{'-' if sign < 0 else ''}{second}{digits}S"

    def __str__(self) -> str:
        """As `string()` gives it: `P31D`, whole seconds only."""
        if not self.seconds:
            return "P0D"
        minutes, second = divmod(abs(self.seconds), 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        time = _part(hour, "H") + _part(minute, "M") + _part(second, "S")
        return ("-" if self.nanoseconds < 0 else "") + "P" + _part(days, "D") + (f"T{time}" if time else "")

    def properties(self) -> dict[str, int]:
        """Days, and what remains in hours, minutes and seconds; all negative in a negative duration."""
        sign = -1 if self.nanoseconds < 0 else 1
        minutes, second = divmod(abs(self.seconds), 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        return {"days": sign * days, "hours": sign * hour, "minutes": sign * minute, "seconds": sign * second}


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A length of time in months."""

    months: int

    def plus(self, other: "YearMonthDuration") -> "YearMonthDuration":
        """Both lengths together."""
        return _checked_months(self.months + other.months)

    def minus(self, other: "YearMonthDuration") -> "YearMonthDuration":
        """What this one is longer."""
        return _checked_months(self.months - other.months)

    def times(self, factor: int) -> "YearMonthDuration":
        """The length so many times."""
        return _checked_months(self.months * factor)

    def iso(self) -> str:
        """As it stands in JSON: `P1Y2M`, each part with its sign."""
        sign = -1 if self.months < 0 else 1
        years, months = divmod(abs(self.months), 12)
        return "P" + (_part(sign * years, "Y") + _part(sign * months, "M") or "0D")

    def __str__(self) -> str:
        """As `string()` gives it: one sign before the whole."""
        years, months = divmod(abs(self.months), 12)
        return ("-" if self.months < 0 else "") + "P" + (_part(years, "Y") + _part(months, "M") or "0Y")

    def properties(self) -> dict[str, int]:
        """Years and what remains in months; both negative in a negative duration."""
        sign = -1 if self.months < 0 else 1
        years, months = divmod(abs(self.months), 12)
        return {"years": sign * years, "months": sign * months}


def _part(amount: int, unit: str) -> str:
    return f"{amount}{unit}" if amount else ""


def _checked(nanoseconds: int) -> DayTimeDuration:
    if not -_MOST_SECONDS <= nanoseconds // NANOSECONDS < _MOST_SECONDS:
        raise FeelError("cannot calculate a duration of more than 63 bits of seconds")
    return DayTimeDuration(nanoseconds)


def _checked_months(months: int) -> YearMonthDuration:
    if abs(months) // 12 >= _MOST_YEARS:
        raise FeelError("cannot calculate a duration of more than 31 bits of years")
    return YearMonthDuration(months)


def parse_year_month(text: str) -> YearMonthDuration | None:
    """`P1Y6M`, `P1Y`, `-P18M`; None for any other text."""
    match = _YEAR_MONTH.fullmatch(text)
    if match is None or (match["years"] is None and match["months"] is None) or len(text) > 2 * _MOST_DIGITS:
        return None
    years, months = int(match["years"] or 0), int(match["months"] or 0)
    if max(abs(years), abs(months)) >= _MOST_YEARS:
        return None
    return YearMonthDuration((-1 if match["sign"] else 1) * (years * 12 + months))


def parse_day_time(text: str) -> DayTimeDuration | None:
    """`P1DT2H30M1.5S` or a part of it, each part with its own sign; None for any other text."""
    match = _DAY_TIME.fullmatch(text)
    if match is None or match["time"] in ("T", "t") or text[-1] in "Pp" or len(text) > 6 * _MOST_DIGITS:
        return None
    whole = int(match["days"] or 0) * 86_400 + int(match["hours"] or 0) * 3_600 + int(match["minutes"] or 0) * 60
    seconds = match["seconds"] or "0"
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    nanoseconds = (whole + int(seconds)) * NANOSECONDS + (-fraction if seconds.startswith("-") else fraction)
    if abs(nanoseconds) // NANOSECONDS >= _MOST_SECONDS:
        return None
    return DayTimeDuration(-nanoseconds if match["sign"] == "-" else nanoseconds)

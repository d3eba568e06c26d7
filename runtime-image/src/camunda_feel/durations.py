"""The two kinds of duration: days to seconds, and years to months. They never mix.

Parsing accepts, and printing gives, what Camunda's engine does; it follows java.time.Duration and java.time.Period.
"""

import re
from dataclasses import dataclass

NANOSECONDS = 1_000_000_000

_DAY_TIME = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>-?\d+)D)?"
    r"(?P<time>T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?(?:(?P<seconds>-?\d+)(?:\.(?P<fraction>\d{0,9}))?S)?)?",
    re.ASCII,
)
_YEAR_MONTH = re.compile(r"(?P<sign>-?)P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class DayTimeDuration:
    """A length of time in nanoseconds."""

    nanoseconds: int

    @property
    def milliseconds(self) -> int:
        """The length in whole milliseconds, rounded down."""
        return self.nanoseconds // 1_000_000

    def plus(self, other: "DayTimeDuration") -> "DayTimeDuration":
        """Both lengths together."""
        return DayTimeDuration(self.nanoseconds + other.nanoseconds)

    def minus(self, other: "DayTimeDuration") -> "DayTimeDuration":
        """What this one is longer."""
        return DayTimeDuration(self.nanoseconds - other.nanoseconds)

    def times(self, factor: int) -> "DayTimeDuration":
        """The length so many times."""
        return DayTimeDuration(self.nanoseconds * factor)

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
        seconds = abs(self.nanoseconds) // NANOSECONDS
        if not seconds:
            return "P0D"
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        time = _part(hour, "H") + _part(minute, "M") + _part(second, "S")
        return ("-" if self.nanoseconds < 0 else "") + "P" + _part(days, "D") + (f"T{time}" if time else "")

    def properties(self) -> dict[str, int]:
        """Days, and what remains in hours, minutes and seconds; all negative in a negative duration."""
        sign = -1 if self.nanoseconds < 0 else 1
        minutes, second = divmod(abs(self.nanoseconds) // NANOSECONDS, 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        return {"days": sign * days, "hours": sign * hour, "minutes": sign * minute, "seconds": sign * second}


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A length of time in months."""

    months: int

    def plus(self, other: "YearMonthDuration") -> "YearMonthDuration":
        """Both lengths together."""
        return YearMonthDuration(self.months + other.months)

    def minus(self, other: "YearMonthDuration") -> "YearMonthDuration":
        """What this one is longer."""
        return YearMonthDuration(self.months - other.months)

    def times(self, factor: int) -> "YearMonthDuration":
        """The length so many times."""
        return YearMonthDuration(self.months * factor)

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


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration | None:
    """An ISO 8601 duration of either kind; None when the text is none or mixes the kinds. Weeks are not known."""
    return _parse_year_month(text) or _parse_day_time(text)


def _parse_year_month(text: str) -> YearMonthDuration | None:
    match = _YEAR_MONTH.fullmatch(text)
    if match is None or (match["years"] is None and match["months"] is None):
        return None
    months = int(match["years"] or 0) * 12 + int(match["months"] or 0)
    return YearMonthDuration(-months if match["sign"] else months)


def _parse_day_time(text: str) -> DayTimeDuration | None:
    match = _DAY_TIME.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    whole = int(match["days"] or 0) * 86_400 + int(match["hours"] or 0) * 3_600 + int(match["minutes"] or 0) * 60
    seconds = match["seconds"] or "0"
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    nanoseconds = (whole + int(seconds)) * NANOSECONDS + (-fraction if seconds.startswith("-") else fraction)
    return DayTimeDuration(-nanoseconds if match["sign"] else nanoseconds)

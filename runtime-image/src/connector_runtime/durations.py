"""ISO-8601 durations as job headers and FEEL carry them."""

import re
from datetime import timedelta

# What java.time.Duration reads (the official runtime's parser): days are 24 hours, years and months are not durations.
DURATION = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<days>[+-]?\d+)D)?"
    r"(?P<time>T(?:(?P<hours>[+-]?\d+)H)?(?:(?P<minutes>[+-]?\d+)M)?(?:(?P<seconds>[+-]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE,
)


def parse_duration(text: str) -> timedelta:
    """Read an ISO-8601 duration of days, hours, minutes and seconds; raises ValueError that shows the text."""
    match = DURATION.fullmatch(text.strip())
    units = ("days", "hours", "minutes", "seconds")
    if match is None or match["time"] in ("T", "t") or not any(match[unit] for unit in units):
        msg = f"'{text[:60]}' is not an ISO-8601 duration such as PT30S or PT5M"
        raise ValueError(msg)
    values = {unit: float((match[unit] or "0").replace(",", ".")) for unit in units}
    try:
        duration = timedelta(**values)
    except OverflowError:
        msg = f"'{text[:60]}' is too long for a duration"
        raise ValueError(msg) from None
    return -duration if match["sign"] == "-" else duration


def milliseconds(duration: timedelta) -> int:
    """The whole milliseconds of a duration."""
    return duration // timedelta(milliseconds=1)

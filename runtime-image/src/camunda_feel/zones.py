"""Time zones: which offset from UTC holds where and when. Offsets are whole seconds, positive east of Greenwich.

The rules of regions are those of the system's time zone database, or of the package `tzdata`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from camunda_feel.dates import DAYS_OF_400_YEARS

LARGEST_OFFSET = 18 * 3600

# The rules repeat after 400 years, and before the first year there was only local mean time.
_CYCLE = DAYS_OF_400_YEARS * 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = int((datetime(1, 1, 3, tzinfo=UTC) - _EPOCH).total_seconds())
_LATEST = int((datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH).total_seconds())

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_SHORT_OFFSET = re.compile(r"([+-])(\d\d?)()()|([+-])(\d\d):?(\d\d)(?::?(\d\d))?", re.ASCII)
_PREFIXED = re.compile(r"(UTC|GMT|UT)([+-].*)?", re.DOTALL)
# Files of the database that are not regions to Java.
_NOT_REGIONS = frozenset({"EST", "HST", "MST", "ROC", "Factory", "localtime", "posixrules"})


@dataclass(frozen=True, slots=True)
class Zone:
    """A region such as `Europe/Berlin`, or a named fixed offset such as `UTC` and `GMT+02:00`."""

    id: str
    fixed: int | None = None

    def offset_at(self, instant: int) -> int:
        """The offset at an instant, in seconds since 1970 in UTC."""
        if self.fixed is not None:
            return self.fixed
        return _seconds((_EPOCH + timedelta(seconds=_repeat(instant))).astimezone(ZoneInfo(self.id)).utcoffset())

    def offsets_at_local(self, local: int) -> tuple[int, int]:
        """The offsets before and after a change that a local time, in seconds since 1970, falls into; mostly equal.

        The first is less when clocks skip that local time, and greater when they show it twice.
        """
        if self.fixed is not None:
            return self.fixed, self.fixed
        moment = (_EPOCH + timedelta(seconds=_repeat(local))).replace(tzinfo=ZoneInfo(self.id))
        return _seconds(moment.utcoffset()), _seconds(moment.replace(fold=1).utcoffset())

    @property
    def standard_offset(self) -> int:
        """The offset without daylight saving time: the least one of this year."""
        now = int((datetime.now(UTC) - _EPOCH).total_seconds())
        return _least_offset(self, now // 86_400)


@lru_cache(maxsize=256)
def _least_offset(zone: Zone, day: int) -> int:
    return min(zone.offset_at((day + later) * 86_400) for later in range(0, 365, 14))


def _repeat(seconds: int) -> int:
    """The same moment of the 400 years that `datetime` can show."""
    if seconds > _LATEST:
        return seconds - -(-(seconds - _LATEST) // _CYCLE) * _CYCLE
    return max(seconds, _EARLIEST)


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0


def offset_id(offset: int) -> str:
    """`Z`, `+01:00` or `+00:53:28`."""
    if not offset:
        return "Z"
    minutes, second = divmod(abs(offset), 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if offset < 0 else '+'}{hour:02d}:{minute:02d}" + (f":{second:02d}" if second else "")


def parse_offset(text: str) -> int | None:
    """The offset that `Z`, `+01:00` or `+01:00:30` is; None for any other text."""
    if text == "Z":
        return 0
    match = _OFFSET.fullmatch(text)
    return _offset_of(*match.groups(default="0")) if match else None


def _offset_of(sign: str, hour: str, minute: str, second: str) -> int | None:
    offset = int(hour) * 3600 + int(minute or 0) * 60 + int(second or 0)
    if int(minute or 0) > 59 or int(second or 0) > 59 or offset > LARGEST_OFFSET:
        return None
    return -offset if sign == "-" else offset


def parse_zone(text: str) -> Zone | int | None:
    """What stands after `@` or between brackets in a time: a zone, or a mere offset; None for any other text."""
    offset = parse_offset(text)
    if offset is not None:
        return offset
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed:
        return _prefixed_zone(prefixed[1], parse_offset(prefixed[2]) if prefixed[2] else 0)
    return _region(text)


def zone_of(text: str) -> Zone | int | None:
    """The zone or offset of an identifier as java.time.ZoneId takes it: offsets may be short (`+1`, `UTC+0130`)."""
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed:
        return _prefixed_zone(prefixed[1], _short_offset(prefixed[2]) if prefixed[2] else 0)
    return _short_offset(text) if text.startswith(("+", "-")) or text == "Z" else _region(text)


def _short_offset(text: str) -> int | None:
    if text == "Z":
        return 0
    match = _SHORT_OFFSET.fullmatch(text)
    if match is None or (text.count(":") == 1 and len(text) > 6):
        return None
    return _offset_of(*(match.groups(default="0")[:4] if match[1] else match.groups(default="0")[4:]))


def _prefixed_zone(prefix: str, offset: int | None) -> Zone | None:
    if offset is None:
        return None
    return Zone(prefix + (offset_id(offset) if offset else ""), offset)


@lru_cache(maxsize=256)
def _region(text: str) -> Zone | None:
    if text in _NOT_REGIONS or text.startswith(("posix/", "right/")) or not re.fullmatch(r"[A-Za-z0-9~/._+-]+", text):
        return None
    try:
        return Zone(ZoneInfo(text).key)
    except (ValueError, OSError, KeyError):
        return None

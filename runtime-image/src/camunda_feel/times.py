"""A time of day, with and without an offset from UTC."""

from dataclasses import dataclass

from camunda_feel.durations import NANOSECONDS, DayTimeDuration
from camunda_feel.zones import Zone, offset_id

DAY = 86_400 * NANOSECONDS


@dataclass(frozen=True, slots=True, order=True)
class LocalTime:
    """A time that no offset belongs to, in nanoseconds since midnight."""

    nanoseconds: int

    @staticmethod
    def of(hour: int, minute: int, second: int, nanosecond: int = 0) -> "LocalTime | None":
        """The time of these parts; None when there is no such time."""
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nanosecond < NANOSECONDS):
            return None
        return LocalTime(((hour * 60 + minute) * 60 + second) * NANOSECONDS + nanosecond)

    def plus(self, duration: DayTimeDuration) -> "LocalTime":
        """So much later, also beyond midnight."""
        return LocalTime((self.nanoseconds + duration.nanoseconds) % DAY)

    def minus(self, duration: DayTimeDuration) -> "LocalTime":
        """So much earlier, also beyond midnight."""
        return LocalTime((self.nanoseconds - duration.nanoseconds) % DAY)

    def since(self, start: "LocalTime") -> DayTimeDuration:
        """How long from there to here; negative when here is earlier."""
        return DayTimeDuration(self.nanoseconds - start.nanoseconds)

    def parts(self) -> tuple[int, int, int]:
        """Hour, minute and second."""
        minutes, second = divmod(self.nanoseconds // NANOSECONDS, 60)
        hour, minute = divmod(minutes, 60)
        return hour, minute, second

    def iso(self) -> str:
        """`10:30:00.25`: always with seconds, a fraction only when there is one."""
        hour, minute, second = self.parts()
        fraction = self.nanoseconds % NANOSECONDS
        return f"{hour:02d}:{minute:02d}:{second:02d}" + (f".{fraction:09d}".rstrip("0") if fraction else "")

    def __str__(self) -> str:
        return self.iso()

    def short(self) -> str:
        """`10:30`, `10:30:15` or `10:30:15.250`: as Java shows a time, the fraction in thousands."""
        fraction = self.nanoseconds % NANOSECONDS
        if fraction:
            digits = f"{fraction:09d}"
            while digits.endswith("000"):
                digits = digits[:-3]
            return f"{self.iso()[:8]}.{digits}"
        return self.iso()[:5] if self.parts()[2] == 0 else self.iso()

    def properties(self) -> dict[str, int | None]:
        """Hour, minute and second; there is no offset and no zone."""
        hour, minute, second = self.parts()
        return {"hour": hour, "minute": minute, "second": second, "time offset": None, "timezone": None}


@dataclass(frozen=True, slots=True)
class ZonedTime:
    """A time with its offset and, if it was given one, its zone.

    Two are equal when all three are; which is earlier depends on the moment in UTC alone.
    """

    local: LocalTime
    offset: int
    zone: Zone | None

    @staticmethod
    def of(local: LocalTime, where: Zone | int) -> "ZonedTime":
        """A time at an offset, or in a zone as it is without daylight saving time."""
        if isinstance(where, int):
            return ZonedTime(local, where, None)
        return ZonedTime(local, where.standard_offset, where)

    @property
    def order(self) -> int:
        """Nanoseconds that order times by their moment in UTC."""
        return self.local.nanoseconds - self.offset * NANOSECONDS

    def __lt__(self, other: "ZonedTime") -> bool:
        return self.order < other.order

    def plus(self, duration: DayTimeDuration) -> "ZonedTime":
        """So much later at the same offset."""
        return ZonedTime(self.local.plus(duration), self.offset, self.zone)

    def minus(self, duration: DayTimeDuration) -> "ZonedTime":
        """So much earlier at the same offset."""
        return ZonedTime(self.local.minus(duration), self.offset, self.zone)

    def since(self, other: "ZonedTime") -> DayTimeDuration:
        """How far apart they are; never negative, unlike between local times."""
        return DayTimeDuration(abs(self.order - other.order))

    def iso(self) -> str:
        """As it stands in JSON: `10:30+01:00`."""
        return self.local.short() + offset_id(self.offset)

    def __str__(self) -> str:
        return self.local.iso() + (f"@{self.zone.id}" if self.zone else offset_id(self.offset))

    def properties(self) -> "dict[str, int | str | DayTimeDuration | None]":
        """Hour, minute, second, offset and the zone, which is null for a mere offset."""
        return {**self.local.properties(), **zone_properties(self.offset, self.zone)}


def zone_properties(offset: int, zone: Zone | None) -> dict[str, DayTimeDuration | str | None]:
    """The two properties that times and date-times with an offset share."""
    return {"time offset": DayTimeDuration(offset * NANOSECONDS), "timezone": zone.id if zone else None}

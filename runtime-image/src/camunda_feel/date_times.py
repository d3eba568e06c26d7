"""A date with a time of day: local, or at an offset and perhaps in a zone."""

from dataclasses import dataclass
from datetime import UTC, datetime

from camunda_feel.dates import Date
from camunda_feel.durations import NANOSECONDS, DayTimeDuration, YearMonthDuration
from camunda_feel.times import DAY, LocalTime, ZonedTime, zone_properties
from camunda_feel.zones import Zone, offset_id


@dataclass(frozen=True, slots=True, order=True)
class LocalDateTime:
    """A date and a time that no offset belongs to."""

    date: Date
    time: LocalTime

    @staticmethod
    def of_epoch(nanoseconds: int) -> "LocalDateTime":
        """The date and time so long after 1970-01-01T00:00; FeelError beyond the calendar."""
        day, time = divmod(nanoseconds, DAY)
        return LocalDateTime(Date.of_epoch_day(day), LocalTime(time))

    @property
    def epoch(self) -> int:
        """Nanoseconds since 1970-01-01T00:00 on the same clock."""
        return self.date.epoch_day * DAY + self.time.nanoseconds

    def plus(self, duration: DayTimeDuration) -> "LocalDateTime":
        """So much later."""
        return LocalDateTime.of_epoch(self.epoch + duration.nanoseconds)

    def minus(self, duration: DayTimeDuration) -> "LocalDateTime":
        """So much earlier."""
        return LocalDateTime.of_epoch(self.epoch - duration.nanoseconds)

    def plus_months(self, months: int) -> "LocalDateTime":
        """The same time of the day so many months later."""
        return LocalDateTime(self.date.plus_months(months), self.time)

    def since(self, start: "LocalDateTime") -> DayTimeDuration:
        """How long from there to here; negative when here is earlier."""
        return DayTimeDuration(self.epoch - start.epoch)

    def iso(self) -> str:
        """As it stands in JSON."""
        return f"{self.date.iso()}T{self.time.iso()}"

    def __str__(self) -> str:
        return f"{self.date.plain()}T{self.time.iso()}"

    def properties(self) -> dict[str, int | None]:
        """Those of the date and of the time."""
        return {**self.date.properties(), **self.time.properties()}


@dataclass(frozen=True, slots=True)
class ZonedDateTime:
    """A date and time with its offset and, if it was given one, its zone.

    Two are equal when all three are; the moment in UTC comes first in the order.
    """

    local: LocalDateTime
    offset: int
    zone: Zone | None

    @staticmethod
    def of(local: LocalDateTime, where: Zone | int, preferred: int | None = None) -> "ZonedDateTime":
        """A local date and time at an offset or in a zone.

        A time that the zone's clocks skip becomes as much later; of one that they show twice it is the first, or the one
        with the preferred offset.
        """
        if isinstance(where, int):
            return ZonedDateTime(local, where, None)
        before, after = where.offsets_at_local(local.epoch // NANOSECONDS)
        if before < after:
            return ZonedDateTime(local.plus(DayTimeDuration((after - before) * NANOSECONDS)), after, where)
        return ZonedDateTime(local, after if preferred == after else before, where)

    @staticmethod
    def at(instant: int, where: Zone | int) -> "ZonedDateTime":
        """What clocks of a zone show at an instant, given in nanoseconds since 1970 in UTC."""
        zone = None if isinstance(where, int) else where
        offset = where if isinstance(where, int) else where.offset_at(instant // NANOSECONDS)
        return ZonedDateTime(LocalDateTime.of_epoch(instant + offset * NANOSECONDS), offset, zone)

    @staticmethod
    def now(where: Zone | int) -> "ZonedDateTime":
        """The present, to the microsecond."""
        passed = datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return ZonedDateTime.at((passed.days * 86_400 + passed.seconds) * NANOSECONDS + passed.microseconds * 1000, where)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970 in UTC."""
        return self.local.epoch - self.offset * NANOSECONDS

    @property
    def where(self) -> Zone | int:
        """The zone, or the offset without one."""
        return self.offset if self.zone is None else self.zone

    @property
    def order(self) -> tuple[int, int, str]:
        """What orders by moment, then by clock, then by the name of the zone."""
        return self.instant, self.local.epoch, self.zone.id if self.zone else offset_id(self.offset)

    def __lt__(self, other: "ZonedDateTime") -> bool:
        return self.order < other.order

    def plus(self, duration: DayTimeDuration) -> "ZonedDateTime":
        """So much later in real time: clocks may have been changed in between."""
        return ZonedDateTime.at(self.instant + duration.nanoseconds, self.where)

    def minus(self, duration: DayTimeDuration) -> "ZonedDateTime":
        """So much earlier in real time."""
        return ZonedDateTime.at(self.instant - duration.nanoseconds, self.where)

    def plus_months(self, months: int) -> "ZonedDateTime":
        """The same time on the clock so many months later."""
        return ZonedDateTime.of(self.local.plus_months(months), self.where, self.offset)

    def since(self, start: "ZonedDateTime") -> DayTimeDuration:
        """How long from there to here; negative when here is earlier."""
        return DayTimeDuration(self.instant - start.instant)

    def to_zone(self, where: Zone | int) -> "ZonedDateTime":
        """The same moment on other clocks."""
        return ZonedDateTime.at(self.instant, where)

    def to_time(self) -> ZonedTime:
        """The time of day with the offset that it has on that day."""
        return ZonedTime(self.local.time, self.offset, self.zone)

    def iso(self) -> str:
        """As it stands in JSON: the offset, not the zone."""
        return self.local.iso() + offset_id(self.offset)

    def iso_with_zone(self) -> str:
        """`2026-03-04T10:00:00+01:00[Europe/Berlin]`, as `to json()` gives it."""
        return self.iso() + (f"[{self.zone.id}]" if self.zone else "")

    def __str__(self) -> str:
        return str(self.local) + (f"@{self.zone.id}" if self.zone else offset_id(self.offset))

    def properties(self) -> dict[str, int | str | DayTimeDuration | None]:
        """Those of the date, of the time, and the offset and zone."""
        return {**self.local.properties(), **zone_properties(self.offset, self.zone)}


def months_between(start: Date, end: Date) -> YearMonthDuration:
    """Whole years and months from one day to another."""
    return YearMonthDuration(start.months_until(end))

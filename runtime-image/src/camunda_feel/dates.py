"""A day of the calendar: proleptic Gregorian, years -999,999,999 to 999,999,999, as java.time.LocalDate."""

from dataclasses import dataclass

from camunda_feel.errors import FeelError

LAST_YEAR = 999_999_999
DAYS_OF_400_YEARS = 146_097
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# From 0000-03-01 to 1970-01-01; a year that starts in March has its leap day at its end.
_MARCH_OF_YEAR_0 = 719_468


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day. Make one of parts that may not exist with `of`."""

    year: int
    month: int
    day: int

    @staticmethod
    def of(year: int, month: int, day: int) -> "Date | None":
        """The day of these parts; None when there is no such day."""
        if not (-LAST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
            return None
        return Date(year, month, day)

    @staticmethod
    def of_epoch_day(epoch_day: int) -> "Date":
        """The day so many days after 1970-01-01; FeelError beyond the calendar."""
        cycle, day_of_cycle = divmod(epoch_day + _MARCH_OF_YEAR_0, DAYS_OF_400_YEARS)
        leap_days = day_of_cycle // 1460 - day_of_cycle // 36_524 + day_of_cycle // 146_096
        year_of_cycle = (day_of_cycle - leap_days) // 365
        day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
        month_from_march = (5 * day_of_year + 2) // 153
        month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
        year = year_of_cycle + cycle * 400 + (month <= 2)
        _check_year(year)
        return Date(year, month, day_of_year - (153 * month_from_march + 2) // 5 + 1)

    @property
    def epoch_day(self) -> int:
        """Days since 1970-01-01."""
        year = self.year - (self.month <= 2)
        cycle, year_of_cycle = divmod(year, 400)
        day_of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        day_of_cycle = year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year
        return cycle * DAYS_OF_400_YEARS + day_of_cycle - _MARCH_OF_YEAR_0

    def plus_months(self, months: int) -> "Date":
        """The same day so many months later, or the last one of a shorter month; FeelError beyond the calendar."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        _check_year(year)
        return Date(year, month + 1, min(self.day, month_length(year, month + 1)))

    def months_until(self, end: "Date") -> int:
        """Whole months from here to there, negative backwards."""
        months = (end.year - self.year) * 12 + end.month - self.month
        if months > 0 and end.day < self.day:
            return months - 1
        return months + 1 if months < 0 and end.day > self.day else months

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.epoch_day + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        """1 to 366."""
        return self.epoch_day - Date(self.year, 1, 1).epoch_day + 1

    @property
    def week_of_year(self) -> int:
        """1 to 53, as ISO 8601 counts: week 1 has the first Thursday."""
        thursday = Date.of_epoch_day(self.epoch_day + 4 - self.weekday)
        return (thursday.day_of_year - 1) // 7 + 1

    @property
    def last_of_month(self) -> "Date":
        """The last day of the same month."""
        return Date(self.year, self.month, month_length(self.year, self.month))

    def iso(self) -> str:
        """`2026-03-04`; a year of more than four digits has a sign, as in ISO 8601."""
        return ("+" if self.year > 9999 else "") + self.plain()

    def __str__(self) -> str:
        return self.iso()

    def plain(self) -> str:
        """The same without `+`: the only form that reads back."""
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def properties(self) -> dict[str, int]:
        """Year, month, day and weekday."""
        return {"year": self.year, "month": self.month, "day": self.day, "weekday": self.weekday}


def month_length(year: int, month: int) -> int:
    """Days of a month."""
    leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap_year else _MONTH_LENGTHS[month - 1]


def _check_year(year: int) -> None:
    if not -LAST_YEAR <= year <= LAST_YEAR:
        raise FeelError(f"cannot use a date of the year {year}; years end at {LAST_YEAR:,}")

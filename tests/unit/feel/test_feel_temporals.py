"""Dates, times, date-times and durations: how they are read, shown, compared and calculated with."""

from typing import Any

import pytest

from camunda_feel import FeelError, evaluate

READ = [
    ('@"2026-03-04"', "2026-03-04"),
    ('date("2026-02-29")', None),
    ('date("2024-02-29")', "2024-02-29"),
    ('date("12345-01-01")', "+12345-01-01"),
    ('date("-0000-01-01")', None),
    ("date(2026, 3, 4)", "2026-03-04"),
    ("date(2026, 13, 4)", None),
    ("date(month: 3, day: 4, year: 2026)", "2026-03-04"),
    ('@"10:30"', "10:30:00"),
    ('@"T10:30:15.250"', "10:30:15.25"),
    ('time("24:00:00")', "00:00:00"),
    ('time("10:30.5")', None),
    ('time("10:30:00Z")', "10:30Z"),
    ('time("10:30:15.5+01:00")', "10:30:15.500+01:00"),
    ('time("10:30:00+19:00")', None),
    ('time("10:30:00@Etc/GMT-3")', "10:30+03:00"),
    ('time("10:30:00@Europe/Dublin")', "10:30Z"),
    ('time("10:30:00@Atlantis/Capital")', None),
    ('time("10:30:00@posix/Europe/Paris")', None),
    ("time(10, 30, 15.75)", "10:30:15.75"),
    ('time(10, 30, 0, duration("-PT2H30M"))', "10:30-02:30"),
    ("time(10, 30, 0.5, null)", "10:30:00"),
    ("time(10, 30, -1)", None),
    ('time(@"2026-07-01T10:30:00@Europe/Berlin")', "10:30+02:00"),
    ('time(date("2026-07-01"))', "00:00Z"),
    ('date and time("2026-03-04")', "2026-03-04T00:00:00"),
    ('date and time("2026-03-04T10:30:00.125+05:30")', "2026-03-04T10:30:00.125+05:30"),
    ('date and time("2026-03-04T24:00:00")', None),
    ('date and time(date("2026-03-04"), time("10:30:00@Europe/Berlin"))', "2026-03-04T10:30:00+01:00"),
    ('date and time(date and time("2026-03-04T10:30:00Z"), "Asia/Tokyo")', "2026-03-04T19:30:00+09:00"),
    ('date and time(date and time("2026-03-04T10:30:00"), "UTC+1")', "2026-03-04T10:30:00+01:00"),
    ('duration("P1DT2H")', "PT26H"),
    ('duration("P1Y14M")', "P2Y2M"),
    ('duration("P1Y1D")', None),
    ('duration("P1W")', None),
    ('years and months duration(date("2024-02-29"), date("2026-02-28"))', "P1Y11M"),
    ('years and months duration(date("2026-02-28"), date("2024-02-29"))', "P-1Y-11M"),
]
ZONES = [
    ('@"2021-03-28T02:30:00@Europe/Berlin"', "2021-03-28T03:30:00+02:00"),
    ('@"2021-10-31T02:30:00@Europe/Berlin"', "2021-10-31T02:30:00+02:00"),
    ('@"2021-10-31T02:30:00+01:00[Europe/Berlin]"', "2021-10-31T02:30:00+01:00"),
    ('@"2020-01-01T10:00:00+05:00[Europe/Berlin]"', "2020-01-01T06:00:00+01:00"),
    ('@"0001-01-01T00:00:00@Europe/Berlin"', "0001-01-01T00:00:00+00:53:28"),
    ('@"12021-07-28T02:30:00@Europe/Berlin"', "+12021-07-28T02:30:00+02:00"),
    ('@"2021-03-27T12:00:00@Europe/Berlin" + duration("P1D")', "2021-03-28T13:00:00+02:00"),
    ('@"2021-02-28T02:30:00@Europe/Berlin" + duration("P1M")', "2021-03-28T03:30:00+02:00"),
    ('string(@"2021-03-27T12:00:00@Europe/Berlin")', "2021-03-27T12:00:00@Europe/Berlin"),
    ('to json(@"2021-03-27T12:00:00@Europe/Berlin")', '"2021-03-27T12:00:00+01:00[Europe/Berlin]"'),
    ('@"2021-03-27T12:00:00@Europe/Berlin".timezone', "Europe/Berlin"),
    ('@"2021-03-27T12:00:00@Europe/Berlin".time offset', "PT1H"),
    ('@"2021-03-27T12:00:00+01:00".timezone', None),
]
CALCULATED = [
    ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
    ('date("2026-03-01") - duration("PT1S")', "2026-02-28"),
    ('date("2026-03-01") - date("2026-02-01")', "PT672H"),
    ('duration("P1D") + @"2026-03-01T10:00:00"', "2026-03-02T10:00:00"),
    ('time("23:30:00") + duration("PT1H")', "00:30:00"),
    ('time("10:00:00") - time("12:00:00")', "PT-2H"),
    ('time("10:00:00Z") - time("12:00:00Z")', "PT2H"),
    ('@"2026-03-01T10:00:00Z" - @"2026-03-01T10:00:00+01:00"', "PT1H"),
    ('@"2026-03-01T10:00:00" - @"2026-03-01T10:00:00Z"', None),
    ('duration("-PT0.5S").seconds', -1),
    ('string(duration("-PT0.5S"))', "-PT1S"),
    ('duration("PT25H").days', 1),
    ('duration("P14M").months', 2),
]
COMPARED = [
    ('date("2026-03-04") < date("2026-03-05")', True),
    ('date("2026-03-04") < @"2026-03-04T00:00:00"', None),
    ('time("10:00:00Z") = time("11:00:00+01:00")', False),
    ('time("10:00:00Z") <= time("11:00:00+01:00")', True),
    ('time("10:00:00Z") < time("11:00:00+01:00")', False),
    ('@"2026-03-04T10:00:00Z" in [@"2026-03-04T10:00:00+01:00"..@"2026-03-04T10:00:00-01:00"]', True),
    ('date("2026-03-04") between date("2026-03-01") and date("2026-03-31")', True),
    ('before(date("2026-03-04"), [date("2026-03-05")..date("2026-03-06")])', True),
    ('max([date("2026-03-04"), date("2026-03-05")])', "2026-03-05"),
    ('distinct values([@"10:00", @"10:00:00"])', ["10:00:00"]),
]
CALENDAR = [
    ('day of week(date("2026-11-24"))', "Tuesday"),
    ('day of year(@"2024-12-31T10:00:00")', 366),
    ('week of year(date("2005-01-01"))', 53),
    ('week of year(date("2008-12-29"))', 1),
    ('month of year(@"2026-11-24T10:00:00Z")', "November"),
    ('last day of month(date("1900-02-10"))', "1900-02-28"),
    ('date("2026-11-24").weekday', 2),
    ('@"2026-11-24T10:30:15.5".second', 15),
    ('@"10:00".time offset', None),
    ("now() instance of date and time", True),
    ("today() instance of date", True),
    ('@"10:00" instance of time and @"10:00:00Z" instance of time', True),
]


@pytest.mark.parametrize(("expression", "expected"), READ + ZONES + CALCULATED + COMPARED + CALENDAR)
def test_a_temporal_expression_gives_what_camundas_engine_gives(expression: str, expected: Any) -> None:
    assert evaluate(expression, {}) == expected


@pytest.mark.parametrize(
    "expression",
    [
        'date("999999999-12-31") + duration("P1D")',
        'date("2026-01-01") + duration("P999999999Y")',
        'date and time(@"2026-01-01T10:00:00", "Atlantis/Capital")',
        'duration("PT1H") * 2147483647 * 2147483647 * 1000',
    ],
)
def test_what_leaves_the_calendar_is_an_error(expression: str) -> None:
    with pytest.raises(FeelError, match="cannot"):
        evaluate(expression, {})


def test_variables_are_texts_until_a_function_reads_them() -> None:
    variables = {"due": "2026-11-24", "at": "10:30:00@Europe/Berlin"}
    assert evaluate("date(due) + duration(length)", {**variables, "length": "P1D"}) == "2026-11-25"
    assert evaluate("string(date and time(date(due), time(at)))", variables) == "2026-11-24T10:30:00@Europe/Berlin"


def test_now_is_in_the_zone_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    assert evaluate("[now().timezone, string(now().time offset)]", {}) == ["Asia/Kolkata", "PT5H30M"]
    monkeypatch.delenv("TZ")
    assert evaluate("[now().timezone, string(now().time offset)]", {}) == [None, "P0D"]

"""ISO-8601 durations, as java.time.Duration reads them."""

from datetime import timedelta

import pytest

from connector_runtime.durations import milliseconds, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT30S", 30),
        ("pt1.5s", 1.5),
        ("PT5M", 300),
        ("PT1H2M3S", 3723),
        ("P1D", 86_400),
        ("P1DT1H", 90_000),
        ("-PT5S", -5),
        ("PT-5S", -5),
        (" PT1S ", 1),
        ("PT0.001S", 0.001),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "5", "5s", "PT5", "P1Y", "P1M", "P1W", "PT1S1M", "PT1.5M", "1h", "PTS"])
def test_what_is_no_duration_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO-8601 duration such as PT30S") as refusal:
        parse_duration(text)
    assert f"'{text}'" in str(refusal.value)


def test_a_duration_beyond_all_clocks_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration("P99999999999999999999D")


def test_milliseconds_are_whole() -> None:
    assert milliseconds(timedelta(seconds=1.2345)) == 1234

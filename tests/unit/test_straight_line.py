"""A line through readings whose slope is known: the uncertainty is neither too small nor idle."""

import math
import random

import pytest
from straight_line import fitted


def scattered(slope: float, alike: float, chance: random.Random) -> list[tuple[float, float]]:
    """45 readings of three quarters of an hour; each deviates as its neighbour does, by that share, and by chance."""
    points: list[tuple[float, float]] = []
    deviation = 0.0
    for minute in range(45):
        deviation = alike * deviation + chance.gauss(0, 0.5)
        points.append((minute / 60, slope * minute / 60 + deviation))
    return points


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("slope", [0.0, 1.0, -3.0])
def test_the_true_slope_is_within_the_uncertainty_in_about_19_of_20_cases(slope: float, alike: float) -> None:
    chance = random.Random(4711)
    lines = [fitted(scattered(slope, alike, chance)) for _ in range(400)]
    assert 0.92 <= sum(abs(line.slope - slope) <= line.uncertainty for line in lines) / len(lines) < 1


def test_growth_stands_out_from_readings_that_scatter() -> None:
    line = fitted(scattered(4.0, 0.3, random.Random(4711)))
    assert line.slope - line.uncertainty > 1


def test_readings_without_scatter_have_an_exact_slope() -> None:
    assert fitted([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).slope == pytest.approx(2)
    assert fitted([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).uncertainty == pytest.approx(0)


def test_two_readings_say_nothing() -> None:
    assert fitted([(0.0, 1.0), (1.0, 3.0)]).uncertainty == math.inf

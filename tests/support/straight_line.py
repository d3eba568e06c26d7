"""A straight line through readings that scatter, and how sure its slope is."""

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`slope` in units of y for one of x; the true one is within `uncertainty` of it in 19 of 20 cases."""

    slope: float
    uncertainty: float


def fitted(points: Sequence[tuple[float, float]]) -> Line:
    """The line of least squares; infinitely uncertain through fewer than three points.

    Neighbours are not independent (a heap that has grown stays so for a while): where their residuals are alike, there are
    accordingly fewer readings than points (https://en.wikipedia.org/wiki/Effective_sample_size, of an AR(1) process).
    """
    if len(points) < 3:
        return Line(0.0, math.inf)
    xs, ys = zip(*points, strict=True)
    slope, intercept = statistics.linear_regression(xs, ys)
    residuals = [y - intercept - slope * x for x, y in points]
    squares = sum(residual**2 for residual in residuals)
    if not squares:
        return Line(slope, 0.0)
    alike = max(sum(a * b for a, b in itertools.pairwise(residuals)) / squares, 0.0)
    readings = max(len(points) * (1 - alike) / (1 + alike), 3.0)
    spread = math.sqrt(squares / (readings - 2) / readings) / statistics.pstdev(xs)
    return Line(slope, 2 * spread)

"""How points and ranges lie to each other; a point is a number, date, time or duration, and counts as the range of itself."""

from collections.abc import Callable

from camunda_feel.builtins.registry import Library
from camunda_feel.errors import Failure
from camunda_feel.values import POINTS, Range, Value

library = Library()

_Relation = Callable[[Range, Range], bool]
_ANY = (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))
_RANGES = (("range1", "range2"),)


def _define(name: str, relation: _Relation, *parameters: tuple[str, str]) -> None:
    """Declares a relation under the names of its parameters, which also say where it takes a point or a range."""
    shapes = {(first.startswith("range"), second.startswith("range")) for first, second in parameters}

    def related(left: Value, right: Value) -> bool:
        if (isinstance(left, Range), isinstance(right, Range)) not in shapes:
            raise Failure(f"expected {' or '.join(f'a {first} and a {second}' for first, second in parameters)}")
        a, b = _as_range(left), _as_range(right)
        if type(a.start) is not type(b.start):
            raise Failure("expected points and ranges of one type")
        return relation(a, b)

    for first, second in parameters:
        library.define(name, f"{first}: any", f"{second}: any")(related)


def _as_range(value: Value) -> Range:
    if isinstance(value, Range):
        return value
    if not isinstance(value, POINTS):
        raise Failure("expected numbers, dates, times, durations, or ranges of them")
    return Range(value, value, start_closed=True, end_closed=True)


def _before(a: Range, b: Range) -> bool:
    return a.end < b.start or (a.end == b.start and not (a.end_closed and b.start_closed))


def _meets(a: Range, b: Range) -> bool:
    return a.end_closed and b.start_closed and a.end == b.start


def _overlaps(a: Range, b: Range) -> bool:
    return not _before(a, b) and not _before(b, a)


def _starts_earlier(a: Range, b: Range) -> bool:
    return a.start < b.start or (a.start == b.start and a.start_closed and not b.start_closed)


def _starts_within(a: Range, b: Range) -> bool:
    """Whether `a` starts where `b` does, or later."""
    return a.start > b.start or (a.start == b.start and (b.start_closed or not a.start_closed))


def _ends_within(a: Range, b: Range) -> bool:
    """Whether `a` ends where `b` does, or earlier."""
    return a.end < b.end or (a.end == b.end and (b.end_closed or not a.end_closed))


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts_earlier(a, b) and not _before(a, b) and _ends_within(a, b)


def _finishes(a: Range, b: Range) -> bool:
    return a.end == b.end and a.end_closed == b.end_closed and _starts_within(a, b)


def _during(a: Range, b: Range) -> bool:
    return _starts_within(a, b) and _ends_within(a, b)


def _starts(a: Range, b: Range) -> bool:
    return a.start == b.start and a.start_closed == b.start_closed and _ends_within(a, b)


def _coincides(a: Range, b: Range) -> bool:
    return a == b


def _swapped(relation: _Relation) -> _Relation:
    return lambda a, b: relation(b, a)


_define("before", _before, *_ANY)
_define("after", _swapped(_before), *_ANY)
_define("meets", _meets, *_RANGES)
_define("met by", _swapped(_meets), *_RANGES)
_define("overlaps", _overlaps, *_RANGES)
_define("overlaps before", _overlaps_before, *_RANGES)
_define("overlaps after", _swapped(_overlaps_before), *_RANGES)
_define("finishes", _finishes, ("point", "range"), *_RANGES)
_define("finished by", _swapped(_finishes), ("range", "point"), *_RANGES)
_define("includes", _swapped(_during), ("range", "point"), *_RANGES)
_define("during", _during, ("point", "range"), *_RANGES)
_define("starts", _starts, ("point", "range"), *_RANGES)
_define("started by", _swapped(_starts), ("range", "point"), *_RANGES)
_define("coincides", _coincides, ("point1", "point2"), *_RANGES)

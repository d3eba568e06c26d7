"""How points and ranges lie to each other; a point is a number, date, time or duration, and counts as the range of itself."""

from collections.abc import Callable

from camunda_feel.builtins.registry import Library
from camunda_feel.errors import Failure, FeelError
from camunda_feel.values import POINTS, Range, Value, type_name

library = Library()

_Relation = Callable[[Range, Range], bool]
_DOC = " Null when they are of different types; FeelError when a point stands where a range belongs."
_ANY = (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))
_RANGES = (("range1", "range2"),)


def _define(name: str, relation: _Relation, *parameters: tuple[str, str]) -> None:
    """Declares a relation under the names of its parameters, which also say where it takes a point or a range."""
    expected = " or ".join(f"a {first} and a {second}" for first, second in parameters)
    shapes = {(first.startswith("range"), second.startswith("range")) for first, second in parameters}

    def related(left: Value, right: Value) -> bool:
        a, b = _as_range(left), _as_range(right)
        if type(a.start) is not type(b.start):
            raise Failure("expected points and ranges of one type")
        if relation is _coincides and isinstance(left, Range) != isinstance(right, Range):
            return False
        if (isinstance(left, Range), isinstance(right, Range)) not in shapes:
            raise FeelError(f'cannot call "{name}" with {type_name(left)} and {type_name(right)}; it takes {expected}')
        return relation(a, b)

    for first, second in parameters:
        # Camunda's engine has the names of this one the wrong way round, which calls with named arguments show.
        names = (second, first) if (name, first) == ("finished by", "range") else (first, second)
        library.define(name, *(f"{parameter}: any" for parameter in names), text=f"{relation.__doc__}{_DOC}")(related)


def _as_range(value: Value) -> Range:
    if isinstance(value, Range):
        return value
    if not isinstance(value, POINTS):
        raise Failure("expected numbers, dates, times, durations, or ranges of them")
    return Range(value, value, start_closed=True, end_closed=True)


def _swapped(relation: _Relation, text: str) -> _Relation:
    def swapped(a: Range, b: Range) -> bool:
        return relation(b, a)

    swapped.__doc__ = text
    return swapped


def _before(a: Range, b: Range) -> bool:
    """Whether the first ends before the second starts."""
    return a.end < b.start or (a.end == b.start and not (a.end_closed and b.start_closed))


def _meets(a: Range, b: Range) -> bool:
    """Whether the first ends with the very point that the second starts with."""
    return a.end_closed and b.start_closed and a.end == b.start


def _overlaps(a: Range, b: Range) -> bool:
    """Whether the two have points in common."""
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
    """Whether the first starts before the second and ends in it."""
    return _starts_earlier(a, b) and not _before(a, b) and _ends_within(a, b)


def _finishes(a: Range, b: Range) -> bool:
    """Whether both end with the same point, and the first does not start before the second."""
    return a.end == b.end and a.end_closed == b.end_closed and (_is_point(a) or _starts_within(a, b))


def _during(a: Range, b: Range) -> bool:
    """Whether the first lies in the second."""
    if _is_point(a):
        at_start, at_end = a.start == b.start and b.start_closed, a.start == b.end and b.end_closed
        return b.start < a.start < b.end or at_start or at_end
    return _starts_within(a, b) and _ends_within(a, b)


def _starts(a: Range, b: Range) -> bool:
    """Whether both start with the same point, and the first does not end after the second."""
    return a.start == b.start and a.start_closed == b.start_closed and (_is_point(a) or _ends_within(a, b))


def _is_point(range_: Range) -> bool:
    """A point made into a range has one object as both ends: only then a range that goes backwards can have it."""
    return range_.start is range_.end


def _coincides(a: Range, b: Range) -> bool:
    """Whether the two are the same."""
    return a == b


_define("before", _before, *_ANY)
_define("after", _swapped(_before, "Whether the first starts after the second ends."), *_ANY)
_define("meets", _meets, *_RANGES)
_define("met by", _swapped(_meets, "Whether the first starts with the very point that the second ends with."), *_RANGES)
_define("overlaps", _overlaps, *_RANGES)
_define("overlaps before", _overlaps_before, *_RANGES)
_define("overlaps after", _swapped(_overlaps_before, "Whether the second starts before the first and ends in it."), *_RANGES)
_define("finishes", _finishes, ("point", "range"), *_RANGES)
_define(
    "finished by",
    _swapped(_finishes, "Whether both end with the same point, and the second does not start before the first."),
    ("range", "point"),
    *_RANGES,
)
_define("includes", _swapped(_during, "Whether the second lies in the first."), ("range", "point"), *_RANGES)
_define("during", _during, ("point", "range"), *_RANGES)
_define("starts", _starts, ("point", "range"), *_RANGES)
_define(
    "started by",
    _swapped(_starts, "Whether both start with the same point, and the second does not end after the first."),
    ("range", "point"),
    *_RANGES,
)
_define("coincides", _coincides, ("point1", "point2"), *_RANGES)

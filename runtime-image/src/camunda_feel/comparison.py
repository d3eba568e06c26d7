"""Which values are equal, and which comes first."""

import operator
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any

from camunda_feel.date_times import ZonedDateTime
from camunda_feel.errors import NoOrderError
from camunda_feel.limits import Budget
from camunda_feel.syntax import Comparator
from camunda_feel.times import ZonedTime
from camunda_feel.values import POINTS, Range, Value, type_name, visible_entries

_SIMPLE = frozenset({bool, str, *POINTS})
_ORDERED = frozenset({str, *POINTS})


def equal(left: Value, right: Value, budget: Budget) -> bool | None:
    """Whether two values are equal; None when their types cannot be compared. Only null equals null."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _SIMPLE:
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        budget.spend(len(left))
        return len(left) == len(right) and all(equal(a, b, budget) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        budget.spend(len(left))
        left, right = visible_entries(left), visible_entries(right)
        return left.keys() == right.keys() and all(equal(value, right[key], budget) for key, value in left.items())
    return None


def equality_key(value: Value, budget: Budget) -> Hashable:
    """Something hashable that is equal exactly when the values are: for finding equal items among many."""
    budget.spend()
    if isinstance(value, list):
        return (list, tuple(equality_key(item, budget) for item in value))
    if isinstance(value, dict):
        entries = visible_entries(value)
        return (dict, frozenset((key, equality_key(item, budget)) for key, item in entries.items()))
    if value is None or type(value) in _SIMPLE:
        return (type(value), value)
    return object()  # ranges and functions equal nothing, not even themselves


def has(values: list[Value], sought: Value, budget: Budget) -> bool:
    """Whether one of the values is equal to the sought one."""
    return any(equal(value, sought, budget) for value in values)


def comparable(*values: Value) -> bool:
    """Whether `<` is defined between the values: one type, with an order."""
    kind = type(values[0])
    return all(type(value) is kind for value in values) and all(has_order(value) for value in values)


def has_order(value: Value) -> bool:
    """Whether `<` is defined for values like this one; for a list, for its first item and for others of that type."""
    if not isinstance(value, list):
        return type(value) in _ORDERED
    return bool(value) and has_order(value[0]) and all(type(item) is type(value[0]) for item in value)


def compare(comparator: Comparator, left: Value, right: Value) -> bool | None:
    """The result of `<` and its like; None when the values are not comparable, FeelError for two lists."""
    if type(left) is Decimal and type(right) is Decimal:
        return _COMPARATORS[comparator](left, right)
    if not comparable(left, right):
        return None
    if type(left) is list:
        raise NoOrderError("cannot tell which of two lists is less; compare their items")
    return _COMPARATORS[comparator](sort_key(left), sort_key(right))


def sort_key(value: Any) -> Any:
    """What to compare instead of a comparable value: texts go by their UTF-16 units, as in Java."""
    if isinstance(value, str):
        return value.encode() if value.isascii() else _utf16(value)
    return value.order if isinstance(value, ZonedTime | ZonedDateTime) else value


def _utf16(text: str) -> bytes:
    """Bytes that order like UTF-16 units and like the UTF-8 of ASCII texts."""
    if all(character <= "\uffff" for character in text):
        return text.encode("utf-8", "surrogatepass")
    units = text.encode("utf-16-be", "surrogatepass")
    return b"".join(
        chr(int.from_bytes(units[i : i + 2], "big")).encode("utf-8", "surrogatepass") for i in range(0, len(units), 2)
    )


def in_range(value: Value, range_: Range) -> bool | None:
    """Whether a value lies in the range; None when the value and the ends are not comparable."""
    if not comparable(value, range_.start, range_.end):
        return None
    lower = Comparator.GREATER_OR_EQUAL if range_.start_closed else Comparator.GREATER
    upper = Comparator.LESS_OR_EQUAL if range_.end_closed else Comparator.LESS
    return bool(compare(lower, value, range_.start)) and bool(compare(upper, value, range_.end))


def describe_incomparable(left: Value, right: Value) -> str:
    """The text of a warning."""
    return f"cannot compare a {type_name(left)} with a {type_name(right)}"


_COMPARATORS: dict[Comparator, Callable[[Any, Any], bool]] = {
    Comparator.LESS: operator.lt,
    Comparator.LESS_OR_EQUAL: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.GREATER_OR_EQUAL: operator.ge,
}

"""Functions on lists: their items, their order, and what they add up to."""

from collections import Counter
from decimal import Decimal
from functools import cmp_to_key
from math import sqrt

from camunda_feel.arithmetic import NUMBERS, divide, from_double, to_int
from camunda_feel.builtins.registry import Library
from camunda_feel.comparison import equal, equality_key, has, has_order, sort_key
from camunda_feel.errors import Failure, FeelError, NoOrderError
from camunda_feel.limits import Budget
from camunda_feel.values import Function, Value, type_name

library = Library()

_List = list[Value]


@library.define("list contains", "list: list", "element: any", spends=True)
def list_contains(budget: Budget, items: _List, element: Value) -> bool:
    """Whether an item is equal to the element."""
    return has(items, element, budget)


@library.define("count", "list: list")
def count(items: _List) -> Decimal:
    """The number of items."""
    return Decimal(len(items))


@library.define("is empty", "list: list")
def is_empty(items: _List) -> bool:
    """Whether there are no items."""
    return not items


@library.define("min", "list: any...")
def minimum(items: _List) -> Value:
    """The least of values of one type; null for none."""
    return min(_ordered(items), key=sort_key, default=None)


@library.define("max", "list: any...")
def maximum(items: _List) -> Value:
    """The greatest of values of one type; null for none."""
    return max(_ordered(items), key=sort_key, default=None)


def _ordered(items: _List) -> _List:
    if items and not has_order(items):
        raise Failure("the values are not comparable")
    if items and isinstance(items[0], list) and len(items) > 1:
        raise FeelError("cannot tell which of two lists is less; compare their items")
    return items


@library.define("sum", "list: any...")
def total(items: _List) -> Decimal | None:
    """The sum of numbers; null for none."""
    return _sum(_numbers(items)) if items else None


@library.define("product", "list: any...")
def product(items: _List) -> Decimal | None:
    """The product of numbers; null for none."""
    result = Decimal(1)
    for number in _numbers(items):
        result = NUMBERS.multiply(result, number)
    return result if items else None


@library.define("mean", "list: any...")
def mean(items: _List) -> Decimal | None:
    """The arithmetic mean of numbers; null for none."""
    return divide(_sum(_numbers(items)), Decimal(len(items))) if items else None


@library.define("median", "list: any...")
def median(items: _List) -> Decimal | None:
    """The middle of the sorted numbers, or the mean of the two in the middle; null for none."""
    numbers = sorted(_numbers(items))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@library.define("stddev", "list: any...")
def standard_deviation(items: _List) -> Decimal | None:
    """The deviation of a sample; null for no numbers, FeelError for one."""
    numbers = _numbers(items)
    if not numbers:
        return None
    average = divide(_sum(numbers), Decimal(len(numbers)))
    squares = _sum([NUMBERS.power(NUMBERS.subtract(number, average), 2) for number in numbers])
    return from_double(sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1))))


@library.define("mode", "list: any...")
def mode(items: _List) -> list[Decimal]:
    """The numbers that occur most often, in order."""
    counts = Counter(_numbers(items))
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def _sum(numbers: list[Decimal]) -> Decimal:
    result = Decimal(0)
    for number in numbers:
        result = NUMBERS.add(result, number)
    return result


def _numbers(items: _List) -> list[Decimal]:
    numbers = [item for item in items if isinstance(item, Decimal)]
    if len(numbers) < len(items):
        other = next(item for item in items if not isinstance(item, Decimal))
        raise Failure(f"expected numbers, found a {type_name(other)}")
    return numbers


@library.define("and", "list: any...")
@library.define("all", "list: any...")
def all_true(items: _List) -> bool | None:
    """Three-valued `and` of all items; true for none."""
    return _decide(items, decisive=False)


@library.define("or", "list: any...")
@library.define("any", "list: any...")
def any_true(items: _List) -> bool | None:
    """Three-valued `or` of all items; false for none."""
    return _decide(items, decisive=True)


def _decide(items: _List, *, decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    return (not decisive) if all(isinstance(item, bool) for item in items) else None


def _position(items: _List, position: Decimal) -> int:
    """An index from 0 for a position from 1, or from -1 backwards; may lie outside the list."""
    if not position:
        raise Failure("a position must not be 0")
    return _index(items, to_int(position))


def _index(items: _List, position: int) -> int:
    return position - 1 if position > 0 else len(items) + position


@library.define("sublist", "list: list", "start: number")
def sublist(items: _List, start: Decimal) -> _List:
    """The items from a position on."""
    return items[max(0, _position(items, start)) :]


@library.define("sublist", "list: list", "start: number", "length: number")
def sublist_of_length(items: _List, start: Decimal, length: Decimal) -> _List:
    """So many items from a position on, or as many as there are."""
    first = _position(items, start)
    return items[max(0, first) : max(0, first + to_int(length))]


@library.define("append", "list: list", "items: any...")
def append(items: _List, more: _List) -> _List:
    """The list with the other arguments as further items."""
    return [*items, *more]


@library.define("concatenate", "lists: any...", spends=True)
def concatenate(budget: Budget, lists: _List) -> _List:
    """The items of all lists; an argument that is no list counts as one item."""
    budget.spend(sum(len(entry) for entry in lists if isinstance(entry, list)))
    return [item for entry in lists for item in (entry if isinstance(entry, list) else [entry])]


@library.define("union", "lists: any...", spends=True)
def union(budget: Budget, lists: _List) -> _List:
    """The different items of all lists, each at its first place."""
    return distinct(budget, concatenate(budget, lists))


@library.define("distinct values", "list: list", spends=True)
def distinct(budget: Budget, items: _List) -> _List:
    """The different items, each at its first place."""
    first: dict[object, Value] = {}
    for item in items:
        first.setdefault(equality_key(item, budget), item)
    return list(first.values())


@library.define("duplicate values", "list: list", spends=True)
def duplicates(budget: Budget, items: _List) -> _List:
    """The items that occur more than once, each at its first place."""
    times = Counter(equality_key(item, budget) for item in items)
    return [item for item in distinct(budget, items) if times[equality_key(item, budget)] > 1]


@library.define("insert before", "list: list", "position: number", "newItem: any")
def insert_before(items: _List, position: Decimal, item: Value) -> _List:
    """The list with one item more, which then is at the position."""
    index = max(0, _position(items, position))
    return [*items[:index], item, *items[index:]]


@library.define("remove", "list: list", "position: number")
def remove(items: _List, position: Decimal) -> _List:
    """The list without the item at the position."""
    index = max(0, _position(items, position))
    return [*items[:index], *items[max(0, _index(items, to_int(position) + 1)) :]]


@library.define("reverse", "list: list")
def reverse(items: _List) -> _List:
    """The items from the last to the first."""
    return items[::-1]


@library.define("index of", "list: list", "match: any", spends=True)
def index_of(budget: Budget, items: _List, sought: Value) -> list[Decimal]:
    """The positions, from 1, of all items equal to the sought one."""
    return [Decimal(position) for position, item in enumerate(items, 1) if equal(item, sought, budget)]


@library.define("flatten", "list: list", spends=True)
def flatten(budget: Budget, items: _List) -> _List:
    """All items that are not lists, whatever lists they are in."""
    flat: _List = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            budget.spend()
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@library.define("sort", "list: list", "precedes: function", spends=True)
def sort(budget: Budget, items: _List, precedes: Function) -> _List:
    """The items in the order that a function of two items gives; equal ones keep their order."""
    if len(precedes.parameters) != 2:
        raise Failure(f"expected a function of 2 parameters, found one of {len(precedes.parameters)}")

    def before(left: Value, right: Value) -> bool:
        try:
            result = precedes.call([left, right], budget)
        except NoOrderError as error:
            raise Failure(error.message) from None
        if not isinstance(result, bool):
            raise Failure(f"expected a boolean from the function, found a {type_name(result)}")
        return result

    return sorted(items, key=cmp_to_key(lambda left, right: -1 if before(left, right) else int(before(right, left))))


@library.define("partition", "list: list", "size: number")
def partition(items: _List, size: Decimal) -> list[_List]:
    """Lists of so many items, the last may have fewer."""
    length = to_int(size)
    if length <= 0:
        raise Failure("the size must be more than 0")
    return [items[start : start + length] for start in range(0, len(items), length)]


@library.define("string join", "list: list", spends=True)
def string_join(budget: Budget, items: _List) -> str:
    """The texts of a list as one."""
    return string_join_enclosed(budget, items, None, None, None)


@library.define("string join", "list: list", "delimiter: string or null", spends=True)
def string_join_delimited(budget: Budget, items: _List, delimiter: str | None) -> str:
    """The texts of a list as one, with a delimiter between them."""
    return string_join_enclosed(budget, items, delimiter, None, None)


@library.define(
    "string join",
    "list: list",
    "delimiter: string or null",
    "prefix: string or null",
    "suffix: string or null",
    spends=True,
)
def string_join_enclosed(budget: Budget, items: _List, delimiter: str | None, prefix: str | None, suffix: str | None) -> str:
    """The same between a prefix and a suffix, both or none; nulls in the list are left out."""
    if (prefix is None) != (suffix is None):
        raise Failure("give both a prefix and a suffix, or none")
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) + items.count(None) < len(items):
        raise Failure("expected a list of strings")
    budget.check_text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")

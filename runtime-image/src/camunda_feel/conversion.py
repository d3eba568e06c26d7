"""JSON → values and back. What JSON has no form for is an error, not a surprise in a process variable."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from camunda_feel.arithmetic import from_double
from camunda_feel.errors import FeelError
from camunda_feel.limits import DATA_NESTING
from camunda_feel.values import DocumentToCreate, Function, Range, Value, type_name

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

_SMALL_NUMBERS = [Decimal(number) for number in range(256)]
_INT64 = range(-(2**63), 2**63)


def from_json(data: Any, depth: int = 0) -> Value:
    """JSON data as a value; FeelError for anything else, and for NaN and infinity.

    A float is the number that its shortest decimal text names: 129.9 is 129.9.
    """
    if data is None or data is True or data is False or type(data) is str:
        return data
    if type(data) is int and 0 <= data < len(_SMALL_NUMBERS):
        return _SMALL_NUMBERS[data]
    if isinstance(data, str):
        return str(data)  # an exact one: values are told apart by their type
    if isinstance(data, int | float | Decimal):
        return _number(data)
    _check_depth(depth)
    if isinstance(data, Mapping):
        return _context(data, depth)  # pyright: ignore[reportUnknownArgumentType] - checked entry by entry
    if isinstance(data, list | tuple):
        return [from_json(item, depth + 1) for item in data]  # pyright: ignore[reportUnknownVariableType] - as above
    raise FeelError(f'cannot use a variable of the type "{type(data).__name__}"; give JSON data')


def _number(data: float | Decimal) -> Decimal:
    if isinstance(data, float):
        return from_double(data)
    number = Decimal(data)
    if not number.is_finite():
        raise FeelError(f"cannot use {data} as a number")
    return number


def _context(data: Mapping[Any, Any], depth: int) -> dict[str, Value]:
    context: dict[str, Value] = {}
    for key, item in data.items():
        if not isinstance(key, str):
            raise FeelError(f'cannot use a key of the type "{type(key).__name__}"; JSON objects have strings')
        context[key] = item if type(item) is str else from_json(item, depth + 1)
    return context


def to_json(value: Value, limit: int) -> JsonValue:
    """A value as JSON data; FeelError when it is larger than `limit` characters, or cannot be JSON.

    A whole number of 64 bits is an int, any other a float. Dates, times and durations are ISO 8601 texts. Functions in
    a context are left out.
    """
    return _Output(limit).convert(value, 0)


class _Output:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0

    def convert(self, value: Value, depth: int) -> JsonValue:
        if isinstance(value, str):
            self._use(4 + len(value))
            return value
        self._use(4)
        if isinstance(value, Decimal):
            return json_number(value)
        if value is None or value is True or value is False:
            return value
        if isinstance(value, list | dict):
            _check_depth(depth)
            if isinstance(value, dict):
                return self._object(value, depth)
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, Range | Function):
            raise FeelError(f"cannot give a {type_name(value)} as the result of an expression")
        return value.iso()

    def _object(self, value: dict[str, Value], depth: int) -> JsonValue:
        result: dict[str, JsonValue] = DocumentToCreate() if isinstance(value, DocumentToCreate) else {}
        for key, item in value.items():
            if not isinstance(item, Function):
                self._use(len(key))
                result[key] = self.convert(item, depth + 1)
        return result

    def _use(self, size: int) -> None:
        self._used += size
        if self._used > self._limit:
            raise FeelError(f"cannot give a result of more than {self._limit:,} characters")


def json_number(number: Decimal) -> int | float:
    """A number as JSON has it; FeelError when it is too large for a double."""
    if not number:
        return 0
    if number.adjusted() < 20 and (whole := int(number)) == number and whole in _INT64:
        return whole
    double = float(number)
    if double in (float("inf"), float("-inf")):
        raise FeelError("cannot give a number of more than 308 digits as the result of an expression")
    return double


def _check_depth(depth: int) -> None:
    if depth >= DATA_NESTING:
        raise FeelError(f"cannot use data nested more than {DATA_NESTING} levels deep")

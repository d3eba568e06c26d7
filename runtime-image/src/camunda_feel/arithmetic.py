"""Numbers: 34 decimal digits, half-even, as java.math.BigDecimal under MathContext.DECIMAL128."""

import math
from collections.abc import Callable
from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
)

from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.errors import Failure, FeelError
from camunda_feel.syntax import Operator
from camunda_feel.temporal_arithmetic import ADDITIONS, SUBTRACTIONS
from camunda_feel.values import Value, type_name

_LARGEST_EXPONENT = 999_999_999
NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-_LARGEST_EXPONENT,
    Emax=_LARGEST_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Clamped],
)
"""Not limited in size but by memory: a number that leaves the exponents is an error, never infinity."""


def from_double(value: float) -> Decimal:
    """A binary floating-point number with the digits that Java shows of it; FeelError when it is none.

    At least one is behind the point, which `string()` tells: 2.0, and 1.0E+7 as Java writes ten million.
    """
    if 1e-3 <= value < 1e7 or -1e7 < value <= -1e-3 or not value:
        return Decimal(repr(float(value)))
    if not math.isfinite(value):
        raise FeelError(f"cannot use {value} as a number")
    number = Decimal(repr(float(value)))
    sign, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    shown = significant.ljust(2, "0")
    return Decimal((sign, tuple(map(int, shown)), int(exponent) + len(digits) - len(shown)))


def is_whole(number: Decimal) -> bool:
    """Whether it has no fraction."""
    return number == number.to_integral_value()


def to_int(number: Decimal) -> int:
    """The whole part in 32 bits, wrapped around as Java's `intValue` does: indices and scales are such numbers."""
    if number.adjusted() > 40:
        return 0
    return (int(number) + 2**31) % 2**32 - 2**31


def calculation(operator: Operator) -> Callable[[Value, Value], Value]:
    """What applies an operator to two values; Failure when these types do not have it, FeelError beyond the numbers."""
    operations = _OPERATIONS[operator]

    def calculate(left: Value, right: Value) -> Value:
        operation = operations.get((type(left), type(right)))
        if operation is None:
            raise Failure(f'cannot apply "{operator.value}" to a {type_name(left)} and a {type_name(right)}')
        try:
            return operation(left, right)
        except DecimalException:
            raise FeelError(f'cannot apply "{operator.value}": the result is too large, too small or undefined') from None

    return calculate


def negate(value: Value) -> Value:
    """The number with the other sign; Failure for other types."""
    if type(value) is not Decimal:
        raise Failure(f"cannot negate a {type_name(value)}")
    return value.copy_negate() if value else value


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Exact to 34 digits for a whole exponent, in binary floating point otherwise."""
    if is_whole(exponent):
        whole = to_int(exponent)
        if abs(whole) > _LARGEST_EXPONENT:
            raise FeelError(f"cannot raise a number to a power of more than {_LARGEST_EXPONENT:,}")
        if not base and whole < 0:
            raise FeelError("cannot raise 0 to a negative power")
        return Decimal(1) if whole == 0 else NUMBERS.power(base, whole)
    try:
        result = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        result = float("inf")
    return from_double(result if isinstance(result, float) else float("nan"))


def divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Failure for a division by zero."""
    if not divisor:
        raise Failure("cannot divide by zero")
    return NUMBERS.divide(dividend, divisor)


def _divide_months(duration: YearMonthDuration, divisor: Decimal) -> YearMonthDuration:
    return YearMonthDuration(to_int(divide(Decimal(duration.months), divisor)))


def _divide_time(duration: DayTimeDuration, divisor: Decimal) -> DayTimeDuration:
    return DayTimeDuration(to_int(divide(Decimal(duration.milliseconds), divisor)) * 1_000_000)


def _month_ratio(dividend: YearMonthDuration, divisor: YearMonthDuration) -> Decimal:
    return _whole_ratio(dividend.months, divisor.months)


def _time_ratio(dividend: DayTimeDuration, divisor: DayTimeDuration) -> Decimal:
    return _whole_ratio(dividend.milliseconds, divisor.milliseconds)


def _whole_ratio(dividend: int, divisor: int) -> Decimal:
    """Durations divide as whole numbers, towards zero."""
    if not divisor:
        raise Failure("cannot divide by a duration of zero")
    quotient = abs(dividend) // abs(divisor)
    return Decimal(quotient if (dividend < 0) == (divisor < 0) else -quotient)


def _multiple(duration: DayTimeDuration | YearMonthDuration, factor: Decimal) -> DayTimeDuration | YearMonthDuration:
    return duration.times(to_int(factor))


def _multiple_by(factor: Decimal, duration: DayTimeDuration | YearMonthDuration) -> DayTimeDuration | YearMonthDuration:
    return _multiple(duration, factor)


_N, _T, _M = Decimal, DayTimeDuration, YearMonthDuration
_OPERATIONS: dict[Operator, dict[tuple[type, type], Callable[..., Value]]] = {
    Operator.ADD: {(_N, _N): NUMBERS.add, (str, str): str.__add__, **ADDITIONS},
    Operator.SUBTRACT: {(_N, _N): NUMBERS.subtract, **SUBTRACTIONS},
    Operator.MULTIPLY: {
        (_N, _N): NUMBERS.multiply,
        (_N, _T): _multiple_by,
        (_T, _N): _multiple,
        (_N, _M): _multiple_by,
        (_M, _N): _multiple,
    },
    Operator.DIVIDE: {
        (_N, _N): divide,
        (_T, _N): _divide_time,
        (_T, _T): _time_ratio,
        (_M, _N): _divide_months,
        (_M, _M): _month_ratio,
    },
    Operator.POWER: {(_N, _N): power},
}
"""What an operator does for which types."""

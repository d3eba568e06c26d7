"""Functions on numbers."""

import math
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
)
from random import SystemRandom

from camunda_feel.arithmetic import NUMBERS, from_double, to_int
from camunda_feel.builtins.registry import Library
from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.errors import Failure, FeelError

library = Library()

_ROUNDINGS = {
    "UP": ROUND_UP,
    "DOWN": ROUND_DOWN,
    "CEILING": ROUND_CEILING,
    "FLOOR": ROUND_FLOOR,
    "HALF_UP": ROUND_HALF_UP,
    "HALF_DOWN": ROUND_HALF_DOWN,
    "HALF_EVEN": ROUND_HALF_EVEN,
    "UNNECESSARY": ROUND_HALF_EVEN,
}
# Digits that would only be zeros, and only show in `string()`, are not added beyond so many.
_MOST_ZEROS = 200
_MOST_PLACES = 646_456_992  # of java.math.BigDecimal
_MOST_DIGITS = 20_000


def _rounded(number: Decimal, scale: Decimal, rounding: str, *, exact: bool = False) -> Decimal:
    """A number with `scale` digits after the point; before it for a negative scale."""
    places = to_int(scale)
    if places > _MOST_PLACES:
        raise Failure(f"a number cannot have more than {_MOST_PLACES:,} places")
    exponent = int(number.as_tuple().exponent)
    if -exponent <= places and number.adjusted() + places > _MOST_ZEROS:
        return number
    context = Context(prec=max(34, number.adjusted() + places + 2), rounding=rounding, traps=[InvalidOperation])
    if exact:
        context.traps[Inexact] = True
    try:
        return number.quantize(Decimal((0, (1,), -places)), context=context)
    except Inexact:
        raise Failure("rounding is necessary") from None


@library.define("decimal", "n: number", "scale: number")
def decimal(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded half to even."""
    return _rounded(number, scale, ROUND_HALF_EVEN)


@library.define("decimal", "n: number", "scale: number", "mode: string")
def decimal_with_mode(number: Decimal, scale: Decimal, mode: str) -> Decimal:
    """Rounded in the named way, in any case of letters; `UNNECESSARY` is null where it would round."""
    name = mode.upper()
    if name not in _ROUNDINGS:
        raise Failure(f"the mode must be one of {', '.join(_ROUNDINGS)}")
    return _rounded(number, scale, _ROUNDINGS[name], exact=name == "UNNECESSARY")


@library.define("floor", "n: number")
def floor(number: Decimal) -> Decimal:
    """The next whole number downwards."""
    return _rounded(number, Decimal(0), ROUND_FLOOR)


@library.define("floor", "n: number", "scala: number")
def floor_with_scale(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded downwards. The engine of reference calls its parameter `scala`."""
    return _rounded(number, scale, ROUND_FLOOR)


@library.define("ceiling", "n: number")
def ceiling(number: Decimal) -> Decimal:
    """The next whole number upwards."""
    return _rounded(number, Decimal(0), ROUND_CEILING)


@library.define("ceiling", "n: number", "scale: number")
def ceiling_with_scale(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded upwards."""
    return _rounded(number, scale, ROUND_CEILING)


@library.define("round up", "n: number", "scale: number")
def round_up(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded away from zero."""
    return _rounded(number, scale, ROUND_UP)


@library.define("round down", "n: number", "scale: number")
def round_down(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded towards zero."""
    return _rounded(number, scale, ROUND_DOWN)


@library.define("round half up", "n: number", "scale: number")
def round_half_up(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded to the nearest, a half away from zero."""
    return _rounded(number, scale, ROUND_HALF_UP)


@library.define("round half down", "n: number", "scala: number")
def round_half_down(number: Decimal, scale: Decimal) -> Decimal:
    """Rounded to the nearest, a half towards zero. The engine of reference calls its parameter `scala`."""
    return _rounded(number, scale, ROUND_HALF_DOWN)


@library.define("abs", "number: number or duration or months")
@library.define("abs", "n: number or duration or months")
def absolute(number: Decimal | DayTimeDuration | YearMonthDuration) -> Decimal | DayTimeDuration | YearMonthDuration:
    """The number or duration without its sign."""
    if isinstance(number, DayTimeDuration):
        return DayTimeDuration(abs(number.nanoseconds))
    return YearMonthDuration(abs(number.months)) if isinstance(number, YearMonthDuration) else number.copy_abs()


@library.define("modulo", "dividend: number", "divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The remainder with the sign of the divisor; FeelError for a divisor of 0."""
    if not divisor:
        raise FeelError('cannot call "modulo": the divisor is 0')
    return _remainder(NUMBERS.add(_remainder(dividend, divisor), divisor), divisor)


def _remainder(dividend: Decimal, divisor: Decimal) -> Decimal:
    digits = max(34, dividend.adjusted() - divisor.adjusted() + 40)
    if digits > _MOST_DIGITS:
        raise FeelError("cannot calculate a remainder of numbers that differ so much in size")
    return Context(prec=digits, traps=[InvalidOperation]).remainder(dividend, divisor)


@library.define("odd", "number: number")
def odd(number: Decimal) -> bool:
    """Whether the remainder by 2 is 1."""
    return _remainder(number.copy_abs(), Decimal(2)) == 1


@library.define("even", "number: number")
def even(number: Decimal) -> bool:
    """Whether the remainder by 2 is 0."""
    return _remainder(number, Decimal(2)) == 0


@library.define("sqrt", "number: number")
def square_root(number: Decimal) -> Decimal | None:
    """In binary floating point; null for a negative number."""
    return None if number < 0 else from_double(math.sqrt(number))


@library.define("log", "number: number")
def logarithm(number: Decimal) -> Decimal:
    """The natural logarithm in binary floating point; FeelError for 0 and below."""
    if number <= 0:
        raise FeelError('cannot call "log": the number is not more than 0')
    return from_double(math.log(number))


@library.define("exp", "number: number")
def exponential(number: Decimal) -> Decimal:
    """The power of e in binary floating point; FeelError when it is too large."""
    try:
        return from_double(math.exp(number))
    except OverflowError:
        raise FeelError('cannot call "exp": the number is too large') from None


@library.define("random number")
def random_number() -> Decimal:
    """A number from 0 to below 1."""
    return from_double(SystemRandom().random())

"""Kubernetes quantities: the API server stores `0.5` as `500m`, and a comparison must not call that a difference."""

import re
from decimal import Decimal, DecimalException

_SUFFIXES = (
    {"": Decimal(1), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "k": Decimal("1e3")}
    | {letter: Decimal(1000) ** power for power, letter in enumerate("MGTPE", start=2)}
    | {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
)
_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+)(?:([eE][+-]?[0-9]+)|(n|u|m|k|Ki|[MGTPE]i?))?")


def quantity(value: object) -> Decimal | None:
    """Read a quantity; `None` for what is none. Source: the serialization format of apimachinery's `resource.Quantity`."""
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    try:
        return Decimal(number + (exponent or "")) * _SUFFIXES[suffix or ""]
    except DecimalException:
        return None  # an exponent that no machine has


def same_quantity(left: object, right: object) -> bool:
    """Whether two values are the same quantity in different spellings."""
    first, second = quantity(left), quantity(right)
    return first is not None and first == second

"""How a built-in function is declared: its name, the names and types of its parameters, and the code."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from camunda_feel.date_times import LocalDateTime, ZonedDateTime
from camunda_feel.dates import Date
from camunda_feel.durations import DayTimeDuration, YearMonthDuration
from camunda_feel.errors import Failure
from camunda_feel.limits import Budget
from camunda_feel.times import LocalTime, ZonedTime
from camunda_feel.values import Function, Range, Value, type_name

_TYPES: dict[str, type] = {
    "null": type(None),
    "boolean": bool,
    "number": Decimal,
    "string": str,
    "list": list,
    "context": dict,
    "function": Function,
    "range": Range,
    "date": Date,
    "local time": LocalTime,
    "zoned time": ZonedTime,
    "local date time": LocalDateTime,
    "zoned date time": ZonedDateTime,
    "duration": DayTimeDuration,
    "months": YearMonthDuration,
}
_Code = TypeVar("_Code", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in function, for its reference."""

    name: str
    parameters: tuple[str, ...]
    """As declared: `name: type or type`, the last perhaps with `...`."""
    gives: Any
    """The annotation of what it gives."""
    text: str
    """What it does and when it is null or an error."""


class Library:
    """The built-in functions of one family, each name with its overloads in the order in which calls try them.

    Of several declarations above one function the lowest is the first, as Python applies decorators.
    """

    def __init__(self) -> None:
        self.functions: dict[str, list[Function]] = {}
        self.overloads: list[Overload] = []

    def define(self, name: str, *parameters: str, spends: bool = False, text: str = "") -> Callable[[_Code], _Code]:
        """Declares an overload of `name`. A parameter is written `name: type`, `name: type or type`, or `name: any`.

        The last may end with `...`: it then takes all remaining arguments as one list. With arguments of other types
        the call fails, and so is null.

        With `spends`, the code gets the budget first. It must then count what it does, before it does it: a list that
        holds the same list many times is small, and what is made from it is not. `text` describes code without a docstring.
        """

        def declare(code: _Code) -> _Code:
            described = text or code.__doc__ or ""
            self.overloads.append(Overload(name, parameters, code.__annotations__.get("return"), described))
            names = tuple(parameter.partition(": ")[0] for parameter in parameters)
            variadic = bool(parameters) and parameters[-1].endswith("...")
            checks = [_accepted_types(parameter) for parameter in parameters]
            self.functions.setdefault(name, []).append(Function(names, _checked(code, checks, spends=spends), variadic))
            return code

        return declare


def _accepted_types(parameter: str) -> frozenset[type] | None:
    kinds = parameter.partition(": ")[2]
    if kinds.endswith("..."):
        return frozenset({list})
    return None if kinds == "any" else frozenset(_TYPES[kind] for kind in kinds.split(" or "))


def _checked(
    code: Callable[..., Value], checks: list[frozenset[type] | None], *, spends: bool
) -> Callable[[list[Value], Budget], Value]:
    def call(arguments: list[Value], budget: Budget) -> Value:
        for argument, accepted in zip(arguments, checks, strict=True):
            if accepted is not None and type(argument) not in accepted:
                raise Failure(f"illegal arguments ({', '.join(type_name(value) for value in arguments)})")
        return code(budget, *arguments) if spends else code(*arguments)

    return call

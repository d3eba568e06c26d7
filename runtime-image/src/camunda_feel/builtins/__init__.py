"""The built-in functions of Camunda's FEEL and of its connector runtime. Each module has one family."""

from camunda_feel import connector_functions
from camunda_feel.builtins import booleans, contexts, conversions, lists, numbers, ranges, strings, temporals
from camunda_feel.builtins.registry import Overload
from camunda_feel.values import Function

_MODULES = (booleans, connector_functions, contexts, conversions, lists, numbers, ranges, strings, temporals)

FUNCTIONS: dict[str, tuple[Function, ...]] = {
    name: tuple(overloads) for module in _MODULES for name, overloads in module.library.functions.items()
}
"""Name → overloads, in the order in which a call tries them."""

OVERLOADS: tuple[Overload, ...] = tuple(overload for module in _MODULES for overload in module.library.overloads)
"""Every way to call one of them, for the reference."""

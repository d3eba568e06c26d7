"""The built-in functions of Camunda's FEEL and of its connector runtime. Each module has one family."""

from camunda_feel import connector_functions
from camunda_feel.builtins import booleans, contexts, conversions, lists, numbers, ranges, strings, temporals
from camunda_feel.values import Function

FUNCTIONS: dict[str, tuple[Function, ...]] = {
    name: tuple(overloads)
    for module in (booleans, connector_functions, contexts, conversions, lists, numbers, ranges, strings, temporals)
    for name, overloads in module.library.functions.items()
}
"""Name → overloads, in the order in which a call tries them."""

NOT_SUPPORTED = frozenset({"createDocument"})
"""Functions that exist in Camunda and not here: calling one is an error, because null would be a wrong result."""

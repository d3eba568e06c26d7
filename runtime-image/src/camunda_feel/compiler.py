"""Tree → closures: what can be decided from the text is decided once, and an evaluation only runs functions.

Each kind of node has one compile function; those of one theme are together in a module, which gets `compile_node`
as an argument and so does not need to know the others.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from camunda_feel import compile_calls, compile_loops, compile_operators, compile_tests, compile_values
from camunda_feel.scope import Scope
from camunda_feel.syntax import Node
from camunda_feel.values import Value

Code: TypeAlias = Callable[[Scope], Value]
"""A compiled node: gives the value at one scope, or raises Failure, InputMissing or FeelError."""

_COMPILERS: Mapping[type, Callable[[Any, Callable[[Node], Code]], Code]] = {
    **compile_values.COMPILERS,
    **compile_operators.COMPILERS,
    **compile_tests.COMPILERS,
    **compile_loops.COMPILERS,
    **compile_calls.COMPILERS,
}


def compile_node(node: Node) -> Code:
    """The closure for a node and all below it."""
    return _COMPILERS[type(node)](node, compile_node)

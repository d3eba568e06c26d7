"""Tree → closures: what can be decided from the text is decided once, and an evaluation only runs functions.

Each kind of node has one compile function; those of one theme are together in a module, which gets `compile_node`
as an argument and so does not need to know the others.
"""

from camunda_feel.compiler import calls, loops, operators, unary_tests, values
from camunda_feel.compiler.code import Code, Compilers
from camunda_feel.syntax import Node

__all__ = ["Code", "compile_node"]

_COMPILERS: Compilers = {
    **values.COMPILERS,
    **operators.COMPILERS,
    **unary_tests.COMPILERS,
    **loops.COMPILERS,
    **calls.COMPILERS,
}


def compile_node(node: Node) -> Code:
    """The closure for a node and all below it."""
    return _COMPILERS[type(node)](node, compile_node)

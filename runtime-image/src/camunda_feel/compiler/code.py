"""What compiling a node gives."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from camunda_feel.scope import Scope
from camunda_feel.syntax import Node
from camunda_feel.values import Value

Code: TypeAlias = Callable[[Scope], Value]
"""A compiled node: gives the value at one scope, or raises Failure, InputMissing or FeelError."""

Compile: TypeAlias = Callable[[Node], Code]
"""The compiler, for the nodes below one node."""

Compilers: TypeAlias = Mapping[type, Callable[[Any, Compile], Code]]
"""Type of node → what compiles it."""

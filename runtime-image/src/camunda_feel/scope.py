"""Which names mean what at one place of one evaluation."""

from collections.abc import Callable, Mapping
from typing import Any

from camunda_feel.conversion import from_json
from camunda_feel.errors import EvaluationWarning, WarningKind
from camunda_feel.limits import Budget, Limits
from camunda_feel.values import Function, Value

# So that a loop over much data does not remember the same complaint a million times.
MOST_WARNINGS = 50


class Run:
    """One evaluation: its variables, its budget, and the warnings so far."""

    __slots__ = ("_converted", "_variables", "budget", "limits", "warnings")

    def __init__(self, variables: Mapping[str, Any], limits: Limits) -> None:
        self.limits = limits
        self.budget = Budget(limits)
        self.warnings: list[tuple[WarningKind, str | Callable[[], str]]] = []
        self._variables = variables
        self._converted: dict[str, Value] = {}

    def warn(self, kind: WarningKind, message: str | Callable[[], str]) -> None:
        """Records why a value is null; a message that takes time to make is only made when somebody reads it."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append((kind, message))

    def told(self) -> tuple[EvaluationWarning, ...]:
        """The warnings with their texts, each once."""
        texts = ((kind, message if isinstance(message, str) else message()) for kind, message in self.warnings)
        return tuple(EvaluationWarning(kind, text) for kind, text in dict.fromkeys(texts))

    def has_variable(self, name: str) -> bool:
        """Whether there is such a variable, null or not."""
        return name in self._variables

    def names(self) -> list[str]:
        """The names of all variables."""
        return list(self._variables)

    def variable(self, name: str, path: tuple[str, ...]) -> tuple[Value, tuple[str, ...]]:
        """A variable, or what lies in it, with the part of the path that is still to go.

        Goes through objects before converting them: an expression takes one leaf of a large response.
        """
        data = self._variables[name]
        gone = 0
        for key in path:
            if not isinstance(data, dict) or key not in data:
                break
            data, gone = data[key], gone + 1  # pyright: ignore[reportUnknownVariableType] - JSON of unknown shape
        if gone == 0:
            return self._whole(name), path
        return from_json(data, gone), path[gone:]

    def _whole(self, name: str) -> Value:
        if name not in self._converted:
            self._converted[name] = from_json(self._variables[name])
        return self._converted[name]


class Scope:
    """The names bound here, and where to look for others. `run` holds the outermost ones."""

    __slots__ = ("_names", "_outer", "run")

    def __init__(self, run: Run, names: Mapping[str, Value], outer: "Scope | None" = None) -> None:
        self.run = run
        self._names = names
        self._outer = outer

    def inner(self, names: Mapping[str, Value]) -> "Scope":
        """A scope in which these names hide those outside."""
        return Scope(self.run, names, self)

    def find(self, name: str) -> tuple[bool, Value]:
        """Whether a name is bound, and to what; not looking into the variables. Functions are not values."""
        scope: Scope | None = self
        while scope is not None:
            names = scope._names
            if name in names:
                value = names[name]
                if type(value) is not Function or isinstance(names, Bindings):
                    return True, value
            scope = scope._outer
        return False, None

    def names(self) -> list[str]:
        """All names that mean something here, without the variables."""
        scope: Scope | None = self
        names: list[str] = []
        while scope is not None:
            names.extend(scope._names)
            scope = scope._outer
        return names

    def functions(self, name: str) -> list[Function]:
        """The functions of that name that contexts around this place define, inmost first."""
        found: list[Function] = []
        scope: Scope | None = self
        while scope is not None:
            value = scope._names.get(name) if not isinstance(scope._names, Bindings) else None
            if isinstance(value, Function):
                found.append(value)
            scope = scope._outer
        return found


class Bindings(dict[str, Value]):
    """Names bound by a loop, a parameter list or a test: a function among them is a value and cannot be called.

    In a context it is the other way round. Both are so in Camunda's engine.
    """

    __slots__ = ()

"""An element template as the lint rules look at it; whatever has the wrong shape is left to the schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from connector_operator.element_templates.findings import Finding, Path, Rule

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison of a condition: property `target` has one of `values`; `None`: it is there at all."""

    target: str
    values: frozenset[Any] | None
    path: Path


@dataclass(frozen=True)
class PropertyView:
    """One property and its index."""

    index: int
    document: Json

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("properties", self.index)

    @property
    def id(self) -> str | None:
        """Its id, if it has one."""
        return text(self.document.get("id"))

    @property
    def type(self) -> str:
        """String unless it says otherwise."""
        return text(self.document.get("type")) or "String"

    @property
    def binding(self) -> Json:
        """Where its value goes."""
        return mapping(self.document.get("binding"))

    @property
    def name(self) -> str:
        """What a message calls it."""
        place = self.binding.get("name") or self.binding.get("key") or self.binding.get("property")
        return self.id or text(self.document.get("label")) or text(place) or str(self.index)

    @property
    def value(self) -> Any:
        """Its default, or None."""
        return self.document.get("value")

    @cached_property
    def choices(self) -> tuple[Json, ...]:
        """The choices of a Dropdown."""
        return tuple(mapping(item) for item in items(self.document.get("choices")))

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """The comparisons of its condition, all of which must hold."""
        condition, path = mapping(self.document.get("condition")), (*self.path, "condition")
        if "allMatch" not in condition:
            return tuple(_atom(condition, path))
        parts = enumerate(items(condition["allMatch"]))
        return tuple(atom for index, part in parts for atom in _atom(mapping(part), (*path, "allMatch", index)))

    def finding(self, rule: Rule, member: str, message: str, fix: str) -> Finding:
        """A finding about one of its members."""
        path = (*self.path, member) if member in self.document else self.path
        return Finding(rule, path, f"property '{self.name}': {message}", fix)


class TemplateView:
    """One template."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.properties = [PropertyView(index, mapping(item)) for index, item in enumerate(items(document.get("properties")))]
        self.groups = [mapping(item) for item in items(document.get("groups"))]
        self.by_id: dict[str, list[PropertyView]] = {}
        for item in self.properties:
            if item.id is not None:
                self.by_id.setdefault(item.id, []).append(item)

    def bound(self, kind: str, key: str, name: str) -> Iterator[PropertyView]:
        """The properties bound to one place, such as the task header of a key."""
        return (item for item in self.properties if item.binding.get("type") == kind and item.binding.get(key) == name)


def exclude_each_other(first: PropertyView, second: PropertyView) -> bool:
    """Whether the conditions of two properties can never hold at once."""
    return any(
        one.target == other.target and one.values is not None and other.values is not None and not one.values & other.values
        for one in first.atoms
        for other in second.atoms
    )


def _atom(condition: Json, path: Path) -> Iterator[Atom]:
    target = text(condition.get("property"))
    if target is None:
        return
    if "equals" in condition:
        yield Atom(target, frozenset(scalars([condition["equals"]])), path)
    elif "oneOf" in condition:
        yield Atom(target, frozenset(scalars(items(condition["oneOf"]))), path)
    else:
        yield Atom(target, None, path)


def scalars(values: list[Any]) -> list[Any]:
    """Values that can be compared; true is not 1."""
    return [f"bool {value}" if isinstance(value, bool) else value for value in values if isinstance(value, str | int | float)]


def text(value: Any) -> str | None:
    """The value, if it is a text."""
    return value if isinstance(value, str) else None


def mapping(value: Any) -> Json:
    """The value, if it is an object; otherwise an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value, if it is a list; otherwise an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []

"""Objects of an API server without what differs from moment to moment, so that two runs can be compared."""

from collections.abc import Set as AbstractSet
from typing import Any, cast


def without(node: Any, names: AbstractSet[str]) -> Any:
    """The same JSON without the members of these names, at any depth."""
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node).items()
        return {name: without(value, names) for name, value in members if name not in names}
    if isinstance(node, list):
        return [without(item, names) for item in cast("list[Any]", node)]
    return node

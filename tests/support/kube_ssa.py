"""Server-side apply in memory: who owns which field, as far as one operator and its neighbours need it.

Follows https://kubernetes.io/docs/reference/using-api/server-side-apply/ for forced applies: what a manager applies it owns;
what it no longer applies is removed unless another manager owns it too. Lists named in `_LIST_KEYS` merge by key, every other
list is one atomic value; the real server reads the same from each kind's schema.
"""

import copy
from itertools import pairwise
from typing import Any, TypeGuard

Item = tuple[tuple[str, Any], ...]
"""One entry of a keyed list, named by its key fields."""
Path = tuple[str | Item, ...]
Owners = dict[str, set[Path]]
"""By field manager: the leaves that it owns."""

_LIST_KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_IDENTITY: set[Path] = {
    ("apiVersion",),
    ("kind",),
    ("metadata", "name"),
    ("metadata", "namespace"),
    ("metadata", "uid"),
    ("metadata", "resourceVersion"),
}


def leaves(value: Any, path: Path = ()) -> dict[Path, Any]:
    """Every value of a JSON document that can be owned, by its path; identity fields of an object are nobody's."""
    children = _children(value, path)
    if children is None:
        return {} if path in _IDENTITY else {path: value}
    found: dict[Path, Any] = {}
    for segment, child in children:
        found.update(leaves(child, (*path, segment)))
    return found


def apply(live: dict[str, Any], owners: Owners, manager: str, manifest: dict[str, Any]) -> tuple[dict[str, Any], Owners]:
    """Apply a manifest by force: the new object and the new owners; the arguments stay as they are."""
    wanted = leaves(manifest)
    before = leaves(live)
    new_owners = {name: set(paths) for name, paths in owners.items()}
    dropped = new_owners.get(manager, set()) - set(wanted)
    new_owners[manager] = set(wanted)
    others: set[Path] = set()
    for name, paths in new_owners.items():
        if name != manager:
            paths -= {path for path in wanted if path in before and before[path] != wanted[path]}
            others |= paths
    obj = copy.deepcopy(live)
    for path in sorted(dropped - others, key=lambda path: (_names_an_item(path), -len(path))):
        _remove(obj, path)
    for path, value in wanted.items():
        _put(obj, path, value)
    return obj, new_owners


def replace(live: dict[str, Any], owners: Owners, manager: str, new: dict[str, Any]) -> Owners:
    """Say who owns what after `manager` replaced the whole object (an update): it owns exactly what it changed."""
    before, after = leaves(live), leaves(new)
    changed = {path for path, value in after.items() if path not in before or before[path] != value}
    new_owners = {name: (paths & set(after)) - changed for name, paths in owners.items()}
    new_owners[manager] = new_owners.get(manager, set()) | changed
    return new_owners


def _is_map(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list_of_maps(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(child, dict) for child in value)  # pyright: ignore[reportUnknownVariableType] - it is JSON that is being narrowed


def _children(value: Any, path: Path) -> list[tuple[str | Item, Any]] | None:
    if _is_map(value) and value:
        return list(value.items())
    if _is_list_of_maps(value) and value and path and (keys := _keys_of(path[-1], value)):
        return [(_item(child, keys), child) for child in value]
    return None


def _keys_of(field: str | Item, entries: list[dict[str, Any]]) -> tuple[str, ...]:
    if field == "ports":
        # the ports of a container and of a Service are told apart by what they call their number
        return ("containerPort", "protocol") if any("containerPort" in entry for entry in entries) else ("port", "protocol")
    return _LIST_KEYS.get(str(field), ())


def _item(child: dict[str, Any], keys: tuple[str, ...]) -> Item:
    return tuple((key, child.get(key, "TCP" if key == "protocol" else None)) for key in keys)


def _names_an_item(path: Path) -> bool:
    # removed last, and of items within items the inner one first: the other leaves of an item are found by it
    return len(path) > 1 and isinstance(path[-2], tuple) and any(path[-1] == key for key, _ in path[-2])


def _find(node: Any, segment: str | Item) -> Any:
    if isinstance(segment, str):
        return node.get(segment)
    keys = tuple(key for key, _ in segment)
    return next((child for child in node if _item(child, keys) == segment), None)


def _put(obj: dict[str, Any], path: Path, value: Any) -> None:
    node: Any = obj
    for segment, following in pairwise(path):
        child = _find(node, segment)
        empty: Any = [] if isinstance(following, tuple) else {}
        if type(child) is not type(empty):
            child = empty
            _set(node, segment, child)
        node = child
    if value in ({}, []) and type(_find(node, path[-1])) is type(value) and (value == {} or path[-1] in _LIST_KEYS):
        return  # an empty map, or list that is a map, owns itself and not what others put into it; an atomic list is replaced
    _set(node, path[-1], copy.deepcopy(value))


def _set(node: Any, segment: str | Item, child: Any) -> None:
    if isinstance(segment, str):
        node[segment] = child
    else:
        child.update({key: value for key, value in segment if value is not None})
        node.append(child)


def _remove(node: Any, path: tuple[str | Item, ...]) -> None:
    segment, rest = path[0], path[1:]
    child = _find(node, segment)
    if child is None:
        return
    if not isinstance(segment, str) and set(child) <= {key for key, _ in segment}:
        node.remove(child)  # only the fields that name the item are left of it, and one of them goes
        return
    if rest:
        _remove(child, rest)
        if child:
            return
    if isinstance(segment, str):
        del node[segment]
    else:
        node.remove(child)

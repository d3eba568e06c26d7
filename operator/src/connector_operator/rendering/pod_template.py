"""`spec.podTemplate`: a strategic merge patch over the rendered pod.

Follows https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md for
what a pod has: maps merge, null removes, lists of objects with a merge key merge by it, other lists are replaced. The
directives (`$patch`, `$setElementOrder`) are not taken: the API server refuses them as unknown fields.
"""

from typing import Any, cast

_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
}


def merge(target: Any, patch: Any, field: str = "") -> Any:
    """Return what the patch makes of the target; neither is changed."""
    if isinstance(patch, dict):
        # also into what is not there yet: the null in it is nothing to be written, and would look like drift for ever
        return _merge_maps(cast("dict[str, Any]", target if isinstance(target, dict) else {}), cast("dict[str, Any]", patch))
    if isinstance(target, list) and isinstance(patch, list) and field in _MERGE_KEYS:
        return _merge_lists(cast("list[Any]", target), cast("list[Any]", patch), _MERGE_KEYS[field])
    return cast("Any", patch)


def _merge_maps(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value, name)
    return merged


def _merge_lists(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    merged = list(target)
    for item in patch:
        place = _place(merged, item, key)
        if place is None:
            merged.append(merge(None, item))
        else:
            merged[place] = merge(merged[place], item)
    return merged


def _place(items: list[Any], wanted: Any, key: str) -> int | None:
    """Where the list has the item with the same key; compared one by one, since a patch may hold anything as its key."""
    if not isinstance(wanted, dict) or key not in wanted:
        return None
    name = cast("dict[str, Any]", wanted)[key]
    return next((place for place, item in enumerate(items) if isinstance(item, dict) and _value(item, key) == name), None)


def _value(item: Any, key: str) -> Any:
    return cast("dict[str, Any]", item).get(key)

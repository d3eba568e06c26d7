"""What one field manager applied to a live object: the object cut down to the fields that `managedFields` says are its own.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ and structured-merge-diff's `fieldsV1`.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from connector_operator.domain.objects import Object, list_at


def applied_by(manager: str, live: Object) -> dict[str, Any]:
    """The manifest as that manager last applied it; empty when it applied nothing."""
    for entry in list_at(live, "metadata", "managedFields"):
        if (entry["manager"], entry["operation"], entry.get("subresource", "")) == (manager, "Apply", ""):
            named = {"apiVersion": live["apiVersion"], "kind": live["kind"]}
            found: dict[str, Any] = named | _cut(live, entry["fieldsV1"])
            found["metadata"] |= {"name": live["metadata"]["name"], "namespace": live["metadata"]["namespace"]}
            return found
    return {}


def _cut(value: Any, fields: Mapping[str, Any]) -> Any:
    below = {key: inner for key, inner in fields.items() if key != "."}
    if not below:
        return value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {key[2:]: _cut(members[key[2:]], inner) for key, inner in below.items()}
    items = cast("list[Any]", value)
    places = sorted((_place(items, key), key) for key in below)
    return [_cut(items[place], below[key]) for place, key in places]


def _place(items: list[Any], key: str) -> int:
    """Where in a list an item is that is named by `k:{…}`, its members, or in a set by `v:…`, itself."""
    wanted: Any = json.loads(key[2:])
    if key.startswith("v:"):
        return items.index(wanted)
    return next(i for i, item in enumerate(items) if all(item.get(name) == value for name, value in wanted.items()))

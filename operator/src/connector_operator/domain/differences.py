"""What applying a manifest would change in a live object, field by field, in words for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

from connector_operator.domain.objects import Object
from connector_operator.domain.plan import contains

MAX_VALUE = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that would change: its path, and its value before and after; `None` where there is none."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: {self.after} is added"
        if self.after is None:
            return f"{self.path}: {self.before} is removed"
        return f"{self.path}: {self.before} → {self.after}"


def differences(live: Any, desired: Any, path: str = "", *, ours: Any = None) -> Iterator[Difference]:
    """Where `live` does not have what is desired.

    `ours`: the fields that we own, as `managedFields` has them (`fieldsV1`): of these, also what is desired no longer. Lists of
    objects with names are compared by name, other lists as a whole.
    """
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        yield from _members(cast("Object", live), cast("Object", desired), path, ours)
    elif _has_names(desired) and _has_names(live):
        yield from _items(live, desired, path, ours)
    elif not contains(live, desired):
        yield Difference(path, _shown(live), _shown(desired))


def owned_whole(value: Any) -> dict[str, Any]:
    """A document's fields as `managedFields` would have them for somebody who owns them all."""
    if isinstance(value, Mapping):
        return {f"f:{name}": owned_whole(member) for name, member in cast("Object", value).items()}
    if _has_names(value):
        return {f"k:{json.dumps({'name': item['name']})}": owned_whole(item) for item in value}
    return {}


def _members(live: Object, desired: Object, path: str, ours: Any) -> Iterator[Difference]:
    owned = _owned(ours, "f:")
    for name in [*desired, *(name for name in owned if name in live and name not in desired)]:
        below = _below(path, name)
        if name not in desired:
            yield Difference(below, _shown(live[name]), None)
        elif name not in live:
            if not contains({}, {name: desired[name]}):
                yield Difference(below, None, _shown(desired[name]))
        else:
            # a member's name says whether it holds quantities, which are equal in any spelling
            same = contains({name: live[name]}, {name: desired[name]})
            deeper = differences(live[name], desired[name], below, ours=owned.get(name))
            yield from (item for item in deeper if item.after is None or not same)


def _items(live: Sequence[Object], desired: Sequence[Object], path: str, ours: Any) -> Iterator[Difference]:
    was, owned = {item["name"]: item for item in live}, _owned(ours, "k:")
    for item in desired:
        name = item["name"]
        if name in was:
            yield from differences(was[name], item, f"{path}[{name}]", ours=owned.get(name))
        else:
            yield Difference(f"{path}[{name}]", None, _shown(item))
    wanted = {item["name"] for item in desired}
    for name in (name for name in owned if name in was and name not in wanted):
        yield Difference(f"{path}[{name}]", _shown(was[name]), None)


def _owned(ours: Any, prefix: str) -> Mapping[str, Any]:
    """The members, or the items by their name, below a place in `fieldsV1`."""
    if not isinstance(ours, Mapping):
        return {}
    fields = cast("Mapping[str, Any]", ours)
    found = {key.removeprefix(prefix): below for key, below in fields.items() if key.startswith(prefix)}
    return {_key(name): below for name, below in found.items()} if prefix == "k:" else found


def _key(text: str) -> str:
    keys: dict[str, Any] = json.loads(text)
    return str(keys.get("name", text))


def _has_names(value: Any) -> TypeGuard[Sequence[Object]]:
    return isinstance(value, list) and all(isinstance(item, Mapping) and "name" in item for item in cast("list[Any]", value))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"

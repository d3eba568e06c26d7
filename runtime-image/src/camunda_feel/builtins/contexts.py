"""Functions on contexts."""

from camunda_feel.builtins.registry import Library
from camunda_feel.errors import Failure
from camunda_feel.values import Value, visible_entries

library = Library()

_Context = dict[str, Value]


@library.define("get entries", "context: context")
@library.define("get entries", "m: context")
def get_entries(context: _Context) -> list[Value]:
    """A list of `{key, value}`, in the order of the context."""
    return [{"key": key, "value": value} for key, value in visible_entries(context).items()]


@library.define("get value", "context: context", "keys: list")
@library.define("get value", "context: context", "key: string or list")
@library.define("get value", "m: context", "key: string or list")
def get_value(context: _Context, keys: str | list[Value]) -> Value:
    """The entry of that key, or at the end of that list of keys; null when there is none."""
    value: Value = context
    path = [keys] if isinstance(keys, str) else keys
    if not path:
        return None
    for key in path:
        if not isinstance(key, str) or not isinstance(value, dict):
            return None
        value = visible_entries(value).get(key)
    return value


@library.define("put", "context: context", "key: string or list", "value: any")
@library.define("context put", "context: context", "keys: list", "value: any")
@library.define("context put", "context: context", "key: string or list", "value: any")
def context_put(context: _Context, keys: str | list[Value], value: Value) -> Value:
    """The context with one entry more or changed; a list of keys leads into nested contexts, made where missing."""
    path = [keys] if isinstance(keys, str) else keys
    if not path:
        return None
    names = [key for key in path if isinstance(key, str)]
    if len(names) < len(path):
        raise Failure("keys must be strings")
    return _put(visible_entries(context), names, value)


def _put(context: _Context, keys: list[str], value: Value) -> _Context:
    """Goes down the keys, then builds the changed contexts from the inside out."""
    parents: list[_Context] = [context]
    for key in keys[:-1]:
        child = parents[-1].get(key)
        parents.append(visible_entries(child) if isinstance(child, dict) else {})
    changed: Value = value
    for parent, key in zip(reversed(parents), reversed(keys), strict=True):
        changed = {**parent, key: changed}
    return changed if isinstance(changed, dict) else context


@library.define("put all", "contexts: any...")
@library.define("context merge", "contexts: any...")
def context_merge(contexts: list[Value]) -> Value:
    """All entries, later ones win; null when one of the arguments is not a context."""
    merged: _Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        merged.update(visible_entries(context))
    return merged


@library.define("context", "entries: list")
def context_from_entries(entries: list[Value]) -> Value:
    """The context of a list of `{key, value}`; null when an item is not of that form."""
    context: _Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str):
            return None
        context[key] = entry["value"]
    return context

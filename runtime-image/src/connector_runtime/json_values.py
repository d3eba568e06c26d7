"""JSON values inside the runtime: what they are, how a function's result becomes one, how they are read and written.

Reading is strict about depth and writing about numbers: `orjson` refuses documents nested too deep instead of ending the
process, and NaN or infinity are not JSON, whatever a serializer makes of them.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, TypeAlias, TypeGuard, cast

import orjson
from pydantic import BaseModel

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MAX_DEPTH = 200


class NotJsonError(ValueError):
    """A value has no JSON form; the text names the place in it."""


def parse_object(text: str) -> dict[str, Json]:
    """Read a JSON object; raises NotJsonError."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        msg = f"is not JSON: {error.msg}"
        raise NotJsonError(msg) from error
    if not is_object(value):
        msg = f"is not a JSON object but {kind_of(value)}"
        raise NotJsonError(msg)
    return value


def to_text(value: Json) -> str:
    """Write a value of this module's `to_json` compactly, as UTF-8 text."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # a number beyond 64 bits
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(value: object, name: str = "result") -> Json:
    """Turn a function's result into JSON: models by their aliases, tuples as lists; raises NotJsonError naming the place.

    What is JSON already comes back as it is, not copied.
    """
    if isinstance(value, BaseModel):
        value = _dump(value, name)
    return cast("Json", value) if _is_json(value, MAX_DEPTH) else _to_json(value, name, MAX_DEPTH)


def _is_json(value: object, depth: int) -> bool:
    """Whether there is nothing to convert and nothing to refuse; most results are such, and looking costs less than copying."""
    kind = type(value)
    if kind is str:
        return _is_text(cast("str", value))
    if kind is dict:
        members = cast("dict[object, object]", value)
        return depth > 0 and _are_names(members) and _are_json(members.values(), depth - 1)
    if kind is list:
        return depth > 0 and _are_json(cast("list[object]", value), depth - 1)
    return kind in (int, bool, NoneType) or (kind is float and math.isfinite(cast("float", value)))


def _are_json(values: Iterable[object], depth: int) -> bool:
    for value in values:  # noqa: SIM110 - a generator would cost as much as the rest
        if not _is_json(value, depth):
            return False
    return True


def _are_names(values: Iterable[object]) -> bool:
    for value in values:  # noqa: SIM110 - as above
        if type(value) is not str or not _is_text(value):
            return False
    return True


def _is_text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _to_json(value: object, place: str, depth: int) -> Json:
    if isinstance(value, BaseModel):
        value = _dump(value, place)
    if value is None or isinstance(value, bool | str):
        return _text(value, place) if isinstance(value, str) else value
    if isinstance(value, int | float):
        return _number(value, place)
    if depth == 0:
        msg = f"'{place[:200]}' is nested more than {MAX_DEPTH} deep, or holds itself"
        raise NotJsonError(msg)
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {_key(k, place): _to_json(v, f"{place}.{k}", depth - 1) for k, v in members.items()}
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return [_to_json(item, f"{place}[{index}]", depth - 1) for index, item in enumerate(items)]
    msg = f"'{place}' is a {type(value).__name__}, which JSON does not have"
    raise NotJsonError(msg)


def _dump(model: BaseModel, place: str) -> object:
    try:
        return model.model_dump(mode="json", by_alias=True)
    except ValueError as error:
        msg = f"'{place}' cannot be serialized: {error}"
        raise NotJsonError(msg) from error


def _number(value: float, place: str) -> int | float:
    if isinstance(value, float) and not math.isfinite(value):
        msg = f"'{place}' is {value}, which JSON does not have"
        raise NotJsonError(msg)
    # A subclass (an IntEnum, a numpy float) is only its number here.
    return int(value) if isinstance(value, int) else float(value)


def _text(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        msg = f"'{place}' is text that is not valid Unicode"
        raise NotJsonError(msg) from None
    # A str enum is only its text here.
    return str.__str__(value)


def _key(key: object, place: str) -> str:
    if isinstance(key, str):
        return _text(key, place)
    msg = f"'{place}' has the key {key!r}; JSON's keys are text"
    raise NotJsonError(msg)


def is_object(value: Any) -> TypeGuard[dict[str, Json]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def kind_of(value: Any) -> str:
    """The name of a JSON value's type, with its article, for messages."""
    kinds = {"dict": "an object", "list": "a list", "str": "a text", "bool": "a boolean", "NoneType": "null"}
    return kinds.get(type(value).__name__, "a number")

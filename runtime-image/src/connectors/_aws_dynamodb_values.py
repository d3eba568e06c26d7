"""JSON to and from DynamoDB's typed values, such as `{"N": "3"}`.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson

Typed = dict[str, Any]


def typed(value: Any) -> Typed:
    """A JSON value as DynamoDB stores it."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": orjson.dumps(value).decode()}
        case str():
            return {"S": value}
        case dict():
            return {"M": typed_members(cast("dict[str, Any]", value))}
        case _:
            return {"L": [typed(item) for item in cast("list[Any]", value)]}


def typed_members(members: Mapping[str, Any]) -> dict[str, Typed]:
    """The members of a JSON object, each as DynamoDB stores it."""
    return {name: typed(value) for name, value in members.items()}


def plain_members(members: Mapping[str, Typed]) -> dict[str, Any]:
    """The attributes of an item as JSON."""
    return {name: _plain(value) for name, value in members.items()}


def _plain(value: Typed) -> Any:
    ((kind, inner),) = value.items()
    if kind in _READ:
        return _READ[kind](inner)
    return json_value(inner)


def _number(text: str) -> int | float:
    """DynamoDB's numbers have 38 digits; what is whole stays exact."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def json_value(value: Any) -> Any:
    """An answer of AWS as JSON: times as ISO 8601, bytes as Base64."""
    match value:
        case dict():
            return {name: json_value(item) for name, item in cast("dict[str, Any]", value).items()}
        case list():
            return [json_value(item) for item in cast("list[Any]", value)]
        case bytes():
            return base64.b64encode(value).decode()
        case str() | int() | float() | None:
            return value
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "N": _number,
    "NS": lambda texts: [_number(text) for text in texts],
    "M": plain_members,
    "L": lambda values: [_plain(value) for value in values],
    "NULL": lambda _: None,
}

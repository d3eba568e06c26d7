"""What one field of an input model is in Modeler: the type of its property, its value, its constraints."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from connector_sdk import TemplateHint

# Whatever the pattern says, an expression and a secret placeholder may stand in its place.
NOT_LITERAL = r"^(=|\{\{|secrets\.)"
# Modeler tests the text "undefined" where an input was never filled in.
NOT_LITERAL_OR_EMPTY = r"^(=|\{\{|secrets\.|(undefined)?$)"
# Python's regular expressions that JavaScript, and so Modeler, does not read.
ONLY_PYTHON = re.compile(r"\(\?(?:P|#|>|\(|[aiLmsux-]+[:)])|\\[AZz]|[*+?}]\+")
TIMES: Mapping[Any, tuple[str, str]] = {
    timedelta: (
        r"^-?P(?=[\dT])(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.]\d+)?S)?)?$",
        "Must be an ISO-8601 duration such as PT30S",
    ),
    datetime: (
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d+)?)?(Z|[+-]\d{2}:\d{2})?$",
        "Must be an ISO-8601 time such as 2026-01-31T08:30:00Z",
    ),
    date: (r"^\d{4}-\d{2}-\d{2}$", "Must be a date such as 2026-01-31"),
    time: (r"^\d{2}:\d{2}(:\d{2}([.]\d+)?)?(Z|[+-]\d{2}:\d{2})?$", "Must be a time such as 08:30"),
}
Document = dict[str, Any]


class TemplateError(Exception):
    """An input model has no element template; the text names the field."""


@dataclass(frozen=True, slots=True)
class InputField:
    """One field, the name of its input and what its author says about the template."""

    name: str
    info: FieldInfo
    hint: TemplateHint

    @property
    def label(self) -> str:
        """What people see above it."""
        return self.hint.label or self.info.title or words(self.name)


def words(name: str) -> str:
    """A name in words: `customer_id` and `customerId` both give `Customer id`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("_", " ").replace(".", " ")).split()
    text = " ".join(part if part.isupper() else part.lower() for part in parts)
    return text[:1].upper() + text[1:]


def property_document(entry: InputField, kinds: list[Any]) -> Document:
    """The property without id, group, binding and condition; `kinds` are the types that the field may have."""
    shape = _shape(kinds)
    hint, info = entry.hint, entry.info
    kind = hint.type or shape.type
    feel = hint.feel or shape.feel
    document: Document = {"label": entry.label}
    if info.description:
        document["description"] = info.description
    if hint.tooltip:
        document["tooltip"] = hint.tooltip
    document["type"] = kind
    if feel and feel != "disabled" and kind not in ("Dropdown", "Hidden"):
        document["feel"] = feel
    if hint.language:
        document["language"] = hint.language
    if kind == "Dropdown":
        document["choices"] = [{"name": _choice(value, hint), "value": value} for value in shape.values]
    placeholder = _placeholder(info, kinds)
    if placeholder and kind in ("String", "Text"):
        document["placeholder"] = placeholder
    document |= _value(info, shape, kind)
    return document | constraints(entry, kind)


@dataclass(frozen=True, slots=True)
class _Shape:
    type: str
    feel: str | None
    values: tuple[str, ...] = ()


def _shape(kinds: list[Any]) -> _Shape:
    """The property type that fits the types of a field."""
    values = tuple(_choices(kinds))
    if values:
        return _Shape("Hidden" if len(values) == 1 else "Dropdown", None, values)
    if kinds == [bool]:
        return _Shape("Boolean", "static")
    if kinds and all(kind in (int, float, Decimal) for kind in kinds):
        return _Shape("Number", "static")
    containers = [kind for kind in kinds if _is_container(kind)]
    if containers:
        return _Shape("Text", "required" if len(containers) == len(kinds) else "optional")
    return _Shape("String", "optional")


def _is_container(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    if origin in (Any, object):
        return True
    scalar = isinstance(origin, type) and not issubclass(origin, dict | list | tuple | set | Mapping | BaseModel)
    return not scalar


def _choices(kinds: list[Any]) -> Iterator[str]:
    for kind in kinds:
        if get_origin(kind) is Literal:
            yield from (_literal(value) for value in get_args(kind))
        elif isinstance(kind, type) and issubclass(kind, Enum):
            yield from (_literal(member.value) for member in kind)
        else:
            return


def _literal(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    return value if isinstance(value, str) else json.dumps(value)


def _choice(value: str, hint: TemplateHint) -> str:
    return (hint.choices or {}).get(value, value)


def _placeholder(info: FieldInfo, kinds: list[Any]) -> str | None:
    if info.examples:
        example = info.examples[0]
        return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    return "{{secrets.NAME}}" if SecretStr in kinds else None


def _value(info: FieldInfo, shape: _Shape, kind: str) -> Document:
    if shape.type == "Hidden":
        return {"value": shape.values[0]}
    default = default_of(info)
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    # an empty text too is no value: Modeler would write an expression of nothing, which Zeebe refuses
    if default is None or default is PydanticUndefined or default in ({}, [], ""):
        return {}
    if kind in ("Boolean", "Number"):
        return {"value": float(default) if isinstance(default, Decimal) else default}
    if isinstance(default, str):
        return {"value": default}
    if isinstance(default, dict | list):
        return {"value": f"={json.dumps(default, ensure_ascii=False)}"}
    text = to_jsonable_python(default)
    return {"value": text if isinstance(text, str) else json.dumps(text)}


def default_of(info: FieldInfo) -> Any:
    """A field's default; PydanticUndefined for a required field."""
    if info.default_factory is not None:
        return info.get_default(call_default_factory=True, validated_data={})
    return info.default


def constraints(entry: InputField, kind: str) -> Document:
    """The member `constraints` of a property of type `kind`; empty when there are none."""
    found: Document = {}
    if (entry.info.is_required() or entry.hint.not_empty) and kind not in ("Boolean", "Hidden"):
        found["notEmpty"] = True
    if kind in ("String", "Text"):
        found |= _lengths(entry.info) | _pattern(entry)
    return {"constraints": found} if found else {}


def _lengths(info: FieldInfo) -> Document:
    """Modeler measures an empty field too, so one that may stay empty has no minimum."""
    found: Document = {}
    for item in info.metadata:
        shortest, longest = getattr(item, "min_length", None), getattr(item, "max_length", None)
        if isinstance(shortest, int) and shortest > 1 and default_of(info) is not None:
            found["minLength"] = shortest
        if isinstance(longest, int) and longest > 0:
            found["maxLength"] = longest
    return found


def _pattern(entry: InputField) -> Document:
    source, message = _source(entry)
    if source is None:
        return {}
    if ONLY_PYTHON.search(source):
        msg = f"cannot offer '{entry.name}': Modeler cannot read the pattern '{source}'; use what Python and JavaScript share"
        raise TemplateError(msg)
    rest = NOT_LITERAL_OR_EMPTY if default_of(entry.info) is None else NOT_LITERAL
    return {"pattern": {"value": f"{rest}|(?:{source})", "message": entry.hint.pattern_message or message}}


def _source(entry: InputField) -> tuple[str | None, str]:
    """The pattern that the author gives, or that of the field's type, and what Modeler says about a text without it."""
    given = next((item.pattern for item in entry.info.metadata if isinstance(getattr(item, "pattern", None), str)), None)
    if given is not None:
        return given, f"Must match {given}"
    kinds = kinds_of(entry.info.annotation)
    return TIMES.get(kinds[0], (None, "")) if len(kinds) == 1 else (None, "")


def kinds_of(annotation: Any) -> list[Any]:
    """The types that a field may have, without None and without annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return kinds_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in kinds_of(part)]
    return [] if annotation is NoneType else [annotation]


def is_model(kind: Any) -> bool:
    """Whether a type has fields of its own to offer."""
    return isinstance(kind, type) and issubclass(cast("type[object]", kind), BaseModel) and not issubclass(kind, RootModel)

"""From the fields of an input model to the properties of an element template."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connector_runtime.binding import input_name, template_hint
from connector_sdk import TemplateHint

DEFAULT_GROUP = "input"
# Whatever the pattern says, an expression and a secret placeholder may stand in its place.
NOT_LITERAL = r"^(=|\{\{|secrets\.)"
Document = dict[str, Any]


class TemplateError(Exception):
    """An input model has no element template; the text names the field."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property and the group it is shown in."""

    document: Document
    group: str
    group_label: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the input a model stands, and what holds for all its fields."""

    path: str = ""
    group: str | None = None
    group_label: str | None = None
    conditions: tuple[Mapping[str, Any], ...] = ()
    models: tuple[type[BaseModel], ...] = ()
    variant: str = ""

    def child(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


@dataclass(slots=True)
class _Collected:
    properties: list[Property] = field(default_factory=list[Property])
    ids: set[str] = field(default_factory=set[str])


def input_properties(model: type[BaseModel] | None) -> list[Property]:
    """The properties of all fields of an input model, in the order in which they are declared; raises TemplateError."""
    collected = _Collected()
    if model is not None:
        model.model_rebuild()
        _add_model(model, _Place(), collected)
    return collected.properties


def words(name: str) -> str:
    """A name in words: `customer_id` and `customerId` both give `Customer id`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("_", " ").replace(".", " ")).split()
    text = " ".join(part if part.isupper() else part.lower() for part in parts)
    return text[:1].upper() + text[1:]


def _add_model(model: type[BaseModel], place: _Place, collected: _Collected) -> None:
    inside = replace(place, models=(*place.models, model))
    for name, info in model.model_fields.items():
        hint = template_hint(info)
        if not hint.hidden:
            _add_field(_Field(input_name(name, info), info, hint), inside, collected)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    info: FieldInfo
    hint: TemplateHint

    @property
    def label(self) -> str:
        return self.hint.label or self.info.title or words(self.name)


def _add_field(entry: _Field, place: _Place, collected: _Collected) -> None:
    kinds = _kinds(entry.info.annotation)
    models = [kind for kind in kinds if _is_model(kind)]
    conditions = (*place.conditions, entry.hint.condition) if entry.hint.condition else place.conditions
    here = replace(place, conditions=conditions, group=entry.hint.group or place.group)
    if len(models) == len(kinds) == 1 and models[0] not in place.models:
        _add_model(models[0], _nested(entry, here), collected)
    elif entry.info.discriminator is not None and len(models) == len(kinds):
        _add_union(entry, models, _nested(entry, here), collected)
    else:
        _add_property(_document(entry, kinds), entry, here, collected)


def _nested(entry: _Field, place: _Place) -> _Place:
    group = place.group or entry.name
    label = place.group_label if place.group else entry.label
    return replace(place, path=place.child(entry.name), group=group, group_label=label)


def _add_union(entry: _Field, models: list[type[BaseModel]], place: _Place, collected: _Collected) -> None:
    """A Dropdown that chooses the variant comes first, the variants' fields after it depend on it."""
    discriminator = entry.info.discriminator
    if not isinstance(discriminator, str):
        msg = f"cannot offer '{place.path}': only a discriminator that is a field's name has an element template"
        raise TemplateError(msg)
    variants = {_variant(model, discriminator, place): model for model in models}
    name = input_name(discriminator, models[0].model_fields[discriminator])
    document: Document = {
        "label": entry.label,
        **({"description": entry.info.description} if entry.info.description else {}),
        "type": "Dropdown",
        "choices": [{"name": _variant_label(model), "value": value} for value, model in variants.items()],
        **_constraints(entry, "Dropdown"),
    }
    default = _default(entry.info)
    if isinstance(default, BaseModel):
        document["value"] = getattr(default, discriminator)
    _add_property(document, replace(entry, name=name), place, collected)
    for value, model in variants.items():
        condition = {"property": place.child(name), "equals": value, "type": "simple"}
        inside = replace(place, conditions=(*place.conditions, condition), variant=value)
        _add_variant(model, discriminator, inside, collected)


def _add_variant(model: type[BaseModel], discriminator: str, place: _Place, collected: _Collected) -> None:
    rest = _Collected(ids=collected.ids)
    without = place.child(input_name(discriminator, model.model_fields[discriminator]))
    _add_model(model, place, rest)
    collected.properties += [item for item in rest.properties if item.document["binding"].get("name") != without]


def _variant(model: type[BaseModel], discriminator: str, place: _Place) -> str:
    values = get_args(model.model_fields[discriminator].annotation)
    if len(values) != 1 or not isinstance(values[0], str):
        msg = f"cannot offer '{place.path}': '{discriminator}' of {model.__name__} must be a Literal of one text"
        raise TemplateError(msg)
    return values[0]


def _variant_label(model: type[BaseModel]) -> str:
    return model.model_config.get("title") or words(model.__name__)


def _add_property(document: Document, entry: _Field, place: _Place, collected: _Collected) -> None:
    path = place.child(entry.name)
    # Variants of a union may share a field's name; ids are unique, the input mapping is the same.
    identifier = path if path not in collected.ids else f"{path}.{place.variant}"
    collected.ids.add(identifier)
    group = place.group or DEFAULT_GROUP
    binding = {"type": "zeebe:taskHeader", "key": entry.name} if entry.hint.header else {"type": "zeebe:input", "name": path}
    document = {"id": identifier, **document, "group": group, "binding": binding}
    if place.conditions:
        only = dict(place.conditions[0])
        document["condition"] = only if len(place.conditions) == 1 else {"allMatch": [dict(item) for item in place.conditions]}
    collected.properties.append(Property(document, group, place.group_label))


def _document(entry: _Field, kinds: list[Any]) -> Document:
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
    return document | _constraints(entry, kind)


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
    default = _default(info)
    if default is None or default is PydanticUndefined or default in ({}, []):
        return {}
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if kind in ("Boolean", "Number"):
        return {"value": float(default) if isinstance(default, Decimal) else default}
    if isinstance(default, str):
        return {"value": default}
    if isinstance(default, dict | list):
        return {"value": f"={json.dumps(default, ensure_ascii=False)}"}
    return {"value": json.dumps(default, default=str).strip('"')}


def _default(info: FieldInfo) -> Any:
    if info.default_factory is not None:
        return info.get_default(call_default_factory=True, validated_data={})
    return info.default


def _constraints(entry: _Field, kind: str) -> Document:
    constraints: Document = {}
    if entry.info.is_required() and kind not in ("Boolean", "Hidden"):
        constraints["notEmpty"] = True
    if kind in ("String", "Text"):
        for item in entry.info.metadata:
            _add_constraint(constraints, item, entry.hint)
    return {"constraints": constraints} if constraints else {}


def _add_constraint(constraints: Document, item: Any, hint: TemplateHint) -> None:
    pattern = getattr(item, "pattern", None)
    if isinstance(pattern, str):
        message = hint.pattern_message or f"Must match {pattern}"
        constraints["pattern"] = {"value": f"{NOT_LITERAL}|(?:{pattern})", "message": message}
    for attribute, name in (("min_length", "minLength"), ("max_length", "maxLength")):
        length = getattr(item, attribute, None)
        if isinstance(length, int) and length > 1:
            constraints[name] = length


def _kinds(annotation: Any) -> list[Any]:
    """The types that a field may have, without None and without annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [] if annotation is NoneType else [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(cast("type[object]", kind), BaseModel)

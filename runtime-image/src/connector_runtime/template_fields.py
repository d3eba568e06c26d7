"""From the fields of an input model to the properties of an element template."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from pydantic import BaseModel

from connector_runtime.binding import input_name, template_hint
from connector_runtime.template_values import (
    Document,
    InputField,
    TemplateError,
    constraints,
    default_of,
    is_model,
    kinds_of,
    property_document,
    words,
)

__all__ = ["Property", "TemplateError", "input_properties", "words"]

DEFAULT_GROUP = "input"


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


def _add_model(model: type[BaseModel], place: _Place, collected: _Collected) -> None:
    inside = replace(place, models=(*place.models, model))
    for name, info in model.model_fields.items():
        hint = template_hint(info)
        if not hint.hidden:
            _add_field(InputField(input_name(name, info), info, hint), inside, collected)


def _add_field(entry: InputField, place: _Place, collected: _Collected) -> None:
    kinds = kinds_of(entry.info.annotation)
    models = [kind for kind in kinds if is_model(kind)]
    conditions = (*place.conditions, entry.hint.condition) if entry.hint.condition else place.conditions
    here = replace(place, conditions=conditions, group=entry.hint.group or place.group)
    if entry.hint.type is not None:
        # An author who names a property type wants one property, also for a whole model.
        _add_property(property_document(entry, kinds), entry, here, collected)
    elif len(models) == len(kinds) == 1 and models[0] not in place.models:
        _add_model(models[0], _nested(entry, here), collected)
    elif entry.info.discriminator is not None and len(models) == len(kinds):
        _add_union(entry, models, _nested(entry, here), collected)
    else:
        _add_property(property_document(entry, kinds), entry, here, collected)


def _nested(entry: InputField, place: _Place) -> _Place:
    group = place.group or entry.name
    label = place.group_label if place.group else entry.label
    return replace(place, path=place.child(entry.name), group=group, group_label=label)


def _add_union(entry: InputField, models: list[type[BaseModel]], place: _Place, collected: _Collected) -> None:
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
        **constraints(entry, "Dropdown"),
    }
    default = default_of(entry.info)
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


def _add_property(document: Document, entry: InputField, place: _Place, collected: _Collected) -> None:
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

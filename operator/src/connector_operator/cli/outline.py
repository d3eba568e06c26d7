"""What the API server refuses of our kinds beside what their models say: unknown fields, and labels that are none."""

import difflib
from collections.abc import Iterator
from typing import Annotated, Any, TypeGuard, cast

from pydantic import Field, ValidationError

from connector_operator.api.crd import Schema, structural
from connector_operator.api.fields import Spec
from connector_operator.api.kinds import KINDS
from connector_operator.domain.objects import Object
from connector_operator.domain.problem import invalid

_NAME = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_KEY = rf"^({_NAME}(\.{_NAME})*/)?[A-Za-z0-9]([A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?$"
_LabelKey = Annotated[str, Field(max_length=317, pattern=_KEY)]
_AnnotationKey = Annotated[str, Field(max_length=317, pattern=f"(?i){_KEY}")]
_LabelValue = Annotated[str, Field(max_length=63, pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$")]
_METADATA = (
    *("name", "namespace", "generateName", "labels", "annotations", "finalizers", "ownerReferences", "managedFields", "uid"),
    *("generation", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"),
)
"""Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/"""


class _Metadata(Spec):
    """Of an object's metadata what people write with their hands."""

    labels: dict[_LabelKey, _LabelValue] = Field(default={})
    annotations: dict[_AnnotationKey, str] = Field(default={})


def _outline(spec: type[Spec]) -> Schema:
    free: Schema = {}
    metadata = {"type": "object", "properties": dict.fromkeys(_METADATA, free)}
    members = {"apiVersion": free, "kind": free, "metadata": metadata, "spec": structural(spec), "status": free}
    return {"type": "object", "properties": members}


OUTLINES = {(kind.kind.api_version, kind.kind.kind): _outline(kind.spec) for kind in KINDS}
"""By apiVersion and kind: what an object of ours may hold."""


def pruned(obj: Object) -> Object:
    """One object of ours as the API server stores it: a member that is null is left out, except where anything may stand."""
    return _pruned(obj, OUTLINES[obj["apiVersion"], obj["kind"]])


def _pruned(value: Any, schema: Schema) -> Any:
    if isinstance(value, list):
        return [_pruned(item, schema.get("items", {})) for item in cast("list[Any]", value)]
    if not _is_structured(value, schema):
        return value
    known = [(name, member, _member(schema, name)) for name, member in value.items()]
    return {name: _pruned(member, child or {}) for name, member, child in known if member is not None or child is None}


def _is_structured(value: Any, schema: Schema) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and schema.get("type") == "object" and "x-kubernetes-preserve-unknown-fields" not in schema


def _member(schema: Schema, name: str) -> Schema | None:
    """The schema of a member; `None` when there may be none of that name."""
    return schema.get("properties", {}).get(name, schema.get("additionalProperties"))


def outline_problems(obj: Object) -> Iterator[str]:
    """Everything of this sort that is wrong with one object of ours, each with its path."""
    yield from _unknown(obj, OUTLINES[obj["apiVersion"], obj["kind"]], "")
    if obj.get("spec") is None:
        yield "spec: field required"
    try:
        _Metadata.model_validate(obj["metadata"])
    except ValidationError as error:
        yield invalid(error, "metadata").message


def _unknown(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Members that the schema does not know, each with the nearest name that it does."""
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _unknown(item, schema.get("items", {}), f"{path}[{index}]")
    if not _is_structured(value, schema):
        return
    known: dict[str, Schema] = schema.get("properties", {})
    for name, member in value.items():
        place = f"{path}.{name}".removeprefix(".")
        if (child := _member(schema, name)) is not None:
            yield from _unknown(member, child, place)
            continue
        near = difflib.get_close_matches(name, known, n=1)
        yield f"{place}: unknown field; " + (f"did you mean '{near[0]}'?" if near else f"expected {', '.join(known) or 'none'}")

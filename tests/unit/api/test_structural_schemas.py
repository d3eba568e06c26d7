"""From pydantic's JSON schema to a structural one: each rewrite by itself."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from schema_mutations import mutations, rules

from connector_operator.api.crd import Schema, UnstructuralSchemaError, crds, structural
from connector_operator.api.fields import AsMap, AsSet, Spec, rule


class Inner(Spec):
    """An inner object."""

    first_name: str = Field(description="A name.")


class InnerWithDefault(Spec):
    """An inner object with a default below it."""

    on: bool = True


def _member(annotation: Any, **field: Any) -> Schema:
    """The structural schema of a member of that type."""
    model = type("Model", (Spec,), {"__annotations__": {"member": annotation}, "member": Field(**field)})
    return structural(model)["properties"]["member"]


def test_a_member_is_named_in_camel_case_and_required_without_a_default() -> None:
    assert structural(Inner) == {
        "type": "object",
        "description": "An inner object.",
        "required": ["firstName"],
        "properties": {"firstName": {"type": "string", "description": "A name."}},
    }


def test_a_reference_is_inlined_and_what_stands_beside_it_wins() -> None:
    assert _member(Inner, description="Outer.") == structural(Inner) | {"description": "Outer."}


def test_an_optional_member_is_one_that_may_be_absent() -> None:
    assert _member(str | None, default=None) == {"type": "string"}
    assert _member(Inner | None, default=None) == structural(Inner)


def test_bounds_and_patterns_are_kept() -> None:
    bounded = _member(Annotated[str, Field(min_length=1, max_length=3, pattern="^a$")])
    assert bounded == {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a$"}
    assert _member(Annotated[int, Field(ge=1, le=9)]) == {"type": "integer", "minimum": 1, "maximum": 9}


def test_a_literal_is_an_enum_also_when_it_has_one_value() -> None:
    assert _member(Literal["a", "b"]) == {"type": "string", "enum": ["a", "b"]}
    assert _member(Literal["a"]) == {"type": "string", "enum": ["a"]}


def test_a_tuple_is_a_list_with_its_kind_of_merging() -> None:
    names = _member(Annotated[tuple[str, ...], Field(max_length=3), AsSet()])
    assert names == {"type": "array", "items": {"type": "string"}, "maxItems": 3, "x-kubernetes-list-type": "set"}
    inner = _member(Annotated[tuple[Inner, ...], Field(max_length=3), AsMap("firstName")])
    assert inner["x-kubernetes-list-map-keys"] == ["firstName"]
    assert inner["items"] == structural(Inner)


def test_a_map_has_a_schema_for_its_values_and_free_form_json_has_none() -> None:
    labels = _member(Annotated[dict[str, str], Field(max_length=3)])
    assert labels == {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 3}
    assert _member(dict[str, Any]) == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def test_an_int_or_string_has_no_type() -> None:
    quantity = Annotated[int | str, Field(json_schema_extra={"x-kubernetes-int-or-string": True})]
    assert _member(quantity) == {"x-kubernetes-int-or-string": True}


def test_a_rule_is_kept_where_it_is_said() -> None:
    ruled = _member(Annotated[str, Field(json_schema_extra=rule("self != ''", "needs a text"))])
    assert ruled["x-kubernetes-validations"] == [{"rule": "self != ''", "message": "needs a text"}]


@pytest.mark.parametrize("default", [0, False, "5m", 7, True])
def test_a_default_that_changes_what_is_read_is_kept(default: object) -> None:
    assert _member(type(default), default=default)["default"] == default


@pytest.mark.parametrize(("annotation", "default"), [(str, ""), (str | None, None), (tuple[str, ...], ()), (dict[str, str], {})])
def test_a_default_that_says_nothing_is_left_out(annotation: Any, default: object) -> None:
    assert "default" not in _member(annotation, default=default)


def test_an_object_has_a_default_exactly_when_members_below_have_one() -> None:
    assert _member(InnerWithDefault, default=InnerWithDefault())["default"] == {}
    assert "default" not in _member(InnerWithDefault)


@pytest.mark.parametrize(
    "annotation",
    [str | int, Inner | InnerWithDefault, tuple[str, int], str | int | None, tuple[str | int, ...], dict[str, str | int]],
)
def test_a_shape_that_no_structural_schema_can_say_is_refused_with_its_place(annotation: Any) -> None:
    with pytest.raises(UnstructuralSchemaError, match=r"Model\.member"):
        _member(annotation)


def _nodes(node: Any, path: str = "") -> Any:
    if isinstance(node, dict):
        yield path, node
        for name, child in node.items():
            yield from _nodes(child, f"{path}.{name}")


SCHEMAS = [
    (f"{crd['metadata']['name'].partition('.')[0]}{path}", node)
    for crd in crds()
    for path, node in _nodes(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"])
    if isinstance(node.get("type"), str)
]


@pytest.mark.parametrize(("place", "schema"), SCHEMAS, ids=[place for place, _ in SCHEMAS])
def test_everything_that_users_write_is_bounded(place: str, schema: Schema) -> None:
    """CEL cost estimation, etcd and our own messages need a bound for every text, list and map."""
    kind = schema["type"]
    if kind == "string":
        assert "maxLength" in schema or "enum" in schema
    elif kind == "array":
        assert {"maxItems", "x-kubernetes-list-type"} <= schema.keys()
    elif kind == "object" and "additionalProperties" in schema:
        assert "maxProperties" in schema


def test_every_rule_of_every_schema_has_mutations_that_break_it() -> None:
    tried = {(mutation.kind, mutation.place, mutation.rule) for mutation in mutations()}
    assert tried == rules()

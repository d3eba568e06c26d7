"""From an input model to what Modeler offers, one row per rule of the mapping."""

import enum
import hashlib
import json
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, JsonValue, RootModel, SecretStr, TypeAdapter

from connector_runtime.config import Source
from connector_runtime.loading import load_function
from connector_runtime.template_fields import TemplateError, input_properties, words
from connector_runtime.templates import ElementTemplate, element_template, to_json
from connector_sdk import TemplateHint, connector


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


BOTH = [{"name": "red", "value": "red"}, {"name": "blue", "value": "blue"}]


class PatternOnly:
    """A constraint with a pattern, as annotated-types has them, that pydantic does not compile."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern


class Listed(RootModel[list[int]]):
    """A model that is one value, not several fields."""


class Retry(BaseModel):
    max_delay: int = Field(default=3, alias="maxDelay")


def field_of(annotation: Any, default: Any = ...) -> dict[str, Any]:
    """The generated property of one field, without what is the same for all."""
    model = type("Model", (BaseModel,), {"__annotations__": {"my_field": annotation}, "my_field": default})
    (item,) = input_properties(model)
    assert item.document["id"] == "my_field"
    assert item.document["binding"] == {"type": "zeebe:input", "name": "my_field"}
    return {key: value for key, value in item.document.items() if key not in ("id", "binding", "group", "label")}


REQUIRED = {"constraints": {"notEmpty": True}}


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (str, ..., {"type": "String", "feel": "optional", **REQUIRED}),
        (str, "x", {"type": "String", "feel": "optional", "value": "x"}),
        (str | None, None, {"type": "String", "feel": "optional"}),
        (str, "", {"type": "String", "feel": "optional"}),
        (SecretStr, SecretStr(""), {"type": "String", "feel": "optional", "placeholder": "{{secrets.NAME}}"}),
        (SecretStr, ..., {"type": "String", "feel": "optional", "placeholder": "{{secrets.NAME}}", **REQUIRED}),
        (
            SecretStr,
            "{{secrets.A}}",
            {"type": "String", "feel": "optional", "placeholder": "{{secrets.NAME}}", "value": "{{secrets.A}}"},
        ),
        (
            SecretStr,
            SecretStr("{{secrets.A}}"),
            {"type": "String", "feel": "optional", "placeholder": "{{secrets.NAME}}", "value": "{{secrets.A}}"},
        ),
        (bool, ..., {"type": "Boolean", "feel": "static"}),
        (bool, True, {"type": "Boolean", "feel": "static", "value": True}),
        (int, ..., {"type": "Number", "feel": "static", **REQUIRED}),
        (float | None, None, {"type": "Number", "feel": "static"}),
        (int | float, 2, {"type": "Number", "feel": "static", "value": 2}),
        (Decimal, Decimal("1.5"), {"type": "Number", "feel": "static", "value": 1.5}),
        (
            Colour,
            ...,
            {"type": "Dropdown", "choices": [{"name": "red", "value": "red"}, {"name": "blue", "value": "blue"}], **REQUIRED},
        ),
        (
            Colour,
            Colour.BLUE,
            {
                "type": "Dropdown",
                "choices": [{"name": "red", "value": "red"}, {"name": "blue", "value": "blue"}],
                "value": "blue",
            },
        ),
        (
            Literal["a", "b"],
            "a",
            {"type": "Dropdown", "choices": [{"name": "a", "value": "a"}, {"name": "b", "value": "b"}], "value": "a"},
        ),
        (Literal["only"], ..., {"type": "Hidden", "value": "only"}),
        (dict[str, Any], ..., {"type": "Text", "feel": "required", **REQUIRED}),
        (list[int], [], {"type": "Text", "feel": "required"}),
        (list[int], [1, 2], {"type": "Text", "feel": "required", "value": "=[1, 2]"}),
        (Any, ..., {"type": "Text", "feel": "required", **REQUIRED}),
        (JsonValue, None, {"type": "Text", "feel": "required"}),
        (str | dict[str, Any], ..., {"type": "Text", "feel": "optional", **REQUIRED}),
        (float, 0.5, {"type": "Number", "feel": "static", "value": 0.5}),
        (Annotated[int, Field(ge=0, le=9)], 3, {"type": "Number", "feel": "static", "value": 3}),
        (Annotated[int, Field(examples=[7])], 3, {"type": "Number", "feel": "static", "value": 3}),
        (Colour | None, None, {"type": "Dropdown", "choices": BOTH}),
        (tuple[int, ...], ..., {"type": "Text", "feel": "required", **REQUIRED}),
        (Listed, ..., {"type": "Text", "feel": "required", **REQUIRED}),
        (Annotated[str | None, TemplateHint(not_empty=True)], None, {"type": "String", "feel": "optional", **REQUIRED}),
        (Annotated[Retry, TemplateHint(type="Text", feel="required")], ..., {"type": "Text", "feel": "required", **REQUIRED}),
        (
            Annotated[str, Field(examples=["a", "b"])],
            "x",
            {"type": "String", "feel": "optional", "placeholder": "a", "value": "x"},
        ),
        (Annotated[str, Field(min_length=1)], ..., {"type": "String", "feel": "optional", **REQUIRED}),
        (Annotated[str | None, Field(min_length=2)], None, {"type": "String", "feel": "optional"}),
        (
            Annotated[str, Field(examples=["C-42"])],
            ...,
            {"type": "String", "feel": "optional", "placeholder": "C-42", **REQUIRED},
        ),
        (
            Annotated[str, Field(description="Who")],
            "x",
            {"description": "Who", "type": "String", "feel": "optional", "value": "x"},
        ),
        (
            Annotated[str, Field(min_length=2, max_length=5)],
            "xx",
            {"type": "String", "feel": "optional", "value": "xx", "constraints": {"minLength": 2, "maxLength": 5}},
        ),
        (
            Annotated[str, Field(pattern="^C-[0-9]+$")],
            ...,
            {
                "type": "String",
                "feel": "optional",
                "constraints": {
                    "notEmpty": True,
                    "pattern": {"value": r"^(=|\{\{|secrets\.)|(?:^C-[0-9]+$)", "message": "Must match ^C-[0-9]+$"},
                },
            },
        ),
        (
            Annotated[
                str,
                TemplateHint(
                    type="Text",
                    feel="required",
                    tooltip="t",
                    language="json",
                    condition={"property": "a", "equals": "b", "type": "simple"},
                ),
            ],
            "x",
            {
                "tooltip": "t",
                "type": "Text",
                "feel": "required",
                "language": "json",
                "value": "x",
                "condition": {"property": "a", "equals": "b", "type": "simple"},
            },
        ),
        (
            Annotated[Colour, TemplateHint(choices={"red": "Rot"})],
            ...,
            {"type": "Dropdown", "choices": [{"name": "Rot", "value": "red"}, {"name": "blue", "value": "blue"}], **REQUIRED},
        ),
    ],
)
def test_each_type_has_its_property(annotation: Any, default: Any, expected: dict[str, Any]) -> None:
    assert field_of(annotation, default) == expected


@pytest.mark.parametrize(
    ("kind", "texts", "wrong"),
    [
        (timedelta, ["PT30S", "P1D", "P1DT2H", "PT0.5S", "-PT5M", "P2W"], ["30", "P", "PT", "30S", "P1DT"]),
        (
            datetime,
            ["2026-01-31T08:30", "2026-01-31T08:30:00Z", "2026-01-31T08:30:00.5+01:00"],
            ["2026-01-31", "08:30", "tomorrow"],
        ),
        (date, ["2026-01-31"], ["31.01.2026", "2026-01-31T08:30"]),
        (time, ["08:30", "08:30:15", "08:30:15Z"], ["8:30", "noon"]),
    ],
)
def test_a_time_takes_what_the_input_model_reads_an_expression_or_a_secret(kind: Any, texts: list[str], wrong: list[str]) -> None:
    made = field_of(kind)
    assert (made["type"], made["feel"], made["constraints"]["notEmpty"]) == ("String", "optional", True)
    pattern = re.compile(made["constraints"]["pattern"]["value"])
    assert [text for text in [*texts, "= now()", "{{secrets.AT}}"] if not pattern.search(text)] == []
    assert [text for text in ["", *wrong] if pattern.search(text)] == []
    for text in texts:
        TypeAdapter(kind).validate_python(text)


def test_the_default_of_a_time_is_written_as_its_pattern_wants() -> None:
    made = field_of(timedelta, timedelta(seconds=30))
    assert made["value"] == "PT30S"
    assert re.search(made["constraints"]["pattern"]["value"], made["value"])


def test_a_field_that_may_stay_empty_has_a_pattern_that_allows_it() -> None:
    made = field_of(Annotated[str | None, Field(pattern="^C-")], None)
    pattern = re.compile(made["constraints"]["pattern"]["value"])
    assert [bool(pattern.search(text)) for text in ("", "C-1", "=x", "D-1")] == [True, True, True, False]
    assert pattern.search("undefined"), "what Modeler tests while nobody has filled the field in"


@pytest.mark.parametrize("source", [r"(?P<year>\d+)", r"\Ax", r"x\Z", "(?i)x", "(?i:x)", "a++"])
def test_a_pattern_that_javascript_cannot_read_has_no_template(source: str) -> None:
    with pytest.raises(TemplateError, match="cannot offer 'my_field': Modeler cannot read the pattern"):
        field_of(Annotated[str, PatternOnly(source)])


def test_a_hidden_field_is_not_offered() -> None:
    class Model(BaseModel):
        shown: str
        not_shown: Annotated[str, TemplateHint(hidden=True)] = "x"

    assert [item.document["id"] for item in input_properties(Model)] == ["shown"]


def test_a_header_field_is_bound_to_a_task_header() -> None:
    class Model(BaseModel):
        operation: Annotated[Literal["create", "delete"], TemplateHint(header=True)]

    assert input_properties(Model)[0].document["binding"] == {"type": "zeebe:taskHeader", "key": "operation"}


class Nested(BaseModel):
    retry: Retry = Retry()
    grouped: Annotated[Retry, TemplateHint(group="extra")] = Retry()


def test_nested_models_are_flattened_to_dotted_bindings_in_a_group_of_their_own() -> None:
    first, second = input_properties(Nested)
    assert first.document["binding"] == {"type": "zeebe:input", "name": "retry.maxDelay"}
    assert (first.document["label"], first.group, first.group_label) == ("Max delay", "retry", "Retry")
    assert (second.document["id"], second.group) == ("grouped.maxDelay", "extra")


class Tree(BaseModel):
    children: "Tree | None" = None


def test_a_model_that_holds_itself_is_one_expression() -> None:
    (item,) = input_properties(Tree)
    assert (item.document["id"], item.document["type"]) == ("children", "Text")


class Plain(BaseModel):
    type: Literal["plain"] = "plain"


class Password(BaseModel):
    type: Literal["password"] = "password"
    user: str
    place: Annotated[Literal["head", "body"], Field(title="Where")] = "head"


class Deep(BaseModel):
    type: Literal["deep"] = "deep"
    user: str
    inner: Plain | Password = Field(default=Plain(), discriminator="type")


class Login(BaseModel):
    before: str
    login: Plain | Password | Deep = Field(default=Plain(), discriminator="type")


def test_a_discriminated_union_is_a_dropdown_with_dependants_after_it() -> None:
    properties = {item.document["id"]: item.document for item in input_properties(Login)}
    assert list(properties) == [
        "before",
        "login.type",
        "login.user",
        "login.place",
        "login.user.deep",
        "login.inner.type",
        "login.inner.user",
        "login.inner.place",
    ]
    assert properties["login.type"] == {
        "id": "login.type",
        "label": "Login",
        "type": "Dropdown",
        "choices": [
            {"name": "Plain", "value": "plain"},
            {"name": "Password", "value": "password"},
            {"name": "Deep", "value": "deep"},
        ],
        "value": "plain",
        "group": "login",
        "binding": {"type": "zeebe:input", "name": "login.type"},
    }
    password = {"property": "login.type", "equals": "password", "type": "simple"}
    deep = {"property": "login.type", "equals": "deep", "type": "simple"}
    assert properties["login.user"]["condition"] == password
    assert properties["login.user.deep"]["binding"]["name"] == "login.user"
    assert properties["login.inner.type"]["condition"] == deep
    assert properties["login.inner.user"]["condition"] == {
        "allMatch": [deep, {"property": "login.inner.type", "equals": "password", "type": "simple"}]
    }


def test_a_variant_without_a_literal_of_one_text_has_no_template() -> None:
    class Odd(BaseModel):
        type: Literal["a", "b"]

    class Holder(BaseModel):
        it: Odd | Plain = Field(discriminator="type")

    with pytest.raises(TemplateError, match="cannot offer 'it': 'type' of Odd must be a Literal of one text"):
        input_properties(Holder)


@pytest.mark.parametrize(
    ("name", "text"),
    [("customer_id", "Customer id"), ("customerId", "Customer id"), ("URL", "URL"), ("a", "A"), ("apiURL", "Api URL")],
)
def test_names_become_words(name: str, text: str) -> None:
    assert words(name) == text


@connector(id="acme:lookup:1", name="Lookup", version=4, description="Find", documentation="https://example.com")
async def lookup(login: Login) -> None: ...


def test_a_template_has_its_frame() -> None:
    template = element_template(lookup)
    document = template.document
    assert (template.id, template.version) == ("acme:lookup:1", 4)
    assert list(document) == [
        "$schema",
        "name",
        "id",
        "version",
        "description",
        "documentationRef",
        "category",
        "engines",
        "appliesTo",
        "elementType",
        "groups",
        "properties",
    ]
    assert [group["id"] for group in document["groups"]] == ["input", "login", "connector", "output", "error", "retries"]
    assert document["properties"][0] == {
        "type": "Hidden",
        "value": "acme:lookup:1",
        "binding": {"type": "zeebe:taskDefinition", "property": "type"},
    }
    keys = {item["binding"].get("key"): item.get("value") for item in document["properties"]}
    assert (keys["elementTemplateId"], keys["elementTemplateVersion"]) == ("acme:lookup:1", "4")
    assert {"resultVariable", "resultExpression", "errorExpression", "retryBackoff", "jobTimeout"} <= set(keys)


def test_all_ids_are_unique_and_every_group_and_condition_names_something_before_it() -> None:
    for function in (lookup, load_function("x", Source(builtin="http-json"))):
        document = element_template(function).document
        groups = {group["id"] for group in document["groups"]}
        seen: set[str] = set()
        for item in document["properties"][1:]:
            assert item["group"] in groups
            condition = item.get("condition", {})
            for part in condition.get("allMatch", [condition] if condition else []):
                assert part["property"] in seen
            assert item["id"] not in seen
            seen.add(item["id"])


def test_a_function_under_another_job_type_has_a_template_of_its_own() -> None:
    other = element_template(lookup, "acme:lookup-test:1")
    assert (other.id, other.document["name"]) == ("acme:lookup-test:1", "Lookup (acme:lookup-test:1)")


def test_the_same_function_gives_the_same_bytes_and_the_digest_is_of_them() -> None:
    first, second = element_template(lookup), element_template(lookup)
    text = json.dumps(first.document, indent=2, ensure_ascii=False)
    assert to_json(second.document) == text
    assert first.digest == second.digest == hashlib.sha256(text.encode()).hexdigest()


class Customer(BaseModel):
    full_name: str = Field(alias="fullName")
    age: int


def test_the_members_of_a_known_response_are_told_where_they_are_mapped() -> None:
    @connector(id="a:1", name="A")
    async def find(variables: dict[str, Any]) -> Customer: ...

    properties = {item.get("id"): item for item in element_template(find).document["properties"]}
    assert properties["resultExpression"]["tooltip"] == "The response has: fullName, age"


def test_a_function_of_plain_variables_has_a_template_without_inputs() -> None:
    @connector(id="a:1", name="A")
    async def anything(variables: dict[str, Any]) -> None: ...

    template = element_template(anything)
    assert isinstance(template, ElementTemplate)
    assert all(item["binding"]["type"] != "zeebe:input" for item in template.document["properties"])

"""Each rule has a template that breaks it, and a good template breaks none."""

from typing import Any

import pytest
from template_builder import good_template, spoilt

from connector_operator.element_templates.check import check_files, check_template, why_refused
from connector_operator.element_templates.documents import read_document
from connector_operator.element_templates.findings import Rule, pointer
from connector_operator.element_templates.view import PropertyView

PLAIN = {"property": "mode", "equals": "plain", "type": "simple"}
LOUD = {"property": "mode", "equals": "loud", "type": "simple"}
NAME = good_template()["properties"][2]
MODE = good_template()["properties"][1]


def extra(**members: Any) -> dict[str, Any]:
    """A template with one more property."""
    added = {"id": "more", "label": "More", "type": "String", "binding": {"type": "zeebe:input", "name": "more"}}
    return spoilt(("properties", 5), added | members)


def circle() -> dict[str, Any]:
    template = extra(condition={"property": "name", "equals": "x", "type": "simple"})
    template["properties"][2]["condition"] = {"property": "more", "equals": "x", "type": "simple"}
    return template


CONFIGURATION = {"type": "Configuration", "configurationTemplate": " ", "binding": {"type": "zeebe:input", "name": "more"}}

# rule, template, where the finding is
ROWS: list[tuple[Rule, Any, str]] = [
    (Rule.NOT_AN_OBJECT, "text", ""),
    (Rule.NOT_AN_OBJECT, None, ""),
    (Rule.SCHEMA_ATTRIBUTE, spoilt(("$schema",), remove=True), "$schema"),
    (Rule.SCHEMA_ATTRIBUTE, spoilt(("$schema",), "https://example.com/schema.json"), "$schema"),
    (Rule.SCHEMA_TOO_NEW, spoilt(("$schema",), "x@camunda/zeebe-element-templates-json-schema@0.46.1/"), "$schema"),
    (Rule.ELEMENT_TYPE, spoilt(("appliesTo",), ["bpmn:UserTask"]), "elementType.value"),
    (Rule.ELEMENT_TYPE, spoilt(("appliesTo",), ["bpmn:Task", "bpmn:StartEvent"]), "appliesTo[1]"),
    (Rule.CONFIGURATION, extra(**CONFIGURATION), "properties[5].configurationTemplate"),
    (
        Rule.CONFIGURATION,
        spoilt(("configurationTemplates",), [{"id": "a", "name": "", "kind": "k"}]),
        "configurationTemplates[0].name",
    ),
    (Rule.SCHEMA, spoilt(("name",), remove=True), ""),
    (Rule.SCHEMA, spoilt(("version",), "3"), "version"),
    (Rule.SCHEMA, spoilt(("properties", 2, "type"), "Sting"), "properties[2].type"),
    (Rule.ENGINE_RANGE, spoilt(("engines", "camunda"), "eight"), "engines.camunda"),
    (Rule.CONDITION_TARGET, spoilt(("properties", 2, "condition", "property"), "moda"), "properties[2].condition"),
    (Rule.CONDITION_ITSELF, spoilt(("properties", 2, "condition", "property"), "name"), "properties[2].condition"),
    (
        Rule.CONDITION_ORDER,
        spoilt(("properties", 1, "condition"), {"property": "name", "equals": "x", "type": "simple"}),
        "properties[1].condition",
    ),
    (Rule.CONDITION_VALUE, spoilt(("properties", 2, "condition", "equals"), "soft"), "properties[2].condition"),
    (
        Rule.CONDITION_VALUE,
        spoilt(("properties", 2, "condition"), {"property": "mode", "oneOf": ["loud", "soft"], "type": "simple"}),
        "properties[2].condition",
    ),
    (
        Rule.CONDITION_CONTRADICTION,
        spoilt(("properties", 2, "condition"), {"allMatch": [PLAIN, LOUD]}),
        "properties[2].condition.allMatch[1]",
    ),
    (Rule.CONDITION_CYCLE, circle(), "properties[2].condition"),
    (Rule.DUPLICATE_ID, extra(id="name"), "properties[5].id"),
    (Rule.DUPLICATE_BINDING, extra(binding={"name": "name", "type": "zeebe:input"}), "properties[5].binding"),
    (Rule.GROUP_TARGET, extra(group="which"), "properties[5].group"),
    (Rule.DUPLICATE_GROUP, spoilt(("groups", 1), {"id": "what", "label": "Again"}), "groups[1]"),
    (Rule.EMPTY_GROUP, spoilt(("groups", 1), {"id": "none", "label": "None"}), "groups[1]"),
    (Rule.DEFAULT_CHOICE, spoilt(("properties", 1, "value"), "soft"), "properties[1].value"),
    (
        Rule.DUPLICATE_CHOICE,
        spoilt(("properties", 1, "choices", 2), {"name": "Loud too", "value": "loud"}),
        "properties[1].choices",
    ),
    (
        Rule.DUPLICATE_CHOICE_NAME,
        spoilt(("properties", 1, "choices", 2), {"name": "Loud", "value": "louder"}),
        "properties[1].choices",
    ),
    (Rule.HEADER_VERSION, spoilt(("version",), 4), "properties[3].value"),
    (Rule.HEADER_ID, spoilt(("id",), "com.example:other:1"), "properties[4].value"),
    (Rule.TASK_TYPE_MISSING, spoilt(("properties", 0), remove=True), "properties"),
    (Rule.TASK_TYPE_FORM, spoilt(("properties", 0, "binding"), {"type": "zeebe:taskDefinition:type"}), "properties[0].binding"),
    (Rule.VERSION_MISSING, spoilt(("version",), remove=True), ""),
    (Rule.ENGINES_MISSING, spoilt(("engines",), remove=True), "engines"),
    (
        Rule.SCHEMA_PINNED,
        spoilt(("$schema",), "https://unpkg.com/@camunda/zeebe-element-templates-json-schema@0.9.0/x"),
        "$schema",
    ),
    (Rule.ICON_SIZE, spoilt(("icon", "contents"), "data:image/svg+xml," + "x" * 8193), "icon.contents"),
    (Rule.ICON_SIZE, spoilt(("icon", "contents"), "data:image/png;base64," + "AAAA" * 2731), "icon.contents"),
    (Rule.ICON_ADDRESS, spoilt(("icon", "contents"), "https://example.com/icon.svg"), "icon.contents"),
    (Rule.HIDDEN_VALUE, extra(type="Hidden"), "properties[5].type"),
    (Rule.OPTIONAL_INPUT, extra(optional=True), "properties[5].optional"),
    (Rule.EMPTY_INPUT, extra(value=""), "properties[5].value"),
    (Rule.PATTERN, spoilt(("properties", 2, "constraints", "pattern", "value"), "(A"), "properties[2].constraints"),
    (Rule.DEFAULT_CONSTRAINT, spoilt(("properties", 2, "value"), "ada"), "properties[2].value"),
    (Rule.DEFAULT_CONSTRAINT, spoilt(("properties", 2, "value"), "A"), "properties[2].value"),
    (Rule.DEFAULT_CONSTRAINT, spoilt(("properties", 2, "value"), "Adalovelace"), "properties[2].value"),
    (Rule.DEFAULT_EXPRESSION, extra(feel="required", value="x"), "properties[5].value"),
    (Rule.LENGTHS, extra(constraints={"minLength": 3, "maxLength": 2}), "properties[5].constraints"),
    (Rule.LABEL_MISSING, spoilt(("properties", 2, "label"), remove=True), "properties[2]"),
    (Rule.DOCUMENTATION, spoilt(("documentationRef",), "http://example.com"), "documentationRef"),
    (Rule.SECRET_VALUE, extra(id="login.apiToken", value="abc"), "properties[5].value"),
    (Rule.SECRET_VALUE, extra(binding={"type": "zeebe:input", "name": "login.password"}, value="abc"), "properties[5].value"),
    (Rule.ID_FORM, spoilt(("id",), "two words"), "id"),
    (Rule.ID_FORM, spoilt(("id",), "x" * 201), "id"),
    (Rule.SIZE, spoilt(("description",), "x" * 900 * 1024), ""),
]


@pytest.mark.parametrize(("rule", "template", "place"), ROWS, ids=[f"{row[0].word}-{n}" for n, row in enumerate(ROWS)])
def test_each_rule_finds_its_template(rule: Rule, template: Any, place: str) -> None:
    found = [finding for finding in check_template(template) if finding.rule is rule]
    assert [pointer(finding.path) for finding in found] == [place]
    assert found[0].message
    assert found[0].fix


def test_every_rule_has_a_row_here_or_needs_a_file() -> None:
    assert set(Rule) - {row[0] for row in ROWS} == {Rule.NOT_JSON, Rule.DUPLICATE_KEY, Rule.TAKEN}


def test_there_are_at_least_25_rules_beyond_what_modeler_refuses() -> None:
    words = [rule.word for rule in Rule]
    assert len(set(words)) == len(words)
    assert words.index("condition-target") + 25 <= len(words)


def test_a_good_template_has_no_findings() -> None:
    assert check_template(good_template()) == []


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(extra(id="name", condition=PLAIN), id="an id is shared by properties that exclude each other"),
        pytest.param(
            extra(binding={"type": "zeebe:input", "name": "name"}, condition=PLAIN), id="a binding is shared by such properties"
        ),
        pytest.param(extra(id="password", value="{{secrets.P}}"), id="a secret is a placeholder"),
        pytest.param(extra(feel="required", value="= 1"), id="an expression may be a default"),
        pytest.param(spoilt(("properties", 2, "value"), "=x"), id="constraints are not for expressions"),
        pytest.param(
            spoilt(("properties", 2, "condition"), {"property": "mode", "isActive": True, "type": "simple"}), id="isActive"
        ),
        pytest.param(
            spoilt(("properties", 2, "constraints", "pattern", "value"), "^(?<first>A)"), id="JavaScript's named groups"
        ),
        pytest.param(extra(value="", constraints={"notEmpty": True}), id="an empty input that must be filled in"),
        pytest.param(extra(value="", binding={"type": "zeebe:taskHeader", "key": "more"}), id="an empty header"),
    ],
)
def test_what_is_allowed_has_no_findings(template: dict[str, Any]) -> None:
    assert check_template(template) == []


@pytest.mark.parametrize(
    "text",
    [
        "^8.8",
        "8",
        "8.x",
        "*",
        "",
        ">=8.6 <9",
        "8.6 - 8.9",
        "~8.7.1",
        "^8.8 || ^9",
        "=8.8.0-alpha1",
        "v8.8.0",
        "< 8",
        "<=8.6.0+build",
    ],
)
def test_ranges_of_semantic_versions_are_taken(text: str) -> None:
    assert why_refused(spoilt(("engines", "camunda"), text)) is None


@pytest.mark.parametrize("text", ["eight", "8.8.8.8", "^", ">8 &&<9", "8..8", "8,9"])
def test_what_is_no_range_is_refused(text: str) -> None:
    finding = why_refused(spoilt(("engines", "camunda"), text))
    assert finding is not None
    assert finding.rule is Rule.ENGINE_RANGE


@pytest.mark.parametrize("text", ["{", "[1,]", '{"a": NaN}', "", "[" * 100_000])
def test_what_is_no_json_is_one_finding(text: str) -> None:
    (finding,) = check_files({"a.json": read_document(text)})
    assert (finding.file, finding.finding.rule) == ("a.json", Rule.NOT_JSON)


def test_a_member_that_stands_twice_is_found_with_its_line() -> None:
    document = read_document('{\n "a": [{"b": 1,\n  "b": 2}],\n "c{\\"": "}"\n}')
    assert [(finding.rule, pointer(finding.path), document.line(finding.path)) for finding in document.findings] == [
        (Rule.DUPLICATE_KEY, "a[0].b", 3)
    ]
    assert document.line(('c{"',)) == 4
    assert document.line(("a", 0, "nothing")) == 2


def test_the_same_id_and_version_in_two_files_is_found_in_the_second() -> None:
    text = '{"id": "x", "version": 1}'
    found = [
        item for item in check_files({"a": read_document(text), "b": read_document(text)}) if item.finding.rule is Rule.TAKEN
    ]
    assert [(item.file, item.finding.message) for item in found] == [("b", "'x' version 1 is also in 'a'")]


def test_every_member_of_a_wrong_shape_is_left_to_the_schema() -> None:
    for member in good_template():
        for wrong in (None, 1, True, "x", [], {}, [1], {"a": 1}, [[]]):
            check_template(spoilt((member,), wrong))
    for member in NAME | MODE:
        for wrong in (None, 1, True, "x", [], {}, [1], {"a": 1}, [[]], [{"value": []}]):
            check_template(spoilt(("properties", 2), NAME | {member: wrong}))
            check_template(spoilt(("properties", 1), MODE | {member: wrong}))


def test_a_property_is_named_by_what_people_know_of_it() -> None:
    assert PropertyView(7, {}).name == "7"
    assert PropertyView(7, {"binding": {"key": "k"}}).name == "k"
    assert PropertyView(7, {"label": "L", "binding": {"key": "k"}}).name == "L"
    assert PropertyView(7, {"id": "i", "label": "L"}).name == "i"

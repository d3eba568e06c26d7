"""What a filled-in template promises, and what is said when something else comes."""

from typing import Any

import pytest
from modeler_diagram import NoPlaceError, diagram
from modeler_form import Form
from modeler_promise import Promise, differences, exported, promise

TYPE = {"type": "Hidden", "value": "acme.io:it:1", "binding": {"type": "zeebe:taskDefinition", "property": "type"}}


def bound(binding: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "String", "binding": binding} | members


def of_input(name: str, **members: Any) -> dict[str, Any]:
    return bound({"type": "zeebe:input", "name": name}, **members)


def promised(*properties: dict[str, Any], **members: Any) -> Promise:
    return promise(Form({"id": "t", "version": 2, "properties": [TYPE, *properties], **members}), "bpmn:Task")


def variables(*properties: dict[str, Any]) -> Any:
    return promised(*properties).job({})["variables"]


def test_dotted_inputs_become_nested_variables() -> None:
    assert variables(of_input("a.b", value="x"), of_input("a.c", value="y")) == {"a": {"b": "x", "c": "y"}}


@pytest.mark.parametrize(
    ("members", "value"),
    [
        ({"value": "text"}, "text"),
        ({"value": '={n: 1, s: "x"}', "feel": "required"}, {"n": 1, "s": "x"}),
        ({"type": "Number", "feel": "static", "value": 20}, 20),
        ({"type": "Boolean", "feel": "static", "value": False}, False),
        ({"type": "Dropdown", "value": "x"}, "x"),
        ({"type": "Number", "value": 20}, 20),
        ({"type": "Number", "feel": "static"}, None),
        ({"type": "Boolean"}, False),
        ({"value": "{n: 1}", "feel": "required"}, {"n": 1}),
    ],
)
def test_a_variable_is_what_zeebe_makes_of_the_text(members: dict[str, Any], value: Any) -> None:
    assert variables(of_input("a", **members)) == {"a": value}


def test_an_empty_input_is_null_and_an_optional_one_is_not_there() -> None:
    assert variables(of_input("a"), of_input("b", optional=True)) == {"a": None}


def test_the_job_has_the_variables_of_the_process_and_expressions_see_them() -> None:
    job = promised(of_input("a", value="=order.id", feel="required"), of_input("b.c", value="x")).job({"order": {"id": 7}})
    assert job["variables"] == {"order": {"id": 7}, "a": 7, "b": {"c": "x"}}


def test_empty_headers_are_not_there() -> None:
    found = promised(bound({"type": "zeebe:taskHeader", "key": "h"}), bound({"type": "zeebe:taskHeader", "key": "i"}, value="=1"))
    assert found.job({})["headers"] == {"i": "=1"}


def test_retries_may_be_an_expression() -> None:
    retries = bound({"type": "zeebe:taskDefinition", "property": "retries"}, value="=1 + 1")
    assert promised(retries).job({})["retries"] == 2


def test_the_element_becomes_what_the_template_says() -> None:
    assert promised().element == "bpmn:Task"
    assert promised(elementType={"value": "bpmn:ServiceTask"}).element == "bpmn:ServiceTask"


def test_nothing_is_said_when_all_is_as_promised() -> None:
    assert differences({"a": {"b": [1, None]}}, {"a": {"b": [1, None]}}) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "a: {'b': 1} was promised and is not there"),
        ({"a": {"b": 2}}, "a.b: 1 was promised, not 2"),
        ({"a": {"b": True}}, "a.b: 1 was promised, not True"),
        ({"a": {"b": "1"}}, "a.b: 1 was promised, not '1'"),
        ({"a": {"b": None}}, "a.b: 1 was promised, not None"),
        ({"a": {"b": 1, "c": None}}, "a.c: None was not promised"),
    ],
)
def test_each_difference_is_said_with_its_place(found: dict[str, Any], told: str) -> None:
    assert differences({"a": {"b": 1}}, found) == [told]


def test_a_whole_number_may_come_as_a_fraction() -> None:
    assert differences({"a": 1}, {"a": 1.0}) == []


EXPORTED = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><bpmn:process><bpmn:startEvent/>
<bpmn:serviceTask zeebe:modelerTemplate="t" zeebe:modelerTemplateVersion="2"><bpmn:extensionElements>
<zeebe:taskDefinition type="acme.io:it:1"/><zeebe:ioMapping><zeebe:input source="=1" target="a"/><zeebe:input target="b"/>
</zeebe:ioMapping><zeebe:taskHeaders><zeebe:header key="h" value="v"/></zeebe:taskHeaders></bpmn:extensionElements>
</bpmn:serviceTask></bpmn:process></bpmn:definitions>"""


def test_a_diagram_is_read_as_the_promise_is_written() -> None:
    expected = promised(
        of_input("a", type="Number", feel="static", value=1),
        of_input("b"),
        bound({"type": "zeebe:taskHeader", "key": "h"}, value="v"),
        elementType={"value": "bpmn:ServiceTask"},
    )
    assert differences(expected.diagram(), exported(EXPORTED)) == []


@pytest.mark.parametrize(
    ("spoilt", "place"), [('target="a"', "inputs.a"), ('key="h"', "headers.h"), ('"acme.io:it:1"', "job type")]
)
def test_a_diagram_with_another_binding_differs(spoilt: str, place: str) -> None:
    changed = exported(EXPORTED.replace(spoilt, spoilt[:-1] + 'x"'))
    assert any(line.startswith(f"{place}:") for line in differences(exported(EXPORTED), changed))


def test_a_diagram_ends_after_an_event_that_ends_it() -> None:
    assert 'sourceRef="Element_1"' not in diagram("p", "bpmn:EndEvent", "n")
    assert 'sourceRef="Element_1"' in diagram("p", "bpmn:SendTask", "n")


def test_an_element_that_makes_no_job_has_no_diagram() -> None:
    with pytest.raises(NoPlaceError, match="bpmn:UserTask"):
        diagram("p", "bpmn:UserTask", "n")

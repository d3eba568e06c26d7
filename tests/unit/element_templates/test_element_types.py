"""Which element is which, and which can become which."""

import pytest

from connector_operator.element_templates.element_types import can_become, is_a


@pytest.mark.parametrize(
    ("element", "base", "expected"),
    [
        ("bpmn:ServiceTask", "bpmn:ServiceTask", True),
        ("bpmn:ServiceTask", "bpmn:Task", True),
        ("bpmn:ServiceTask", "bpmn:FlowNode", True),
        ("bpmn:AdHocSubProcess", "bpmn:SubProcess", True),
        ("bpmn:Task", "bpmn:ServiceTask", False),
        ("bpmn:StartEvent", "bpmn:Task", False),
        ("bpmn:Nothing", "bpmn:Nothing", False),
        ("ServiceTask", "bpmn:Task", False),
    ],
)
def test_an_element_is_what_it_inherits(element: str, base: str, *, expected: bool) -> None:
    assert is_a(element, base) is expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("bpmn:Task", "bpmn:ServiceTask", True),
        ("bpmn:UserTask", "bpmn:CallActivity", True),
        ("bpmn:StartEvent", "bpmn:BoundaryEvent", True),
        ("bpmn:Task", "bpmn:StartEvent", False),
        ("bpmn:Process", "bpmn:Process", True),
        ("bpmn:Process", "bpmn:Participant", False),
    ],
)
def test_an_element_becomes_another_of_its_kind_only(source: str, target: str, *, expected: bool) -> None:
    assert can_become(source, target) is expected

"""The smallest diagram with one element of the type that a template applies to, as a person draws it before choosing one."""

from xml.sax.saxutils import quoteattr

EVENTS = ("bpmn:IntermediateThrowEvent", "bpmn:EndEvent")
ACTIVITIES = ("bpmn:Task", "bpmn:ServiceTask", "bpmn:SendTask", "bpmn:ScriptTask", "bpmn:BusinessRuleTask")
NAMESPACES = """xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:modeler="http://camunda.org/schema/modeler/1.0" """
PLATFORM = 'modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0"'


class NoPlaceError(Exception):
    """There is no diagram for an element of this type."""


def diagram(process: str, element: str, name: str) -> str:
    """A process that starts, comes to the element and ends; raises `NoPlaceError`."""
    if element not in (*EVENTS, *ACTIVITIES):
        msg = f"cannot draw a diagram with a {element}: only {', '.join((*ACTIVITIES, *EVENTS))} make a job and no more"
        raise NoPlaceError(msg)
    width, height = (36, 36) if element in EVENTS else (100, 80)
    goes_on = element != "bpmn:EndEvent"
    tag = _lower(element.removeprefix("bpmn:"))
    steps = [
        '<bpmn:startEvent id="Start_1"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>',
        '<bpmn:sequenceFlow id="Flow_1" sourceRef="Start_1" targetRef="Element_1" />',
        f'<bpmn:{tag} id="Element_1" name={quoteattr(name)}><bpmn:incoming>Flow_1</bpmn:incoming>',
        f"{'<bpmn:outgoing>Flow_2</bpmn:outgoing>' if goes_on else ''}</bpmn:{tag}>",
    ]
    shapes = [_shape("Start_1", 152, 36, 36), _shape("Element_1", 240, width, height), _edge("Flow_1", 188, 240)]
    if goes_on:
        steps.append('<bpmn:sequenceFlow id="Flow_2" sourceRef="Element_1" targetRef="End_1" />')
        steps.append('<bpmn:endEvent id="End_1"><bpmn:incoming>Flow_2</bpmn:incoming></bpmn:endEvent>')
        shapes += [_shape("End_1", 392, 36, 36), _edge("Flow_2", 240 + width, 392)]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {NAMESPACES} id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" {PLATFORM}>
  <bpmn:process id="{process}" isExecutable="true">{"".join(steps)}</bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1"><bpmndi:BPMNPlane id="Plane_1" bpmnElement="{process}">
    {"".join(shapes)}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shape(element: str, x: int, width: int, height: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{120 - height // 2}" width="{width}" height="{height}" />'
    return f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}">{bounds}</bpmndi:BPMNShape>'


def _edge(element: str, start: int, end: int) -> str:
    points = "".join(f'<di:waypoint x="{x}" y="120" />' for x in (start, end))
    return f'<bpmndi:BPMNEdge id="{element}_di" bpmnElement="{element}">{points}</bpmndi:BPMNEdge>'

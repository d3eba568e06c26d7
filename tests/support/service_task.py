"""The smallest process with one service task of a job type; what it completes with is the variable `answer`."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
                  id="{process}-definitions" targetNamespace="http://acme.io/bpmn">
  <bpmn:process id="{process}" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
    <bpmn:serviceTask id="task">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="{job_type}" />
        {inputs}
        <zeebe:taskHeaders><zeebe:header key="resultVariable" value="answer" /></zeebe:taskHeaders>
      </bpmn:extensionElements>
      <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="b" sourceRef="task" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def service_task(process: str, job_type: str, folder: Path, **inputs: str) -> Path:
    """A file with the diagram; `inputs` are the sources of the job's variables by their names."""
    mappings = "".join(f"<zeebe:input source={quoteattr(source)} target={quoteattr(name)} />" for name, source in inputs.items())
    io = f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else ""
    file = folder / f"{process}.bpmn"
    file.write_text(_DIAGRAM.format(process=process, job_type=job_type, inputs=io), encoding="utf-8")
    return file

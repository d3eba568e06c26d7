"""What a filled-in element template promises: about the diagram that Modeler exports, about the job that Zeebe makes of it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modeler_form import Form
from modeler_samples import name_of

import camunda_feel
from connector_operator.element_templates.view import PropertyView, mapping

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
USUAL_RETRIES = "3"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a diagram's element, and the job that it leads to, must have; all as the template's bindings say."""

    template: tuple[str, Any]
    """Id and version."""
    element: str
    """The BPMN type."""
    job_type: str
    retries: str
    inputs: Mapping[str, str | None]
    """Source by target; an empty field is a mapping without a source."""
    headers: Mapping[str, str]

    def diagram(self) -> dict[str, Any]:
        """What stands in the diagram."""
        return {
            "template": self.template,
            "element": self.element,
            "job type": self.job_type,
            "retries": self.retries,
            "inputs": dict(self.inputs),
            "headers": dict(self.headers),
        }

    def job(self, process: Mapping[str, Any]) -> dict[str, Any]:
        """What the job carries in a process that has these variables: nothing but this; an empty field is null."""
        variables = dict(process)
        for target, source in self.inputs.items():
            _put(variables, target.split("."), evaluated(source, process))
        retries = int(evaluated(self.retries, process))
        return {"job type": self.job_type, "retries": retries, "variables": variables, "headers": dict(self.headers)}


def promise(form: Form, drawn: str) -> Promise:
    """The promise of a template in the state in which a person leaves the panel; `drawn` is the element's type before."""
    document = form.template.document
    bound = list(_bound(form))
    definition = {name_of(item): text for item, text in bound if item.binding["type"] == "zeebe:taskDefinition"}
    return Promise(
        template=(document["id"], document.get("version")),
        element=mapping(document.get("elementType")).get("value") or drawn,
        job_type=str(definition["type"]),
        retries=str(definition.get("retries") or USUAL_RETRIES),
        inputs={name_of(item): text for item, text in bound if item.binding["type"] == "zeebe:input"},
        headers={name_of(item): text for item, text in bound if item.binding["type"] == "zeebe:taskHeader" and text is not None},
    )


def _bound(form: Form) -> Iterator[tuple[PropertyView, str | None]]:
    for item in form.active():
        text = form.text(item)
        if text is not None or not item.document.get("optional"):
            yield item, text


def evaluated(source: str | None, process: Mapping[str, Any]) -> Any:
    """What Zeebe makes of a text in the diagram, in a process that has these variables."""
    return camunda_feel.evaluate(source, process) if source is not None and source.startswith("=") else source


def _put(variables: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        variables = variables.setdefault(name, {})
    variables[path[-1]] = value


def exported(xml: str) -> dict[str, Any]:
    """What stands in a diagram about its element with a template."""
    element = next(one for one in ET.fromstring(xml).iter() if f"{ZEEBE}modelerTemplate" in one.attrib)
    definition = element.find(f".//{ZEEBE}taskDefinition")
    version = element.get(f"{ZEEBE}modelerTemplateVersion")
    return {
        "template": (element.get(f"{ZEEBE}modelerTemplate"), int(version) if version else None),
        "element": "bpmn:" + _upper(element.tag.removeprefix(BPMN)),
        "job type": definition.get("type") if definition is not None else None,
        "retries": (definition.get("retries") if definition is not None else None) or USUAL_RETRIES,
        "inputs": {one.get("target"): one.get("source") for one in element.iter(f"{ZEEBE}input")},
        "headers": {one.get("key"): one.get("value") for one in element.iter(f"{ZEEBE}header")},
    }


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def differences(promised: Mapping[str, Any], found: Mapping[str, Any], path: str = "") -> list[str]:
    """One line for each thing that is not as promised, down to the single variable; true is not 1."""
    told: list[str] = []
    for name in sorted({*promised, *found}, key=str):
        place = f"{path}{name}"
        if name not in found:
            told.append(f"{place}: {promised[name]!r} was promised and is not there")
        elif name not in promised:
            told.append(f"{place}: {found[name]!r} was not promised")
        elif isinstance(promised[name], Mapping) and isinstance(found[name], Mapping):
            told += differences(promised[name], found[name], f"{place}.")
        elif _kind(promised[name]) != _kind(found[name]) or promised[name] != found[name]:
            told.append(f"{place}: {promised[name]!r} was promised, not {found[name]!r}")
    return told


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__

"""Generates the element template of a connector function: what Camunda Modeler offers for it.

Form: https://github.com/camunda/element-templates-json-schema (the schema stays unversioned: a Modeler refuses templates of
a newer schema version than its own). The same function always gives the same bytes.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connector_runtime.loading import AnyFunction
from connector_runtime.template_fields import Property, input_properties
from connector_runtime.template_values import TemplateError, words

__all__ = ["ElementTemplate", "TemplateError", "element_template"]

SCHEMA = "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json"
ENGINES = "^8.8"
# Always last, in this order.
FIXED_GROUPS = {
    "connector": "Connector",
    "output": "Output mapping",
    "error": "Error handling",
    "retries": "Retries",
}


@dataclass(frozen=True, slots=True)
class ElementTemplate:
    """One element template as it is to be published."""

    id: str
    version: int
    document: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the document's JSON as docs/worker-contract.md §4 writes it."""
        return hashlib.sha256(to_json(self.document).encode()).hexdigest()


def to_json(document: Any) -> str:
    """The one way in which an element template is written as text."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def element_template(function: AnyFunction, job_type: str | None = None, operation: str = "") -> ElementTemplate:
    """Make the template for `function` served under `job_type` (default: the function's own id); raises TemplateError.

    A function that is served under another job type gets a template of its own id and name, so that both can be offered. An
    `operation` of a connector that has several gets its own id too, and a header that names it.
    """
    job_type = job_type or function.id
    name = function.name if job_type == function.id else f"{function.name} ({job_type})"
    template_id = f"{job_type}:{operation}" if operation else job_type
    inputs = input_properties(function.input_model)
    document: dict[str, Any] = {
        "$schema": SCHEMA,
        "name": name,
        "id": template_id,
        "version": function.version,
        **({"description": function.description} if function.description else {}),
        **({"documentationRef": function.documentation} if function.documentation else {}),
        "category": {"id": "connectors", "name": "Connectors"},
        "engines": {"camunda": ENGINES},
        "appliesTo": ["bpmn:Task"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "groups": _groups(inputs),
        "properties": [
            _task_type(job_type),
            *_operation_properties(operation),
            *(item.document for item in inputs),
            *_connector_properties(template_id, function.version),
            *_output_properties(function.output),
            *_error_properties(),
            *_retry_properties(),
        ],
    }
    return ElementTemplate(template_id, function.version, document)


def _groups(inputs: list[Property]) -> list[dict[str, str]]:
    labels = {item.group: item.group_label or words(item.group) for item in reversed(inputs)}
    ordered = list(dict.fromkeys(item.group for item in inputs))
    groups = [{"id": group, "label": labels[group]} for group in ordered if group not in FIXED_GROUPS]
    return groups + [{"id": group, "label": label} for group, label in FIXED_GROUPS.items()]


def _task_type(job_type: str) -> dict[str, Any]:
    return {
        "type": "Hidden",
        "value": job_type,
        "binding": {"type": "zeebe:taskDefinition", "property": "type"},
    }


def _operation_properties(operation: str) -> list[dict[str, Any]]:
    return [{"type": "Hidden", "value": operation, "binding": _header("operation")}] if operation else []


def _header(key: str) -> dict[str, str]:
    return {"type": "zeebe:taskHeader", "key": key}


def _connector_properties(template_id: str, version: int) -> list[dict[str, Any]]:
    return [
        {
            "id": "elementTemplateVersion",
            "type": "Hidden",
            "value": str(version),
            "group": "connector",
            "binding": _header("elementTemplateVersion"),
        },
        {
            "id": "elementTemplateId",
            "type": "Hidden",
            "value": template_id,
            "group": "connector",
            "binding": _header("elementTemplateId"),
        },
    ]


def _output_properties(output: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": "resultVariable",
            "label": "Result variable",
            "description": "Name of the process variable that takes the whole response",
            "type": "String",
            "group": "output",
            "binding": _header("resultVariable"),
        },
        {
            "id": "resultExpression",
            "label": "Result expression",
            "description": "Expression that maps the response to process variables",
            **_response_tooltip(output),
            "type": "Text",
            "feel": "required",
            "group": "output",
            "binding": _header("resultExpression"),
        },
    ]


def _response_tooltip(output: Any) -> dict[str, str]:
    """Name the members of a response whose model is known."""
    if not (isinstance(output, type) and issubclass(output, BaseModel)):
        return {}
    names = (field.serialization_alias or field.alias or name for name, field in output.model_fields.items())
    return {"tooltip": f"The response has: {', '.join(names)}"}


def _error_properties() -> list[dict[str, Any]]:
    return [
        {
            "id": "errorExpression",
            "label": "Error expression",
            "description": "Expression that turns responses and failures into BPMN errors, job errors or nothing",
            "type": "Text",
            "feel": "required",
            "group": "error",
            "binding": _header("errorExpression"),
        }
    ]


def _retry_properties() -> list[dict[str, Any]]:
    return [
        {
            "id": "retryCount",
            "label": "Retries",
            "description": "How often the job is tried",
            "type": "String",
            "value": "3",
            "feel": "optional",
            "group": "retries",
            "binding": {"type": "zeebe:taskDefinition", "property": "retries"},
        },
        {
            "id": "retryBackoff",
            "label": "Retry backoff",
            "description": "ISO-8601 duration to wait between tries",
            "type": "String",
            "value": "PT10S",
            "group": "retries",
            "binding": _header("retryBackoff"),
        },
        {
            "id": "jobTimeout",
            "label": "Job timeout",
            "description": "ISO-8601 duration for which one try may take; empty: as the Connector is configured",
            "type": "String",
            "optional": True,
            "group": "retries",
            "binding": _header("jobTimeout"),
        },
    ]

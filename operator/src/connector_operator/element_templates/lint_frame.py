"""Rules on a template as a whole: its identity, its engines, its icon, its job type."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from connector_operator.element_templates.findings import Finding, Rule
from connector_operator.element_templates.modeler import SCHEMA_ADDRESS
from connector_operator.element_templates.view import TemplateView, mapping, text

MAX_ICON_BYTES = 8 * 1024
MAX_ID = 200
MAX_BYTES = 900 * 1024
"""What the catalogue puts into one ConfigMap."""


def frame(template: TemplateView) -> Iterator[Finding]:
    """All findings of this page."""
    for rule in (_identity, _schema, _engines, _documentation, _icon, _headers, _task_type, _size):
        yield from rule(template)


def _identity(template: TemplateView) -> Iterator[Finding]:
    identifier = text(template.document.get("id"))
    if identifier is not None and not re.fullmatch(rf"\S{{1,{MAX_ID}}}", identifier):
        message = f"the id has {len(identifier)} characters" if len(identifier) > MAX_ID else f"the id is '{identifier}'"
        yield Finding(Rule.ID_FORM, ("id",), message, f"use 1 to {MAX_ID} characters, no blanks")
    if "version" not in template.document:
        yield Finding(Rule.VERSION_MISSING, (), "the template has no version", "add 'version': 1 and raise it with each change")


def _schema(template: TemplateView) -> Iterator[Finding]:
    address = text(template.document.get("$schema")) or ""
    if re.search(r"@\d+\.\d+\.\d+", address):
        message = "'$schema' names a version, older Modelers refuse the template"
        yield Finding(Rule.SCHEMA_PINNED, ("$schema",), message, f"use '{SCHEMA_ADDRESS}'")


def _engines(template: TemplateView) -> Iterator[Finding]:
    if "camunda" not in mapping(template.document.get("engines")):
        message = "the template does not say for which Camunda it is"
        yield Finding(Rule.ENGINES_MISSING, ("engines",), message, 'add "engines": {"camunda": "^8.8"}')


def _documentation(template: TemplateView) -> Iterator[Finding]:
    address = text(template.document.get("documentationRef"))
    if address is not None and not address.startswith("https://"):
        message = f"'documentationRef' is '{address:.80}'"
        yield Finding(Rule.DOCUMENTATION, ("documentationRef",), message, "use an https:// address")


def _icon(template: TemplateView) -> Iterator[Finding]:
    contents, path = text(mapping(template.document.get("icon")).get("contents")), ("icon", "contents")
    if contents is None:
        return
    if not contents.startswith("data:"):
        message = "the icon is loaded from the network"
        yield Finding(Rule.ICON_ADDRESS, path, message, "embed it: 'data:image/svg+xml;base64,…'")
    elif (size := _data_bytes(contents)) > MAX_ICON_BYTES:
        yield Finding(Rule.ICON_SIZE, path, f"the icon has {size} bytes", f"shrink it to {MAX_ICON_BYTES}")


def _data_bytes(address: str) -> int:
    head, _, data = address.partition(",")
    try:
        return len(base64.b64decode(data)) if head.endswith(";base64") else len(unquote_to_bytes(data))
    except binascii.Error:
        return len(data)


def _headers(template: TemplateView) -> Iterator[Finding]:
    expected = (
        (Rule.HEADER_VERSION, "elementTemplateVersion", "version"),
        (Rule.HEADER_ID, "elementTemplateId", "id"),
    )
    for rule, key, member in expected:
        wanted = str(template.document.get(member, ""))
        for item in template.bound("zeebe:taskHeader", "key", key):
            if str(item.value) != wanted:
                yield item.finding(
                    rule, "value", f"header '{key}' is '{item.value}', {member} is '{wanted}'", f"set it to '{wanted}'"
                )


def _task_type(template: TemplateView) -> Iterator[Finding]:
    old = [item for item in template.properties if item.binding.get("type") == "zeebe:taskDefinition:type"]
    for item in old:
        fix = '"binding": {"type": "zeebe:taskDefinition", "property": "type"}'
        yield item.finding(Rule.TASK_TYPE_FORM, "binding", "the job type is bound in the old form", f"write {fix}")
    service_task = mapping(template.document.get("elementType")).get("value") == "bpmn:ServiceTask"
    if service_task and not old and not any(template.bound("zeebe:taskDefinition", "property", "type")):
        message = "no property sets the job type of the service task, no worker would ever take it"
        yield Finding(Rule.TASK_TYPE_MISSING, ("properties",), message, "add a Hidden one bound to zeebe:taskDefinition, type")


def _size(template: TemplateView) -> Iterator[Finding]:
    size = len(json.dumps(template.document, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        yield Finding(Rule.SIZE, (), f"the template has {size} bytes", f"keep it under {MAX_BYTES}")

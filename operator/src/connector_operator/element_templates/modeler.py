"""What Camunda Modeler checks when it loads element templates: it drops a template at the first of these.

In Modeler's own order, see https://github.com/bpmn-io/bpmn-js-element-templates (cloud-element-templates/Validator.js).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from connector_operator.element_templates.element_types import can_become, is_a
from connector_operator.element_templates.findings import Finding, Rule
from connector_operator.element_templates.schema import PACKAGE, VERSION, violations
from connector_operator.element_templates.view import items, mapping

_PARTIAL = r"[v=\s]*(?:\d+|[xX*])(?:\.(?:\d+|[xX*])(?:\.(?:\d+|[xX*])(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)?)?"
_COMPARATOR = rf"(?:[<>]=?|=|\^|~>?)?\s*{_PARTIAL}"
_ALTERNATIVE = rf"\s*(?:{_PARTIAL}\s+-\s+{_PARTIAL}|(?:{_COMPARATOR}(?:\s+{_COMPARATOR})*)?)\s*"
_RANGE = re.compile(rf"{_ALTERNATIVE}(?:\|\|{_ALTERNATIVE})*")
SCHEMA_ADDRESS = f"https://unpkg.com/{PACKAGE}/resources/schema.json"


def refusals(template: Any) -> Iterator[Finding]:
    """Why Modeler would drop a template, apart from a second one of the same id and version."""
    if not isinstance(template, dict):
        message = f"an element template is a JSON object (got {type(template).__name__})"
        yield Finding(Rule.NOT_AN_OBJECT, (), message, "write one object per template, several in a list")
        return
    document = cast("dict[str, Any]", template)
    yield from _schema_attribute(document.get("$schema"))
    yield from _element_type(document)
    yield from _configuration(document)
    yield from violations(document)
    yield from _engines(document.get("engines"))


def _schema_attribute(value: Any) -> Iterator[Finding]:
    if not isinstance(value, str) or PACKAGE not in value:
        message = "'$schema' is missing" if value is None else f"'$schema' is of other templates: {value!r:.100}"
        yield Finding(Rule.SCHEMA_ATTRIBUTE, ("$schema",), message, f"set it to '{SCHEMA_ADDRESS}'")
        return
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", value, re.ASCII)
    if found and tuple(int(part) for part in found.groups()) > VERSION:
        newest = ".".join(str(part) for part in VERSION)
        message = f"'$schema' is of version {found.group()}, Modeler's own is {newest}"
        yield Finding(Rule.SCHEMA_TOO_NEW, ("$schema",), message, f"name no version: '{SCHEMA_ADDRESS}'")


def _element_type(document: Mapping[str, Any]) -> Iterator[Finding]:
    element_type, applies_to = document.get("elementType"), document.get("appliesTo")
    target = mapping(element_type).get("value")
    if not isinstance(target, str) or not isinstance(applies_to, list):
        return
    sources = [item for item in cast("list[Any]", applies_to) if isinstance(item, str)]
    if not any(is_a(target, source) for source in sources):
        message = f"'{target}' is none of 'appliesTo' ({', '.join(sources)})"
        yield Finding(Rule.ELEMENT_TYPE, ("elementType", "value"), message, f"add '{target}' or 'bpmn:Task' to 'appliesTo'")
        return
    for index, source in enumerate(sources):
        if not can_become(source, target):
            message = f"'{source}' cannot become '{target}'"
            yield Finding(Rule.ELEMENT_TYPE, ("appliesTo", index), message, "remove it from 'appliesTo'")


def _configuration(document: Mapping[str, Any]) -> Iterator[Finding]:
    for index, item in enumerate(items(document.get("configurationTemplates"))):
        for name in ("id", "name", "kind"):
            if not _is_text(mapping(item).get(name)):
                path = ("configurationTemplates", index, name)
                yield Finding(Rule.CONFIGURATION, path, f"a configuration template needs '{name}'", "add it, not empty")
    for index, item in enumerate(items(document.get("properties"))):
        if mapping(item).get("type") == "Configuration":
            yield from _configuration_property(mapping(item), index)


def _configuration_property(item: Mapping[str, Any], index: int) -> Iterator[Finding]:
    path = ("properties", index)
    if not _is_text(item.get("configurationTemplate")):
        message = "a Configuration property needs 'configurationTemplate'"
        yield Finding(Rule.CONFIGURATION, (*path, "configurationTemplate"), message, "name a configuration template's id")
    binding = mapping(item.get("binding"))
    if binding.get("type") not in ("zeebe:input", "zeebe:property") or not _is_text(binding.get("name")):
        message = "a Configuration property is bound to a named zeebe:input or zeebe:property"
        yield Finding(Rule.CONFIGURATION, (*path, "binding"), message, "change the binding")


def _engines(engines: Any) -> Iterator[Finding]:
    for engine, text in mapping(engines).items():
        if isinstance(text, str) and not _RANGE.fullmatch(text):
            message = f"'{text}' is no version range"
            yield Finding(Rule.ENGINE_RANGE, ("engines", engine), message, "write one such as '^8.8' or '>=8.7'")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())

"""A good element template to spoil: every test says what it changes."""

import copy
from typing import Any, cast

GOOD: dict[str, Any] = {
    "$schema": "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json",
    "name": "Greeting",
    "id": "com.example:greeting:1",
    "version": 3,
    "documentationRef": "https://example.com/greeting",
    "engines": {"camunda": "^8.8"},
    "icon": {"contents": "data:image/svg+xml;base64,PHN2Zy8+"},
    "appliesTo": ["bpmn:Task"],
    "elementType": {"value": "bpmn:ServiceTask"},
    "groups": [{"id": "what", "label": "What"}],
    "properties": [
        {"type": "Hidden", "value": "greet", "binding": {"type": "zeebe:taskDefinition", "property": "type"}},
        {
            "id": "mode",
            "label": "Mode",
            "type": "Dropdown",
            "choices": [{"name": "Plain", "value": "plain"}, {"name": "Loud", "value": "loud"}],
            "value": "plain",
            "group": "what",
            "binding": {"type": "zeebe:input", "name": "mode"},
        },
        {
            "id": "name",
            "label": "Name",
            "type": "String",
            "feel": "optional",
            "value": "Ada",
            "constraints": {"minLength": 2, "maxLength": 9, "pattern": {"value": "^[A-Z]", "message": "A name"}},
            "condition": {"property": "mode", "equals": "loud", "type": "simple"},
            "binding": {"type": "zeebe:input", "name": "name"},
        },
        {"type": "Hidden", "value": "3", "binding": {"type": "zeebe:taskHeader", "key": "elementTemplateVersion"}},
        {
            "type": "Hidden",
            "value": "com.example:greeting:1",
            "binding": {"type": "zeebe:taskHeader", "key": "elementTemplateId"},
        },
    ],
}


def good_template(**members: Any) -> dict[str, Any]:
    """A template with no findings, with some of its members replaced."""
    return copy.deepcopy(GOOD) | members


def spoilt(path: tuple[str | int, ...], value: Any = None, *, remove: bool = False) -> dict[str, Any]:
    """A good template with the member at `path` replaced, appended (index one past the end) or removed."""
    template = good_template()
    place: Any = template
    for part in path[:-1]:
        place = place[part]
    last: Any = path[-1]
    if remove:
        del place[last]
    elif isinstance(place, list) and last == len(cast("list[Any]", place)):
        cast("list[Any]", place).append(value)
    else:
        place[last] = value
    return template

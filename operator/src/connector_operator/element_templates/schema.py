"""The JSON schema of Camunda 8 element templates, as published.

`data/` holds `@camunda/zeebe-element-templates-json-schema` 0.46.0 (MIT, its licence beside it):
https://github.com/camunda/element-templates-json-schema
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

import jsonschema_rs

from connector_operator.element_templates.findings import Finding, Path, Rule, pointer

PACKAGE = "@camunda/zeebe-element-templates-json-schema"
VERSION = (0, 46, 0)
MOST = 20
"""Findings per template; what comes after the first is mostly its echo."""


def is_valid(template: Any) -> bool:
    """Whether the schema accepts the template."""
    return _validator().is_valid(template)


def violations(template: Any) -> Iterator[Finding]:
    """What the schema does not accept, the most specific place first, at most one finding per place."""
    if is_valid(template):
        return
    places: dict[Path, Finding] = {}
    errors = sorted(_validator().iter_errors(template), key=lambda error: -len(error.instance_path))
    for error in errors:
        path = tuple(error.instance_path)
        if not any(known[: len(path)] == path and len(known) > len(path) for known in places):
            places.setdefault(path, _finding(path, error))
    yield from list(places.values())[:MOST]


def _finding(path: Path, error: jsonschema_rs.ValidationError) -> Finding:
    own = _own_message([str(part) for part in error.schema_path])
    text = own or error.message
    short = text if len(text) <= 300 else f"{text[:297]}..."
    where = pointer(path) or "the template"
    return Finding(Rule.SCHEMA, path, f"{where}: {short}", "see the element template documentation of this member")


@lru_cache(maxsize=1)
def _validator() -> jsonschema_rs.Draft7Validator:
    """Of one template; the schema's own root also takes lists, and then all its messages become one."""
    schema = _data("schema.json")
    definitions = {"$ref": "#/definitions/template", "definitions": schema["definitions"]}
    return jsonschema_rs.Draft7Validator(definitions, validate_formats=False)


@lru_cache(maxsize=1)
def _messages() -> Mapping[tuple[str, ...], Any]:
    entries = cast("list[dict[str, Any]]", _data("error-messages.json"))
    return {tuple(str(part) for part in entry["path"]): entry["errorMessage"] for entry in entries}


def _own_message(schema_path: list[str]) -> str | None:
    """The package's own sentence for a keyword of the schema, where it has one without placeholders."""
    *parts, keyword = schema_path[: schema_path.index("required") + 1] if "required" in schema_path else schema_path
    message = _message_at(tuple(part for part in parts if part != "$ref"))
    if isinstance(message, Mapping):
        message = cast("Mapping[str, Any]", message).get(keyword)
    return message if isinstance(message, str) and "${" not in message else None


def _message_at(parts: tuple[str, ...]) -> Any:
    for start in ("template", "properties"):
        found = _messages().get(("definitions", start, *parts)) or _messages().get(parts)
        if found:
            return found
    return None


def _data(name: str) -> Any:
    return json.loads((files("connector_operator.element_templates") / "data" / name).read_text(encoding="utf-8"))

"""Rules on single properties: their values, choices, constraints."""

import re
from collections.abc import Iterator
from typing import Any

from connector_operator.element_templates.findings import Finding, Rule
from connector_operator.element_templates.view import PropertyView, TemplateView, mapping, scalars, text

_SECRET = re.compile(r"password|passphrase|secret|api.?key|access.?key|private.?key|token$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{\s*secrets\.|secrets\.|=")


def properties(template: TemplateView) -> Iterator[Finding]:
    """All findings of this page."""
    for item in template.properties:
        for rule in (_choices, _hidden, _optional, _empty, _constraints, _expression, _label, _secret):
            yield from rule(item)


def _choices(item: PropertyView) -> Iterator[Finding]:
    if item.type != "Dropdown":
        return
    values = scalars([choice.get("value") for choice in item.choices])
    names = [text(choice.get("name")) for choice in item.choices]
    if item.value is not None and not set(scalars([item.value])) & set(values):
        message = f"its value '{item.value}' is none of its choices"
        yield item.finding(Rule.DEFAULT_CHOICE, "value", message, "use the value of a choice, or add it")
    for value in sorted({value for value in values if values.count(value) > 1}, key=str):
        yield item.finding(Rule.DUPLICATE_CHOICE, "choices", f"two choices have the value '{value}'", "remove one")
    for name in sorted({name for name in names if name is not None and names.count(name) > 1}):
        yield item.finding(Rule.DUPLICATE_CHOICE_NAME, "choices", f"two choices are named '{name}'", "rename one")


def _hidden(item: PropertyView) -> Iterator[Finding]:
    if item.type == "Hidden" and "value" not in item.document and "generatedValue" not in item.document:
        yield item.finding(Rule.HIDDEN_VALUE, "type", "it is hidden and has no value", "give it 'value' or remove it")


def _optional(item: PropertyView) -> Iterator[Finding]:
    if item.document.get("optional") is True and item.binding.get("type") == "zeebe:input":
        message = "'optional' is deprecated for input mappings"
        yield item.finding(Rule.OPTIONAL_INPUT, "optional", message, "remove it: since Camunda 8.8 an empty input is null")


def _empty(item: PropertyView) -> Iterator[Finding]:
    filled_in = mapping(item.document.get("constraints")).get("notEmpty") is True
    left_out = item.document.get("optional") is True
    if item.value == "" and item.binding.get("type") == "zeebe:input" and not filled_in and not left_out:
        message = "it may stay empty and its value is an empty text, of which Modeler makes a mapping that Zeebe refuses"
        yield item.finding(Rule.EMPTY_INPUT, "value", message, "remove 'value', or write the empty text as '=\"\"'")


def _constraints(item: PropertyView) -> Iterator[Finding]:
    constraints = mapping(item.document.get("constraints"))
    shortest, longest = _number(constraints.get("minLength")), _number(constraints.get("maxLength"))
    if shortest is not None and longest is not None and shortest > longest:
        message = f"minLength {shortest} is above maxLength {longest}, no value fits"
        yield item.finding(Rule.LENGTHS, "constraints", message, "correct one of them")
    yield from _pattern(item, constraints.get("pattern"))
    value = text(item.value)
    if not value or value.startswith("="):
        return
    if len(value) < (shortest or 0) or (longest is not None and len(value) > longest):
        message = f"its value has {len(value)} characters, which its own minLength or maxLength does not allow"
        yield item.finding(Rule.DEFAULT_CONSTRAINT, "value", message, "change the value or the constraint")


def _pattern(item: PropertyView, pattern: Any) -> Iterator[Finding]:
    source = text(pattern) or text(mapping(pattern).get("value"))
    if source is None:
        return
    try:
        # JavaScript names groups (?<n>…), Python (?P<n>…).
        expression = re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", source))
    except re.error as error:
        message = f"'{source}' is no regular expression: {error}"
        yield item.finding(Rule.PATTERN, "constraints", message, "correct it, Modeler cannot show the property otherwise")
        return
    value = text(item.value)
    if value and not value.startswith("=") and not expression.search(value):
        yield item.finding(Rule.DEFAULT_CONSTRAINT, "value", f"its value does not match '{source}'", "change one of them")


def _expression(item: PropertyView) -> Iterator[Finding]:
    value = text(item.value)
    if item.document.get("feel") == "required" and value and not value.startswith("="):
        message = f"it needs a FEEL expression and its value is '{value:.40}'"
        yield item.finding(Rule.DEFAULT_EXPRESSION, "value", message, "start the value with '='")


def _label(item: PropertyView) -> Iterator[Finding]:
    if item.type != "Hidden" and not text(item.document.get("label")):
        yield item.finding(Rule.LABEL_MISSING, "label", "it has no label", "add one: people see an empty field")


def _secret(item: PropertyView) -> Iterator[Finding]:
    value = text(item.value)
    names = (item.id, text(item.binding.get("name")), text(item.binding.get("key")))
    named = any(name and _SECRET.search(name.rpartition(".")[2]) for name in names)
    if named and value and item.type in ("String", "Text", "Hidden") and not _PLACEHOLDER.match(value):
        message = "it is called a secret and brings a value that everybody with the template reads"
        yield item.finding(Rule.SECRET_VALUE, "value", message, "use a placeholder: '{{secrets.NAME}}'")


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None

"""What a person types into the fields of an element template: the examples of its author, or something of the right kind."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from connector_operator.element_templates.view import PropertyView, mapping

WELL_KNOWN: Mapping[str, str] = {
    "resultVariable": "answer",
    "resultExpression": "{given: response}",
    "errorExpression": 'if error != null and error.code = "404" then bpmnError("GONE", "It is gone") else null',
    "retries": "2",
    "retryBackoff": "PT1S",
    "jobTimeout": "PT1M",
}
"""Of the properties that every connector has."""
EXAMPLE = re.compile(r"such as (\S+)$")


@dataclass(frozen=True, slots=True)
class Scene:
    """What differs from the examples where a connector's world is on this machine."""

    typed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts, by the name of the binding."""
    chosen: Mapping[str, str] = field(default_factory=dict[str, str])
    """The usual choices, by the name of the binding."""
    address: str = ""
    """Scheme, host, port and first segment of the path of every http address."""
    where: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Texts that hold as well, or instead, where something is chosen: by the choice."""
    away: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Choices of which nothing is on this machine, by the name of the binding."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of the Connector."""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the examples' secrets must hold for its servers."""

    def after(self, choices: Iterable[Any]) -> "Scene":
        """The scene once these choices are made."""
        told = {name: text for choice in choices for name, text in self.where.get(str(choice), {}).items()}
        return replace(self, typed={**self.typed, **told})


class NoSampleError(Exception):
    """Nothing is known that fits a field; the text says which and what to do."""


def name_of(item: PropertyView) -> str:
    """The name of the variable, header or other place that a property is bound to."""
    binding = item.binding
    return str(binding.get("name") or binding.get("key") or binding.get("property") or "")


def is_told(item: PropertyView, scene: Scene) -> bool:
    """Whether the text is given by name, so that it also replaces a default."""
    return name_of(item) in scene.typed or name_of(item) in WELL_KNOWN


def sample(item: PropertyView, scene: Scene) -> str:
    """The text that a person types into a field, without the `=` of an expression unless the field itself has none.

    Raises `NoSampleError` for a pattern of which there is no example.
    """
    name = name_of(item)
    if name in scene.typed:
        return scene.typed[name]
    if name in WELL_KNOWN:
        return WELL_KNOWN[name]
    if item.type == "Number":
        return str(item.value + 1) if isinstance(item.value, int | float) else "7"
    return _example(item, scene) or _made_up(item)


def _example(item: PropertyView, scene: Scene) -> str:
    text = str(item.document.get("placeholder") or "")
    if scene.address and text.startswith(("http://", "https://")):
        parts = urlsplit(text)
        base = urlsplit(scene.address)
        return urlunsplit((base.scheme, base.netloc, base.path + parts.path, parts.query, ""))
    return text


def _made_up(item: PropertyView) -> str:
    rules = mapping(item.document.get("constraints"))
    label = str(item.document.get("label") or item.name)
    if item.document.get("feel") == "required":
        return f'{{sample: "{label}"}}'
    plain = f"{label} here"[: rules.get("maxLength", 200)].ljust(rules.get("minLength", 0), ".")
    pattern = mapping(rules.get("pattern"))
    told = EXAMPLE.findall(str(pattern.get("message") or ""))
    found = next((text for text in (*told, plain, "https://example.com") if re.search(pattern.get("value", ""), text)), None)
    if found is None:
        msg = f"cannot fill in '{item.name}': nothing tells a text of its pattern; give its field an example"
        raise NoSampleError(msg)
    return found

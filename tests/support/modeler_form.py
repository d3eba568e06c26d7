"""A template's fields as a person sees them in the properties panel: which are there, what they hold, which complain."""

import json
import re
from typing import Any

from connector_operator.element_templates.view import Json, PropertyView, TemplateView, mapping, scalars

Value = str | bool | int | float | None


class Form:
    """The fields of one element; a text that begins with `=` is an expression."""

    def __init__(self, template: Json) -> None:
        self.template = TemplateView(template)
        self._values: dict[int, Value] = {item.index: _at_first(item) for item in self.template.properties}

    def put(self, item: PropertyView, value: Value) -> None:
        """Fill in a field."""
        self._values[item.index] = value

    def value(self, item: PropertyView) -> Value:
        """What a field holds; an empty one holds None."""
        value = self._values[item.index]
        return None if value == "" else value

    def text(self, item: PropertyView) -> str | None:
        """What stands in the diagram for a field; None for an empty one."""
        value = self.value(item)
        return None if value is None else written(item, value)

    def active(self) -> list[PropertyView]:
        """The properties whose conditions hold, hidden ones too."""
        return [item for item in self.template.properties if self._is_active(item)]

    def shown(self) -> list[str]:
        """The entries of the panel, in its order: group by group, as their first fields come."""
        groups = dict.fromkeys(item.document.get("group") for item in self.active())
        return [
            self.entry(item)
            for group in groups
            for item in self.active()
            if item.document.get("group") == group and is_field(item)
        ]

    def lacking(self) -> list[str]:
        """The entries that complain: empty where they must not be, too short or long, or not as their pattern wants."""
        return [self.entry(item) for item in self.active() if is_field(item) and self.complains(item)]

    def entry(self, item: PropertyView) -> str:
        """How the panel names a field: by its place among the active properties of its group."""
        group = item.document.get("group")
        place = [other.index for other in self.active() if other.document.get("group") == group].index(item.index)
        return f"custom-entry-{self.template.document['id']}{f'-{group}' if group else ''}-{place}"

    def _is_active(self, item: PropertyView) -> bool:
        return all(
            any(self._holds(target, atom.values) for target in self.template.by_id.get(atom.target, [])) for atom in item.atoms
        )

    def _holds(self, target: PropertyView, values: frozenset[Any] | None) -> bool:
        if not self._is_active(target):
            return False
        return values is None or bool(values.intersection(scalars([self._values[target.index]])))

    def complains(self, item: PropertyView) -> bool:
        """Whether the panel says that something is wrong with a field."""
        value, rules = self.value(item), mapping(item.document.get("constraints"))
        text = self.text(item) or ""
        if rules.get("notEmpty") and not text:
            return True
        if item.type not in ("String", "Text"):
            return False
        pattern = rules.get("pattern")
        source = pattern if isinstance(pattern, str) else mapping(pattern).get("value")
        too_long = len(text) > rules.get("maxLength", len(text))
        # Modeler tests the text "undefined" where an input has no source
        tested = "undefined" if value is None and item.binding.get("type") == "zeebe:input" else text
        return len(text) < rules.get("minLength", 0) or too_long or bool(source and not re.search(source, tested))


def is_field(item: PropertyView) -> bool:
    """Whether the panel shows it at all."""
    return item.type != "Hidden"


def is_evaluated(item: PropertyView) -> bool:
    """Whether what a field holds is an expression in any case, a number or a tick being one too."""
    bound_to_variable = item.binding.get("type") in ("zeebe:input", "zeebe:output")
    feel = item.document.get("feel") or ("static" if bound_to_variable else None)
    return feel == "required" or (item.type in ("Boolean", "Number") and feel in ("optional", "static"))


def written(item: PropertyView, value: str | bool | int | float) -> str:
    """The text that stands in the diagram for a value."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"={text}" if is_evaluated(item) and not text.startswith("=") else text


def _at_first(item: PropertyView) -> Value:
    """The default; where none is given, an expression of a tick says no."""
    return False if item.value is None and item.type == "Boolean" and is_evaluated(item) else item.value

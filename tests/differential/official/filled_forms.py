"""The forms that a template makes, filled in by machine, and what our input models say to the variables that come of them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from modeler_form import Form, Value, is_field
from modeler_samples import name_of

import camunda_feel
from connector_operator.element_templates.view import Json, PropertyView
from connector_runtime.binding import InputBinding
from connector_sdk import InputError

TEXTS = (
    "text", "1", "https://example.com/path", "PT1S", "2026-11-24T12:00:00Z", "ada@example.com", "example.com:9092",
    "arn:aws:sns:eu-west-1:1:orders",
)  # fmt: skip
WRITTEN: tuple[Any, ...] = ({"key": "value"}, [{"key": "value"}], ["text"], *TEXTS, 1, True)
"""What an expression that a person writes may give."""


def unbound(template: Json, binding: InputBinding) -> list[str]:
    """What is refused, each refusal once, with how many forms have it and the choices of the first."""
    counts, first = Counter[str](), dict[str, str]()
    for form in forms(template):
        for filled in (Filled(form, everything=True), Filled(form, everything=False)):
            if refusal := filled.refusal(binding):
                counts[refusal] += 1
                first.setdefault(refusal, filled.name())
    return [f"{refusal} ({count} forms, the first: {first[refusal]})" for refusal, count in counts.items()]


def forms(template: Json) -> Iterator[Form]:
    """One for each combination of the choices that others depend on; among them each other choice is made at least once."""
    targets = {atom.target for item in Form(template).template.properties for atom in item.atoms}
    ways: list[dict[int, Value]] = [{}]
    while ways:
        way = ways.pop()
        form = _form(template, way)
        open_choices = [item for item in form.active() if item.id in targets and item.index not in way and options(item)]
        if open_choices:
            ways += [{**way, open_choices[0].index: value} for value in options(open_choices[0])]
            continue
        others = [item for item in form.active() if item.index not in way and options(item)]
        for turn in range(max((len(options(item)) for item in others), default=1)):
            yield _form(template, way | {item.index: options(item)[turn % len(options(item))] for item in others})


def options(item: PropertyView) -> list[Value]:
    """What can be chosen in a field."""
    if item.type == "Boolean":
        return [True, False]
    return [choice["value"] for choice in item.choices] if item.type == "Dropdown" else []


def _form(template: Json, chosen: dict[int, Value]) -> Form:
    form = Form(template)
    for item in form.template.properties:
        if item.index in chosen:
            form.put(item, chosen[item.index])
    return form


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with its choices made."""

    form: Form
    everything: bool
    """Each field is filled in; else only those that complain when they are empty."""

    def name(self) -> str:
        """The choices, by the name of what they are bound to."""
        chosen = [f"{name_of(item)}={self.form.value(item)}" for item in self.form.active() if options(item)]
        return f"{'everything' if self.everything else 'what is needed'}: {', '.join(chosen)}"

    def refusal(self, binding: InputBinding) -> str:
        """Why none of the values that are tried binds; empty when one does.

        An input is tried with its next value as long as the refusal names it.
        """
        inputs = [item for item in self.form.active() if _arrives(item, binding)]
        tried = {item.index: values for item in inputs if (values := self._tried(item))}
        while True:
            try:
                binding.bind(self._variables(inputs, tried))
            except InputError as error:
                blamed = self._blamed(str(error), inputs)
                refused = [item for item in blamed if len(tried.get(item.index, ())) > 1]
                if not refused:
                    return str(error).removeprefix("cannot use the input of this job: ")
                tried |= {item.index: tried[item.index][1:] for item in refused}
            else:
                return ""

    def _blamed(self, refusal: str, inputs: list[PropertyView]) -> list[PropertyView]:
        """The inputs that a refusal names, and those of which their expressions are made."""
        named = [item for item in inputs if _names(refusal, item)]
        words = {word for item in named for word in re.findall(r"\w+", self.form.text(item) or "")}
        return named + [item for item in inputs if item not in named and name_of(item).rsplit(".", 1)[-1] in words]

    def _tried(self, item: PropertyView) -> list[Any]:
        """What a person may write into a field; nothing for one that is left as it is."""
        if not is_field(item) or options(item) or item.type == "Configuration" or self.form.value(item) is not None:
            return []
        if not (self.everything or self.form.complains(item)):
            return []
        if item.type == "Number":
            return [7]
        texts = [text for text in TEXTS if self._fits(item, text)] or ["text"]
        return [*(() if item.document.get("feel") == "required" else texts), *(WRITTEN if item.document.get("feel") else ())]

    def _fits(self, item: PropertyView, text: str) -> bool:
        typed = _form(self.form.template.document, {item.index: text})
        return not typed.complains(item)

    def _variables(self, inputs: list[PropertyView], tried: dict[int, list[Any]]) -> dict[str, Any]:
        variables: dict[str, Any] = {}
        for item in inputs:
            value = tried[item.index][0] if item.index in tried else self._given(item, variables)
            if value is not None or not item.document.get("optional"):
                _put(variables, name_of(item).split("."), value)
        return variables

    def _given(self, item: PropertyView, variables: dict[str, Any]) -> Any:
        text = self.form.text(item)
        if text is None or not text.startswith("="):
            return text
        return camunda_feel.evaluate(text, _in_scope(variables, name_of(item)))


def _arrives(item: PropertyView, binding: InputBinding) -> bool:
    kind = item.binding.get("type")
    return kind == "zeebe:input" or (kind == "zeebe:taskHeader" and name_of(item) in binding.header_fields)


def _in_scope(variables: dict[str, Any], name: str) -> dict[str, Any]:
    """What an expression may name: the inputs before it, those beside its own target by their last name."""
    scope, below = dict(variables), variables
    for part in name.split(".")[:-1]:
        below = cast("dict[str, Any]", below.get(part) or {})
        scope |= below
    return scope


def _put(variables: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        below = variables.get(part)
        variables[part] = variables = cast("dict[str, Any]", below) if isinstance(below, dict) else {}
    variables[path[-1]] = value


def _names(refusal: str, item: PropertyView) -> bool:
    """Whether a refusal is about an input; between the parts of its name may stand those of variants."""
    inside = r"\.(?:[^.;:]+\.)*".join(map(re.escape, name_of(item).split(".")))
    return re.search(rf"(?:^|[ .]){inside}(?:[.\[][^;:]*)?:", refusal) is not None

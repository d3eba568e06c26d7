"""From an element template to what a person does in the properties panel: every choice is made, every field filled in.

A field that was filled in once is left alone later, unless it must not be empty.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from modeler_form import Form, Value, is_field
from modeler_samples import Scene, is_told, name_of, sample

from connector_operator.element_templates.view import Json, PropertyView, scalars


class Hand(StrEnum):
    """What a person does with one field."""

    TYPE = "type"
    CHOOSE = "choose"
    TICK = "tick"
    EXPRESS = "express"
    """Press the button that makes it an expression, and type that."""


@dataclass(frozen=True, slots=True)
class View:
    """What the panel shows at one moment: its entries, and those of them that complain."""

    shown: tuple[str, ...]
    lacking: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One field, and what the panel shows when it is filled in."""

    entry: str
    hand: Hand
    text: str
    place: str
    """The name of the binding."""
    held: str | None
    """The text that stands there in the diagram then."""
    then: View


@dataclass(frozen=True, slots=True)
class Filling:
    """One element filled in from beginning to end."""

    name: str
    at_first: View
    steps: tuple[Step, ...]
    form: Form = field(repr=False)
    """In its last state."""


class Manner(StrEnum):
    """How much a person does."""

    NEEDED = "what is needed"
    EVERYTHING = "everything"
    EXPRESSIONS = "with expressions"


ALWAYS = ("resultVariable", "resultExpression")
"""What shows in the process that the connector function has answered."""
Goal = tuple[int, Value]
"""A choice to be made once: the index of the property, and the value."""


def fillings(template: Json, scene: Scene) -> list[Filling]:
    """First only what is needed, then everything as often as choices are left, then once more with expressions.

    Raises `NoSampleError`, and `ValueError` for a choice that no combination of the others lets a person make.
    """
    made = [_fill(Form(template), scene, Manner.NEEDED, _Rest(set(), set()))]
    rest = _Rest(set(_goals(Form(template))), set())
    while rest.choices or len(made) == 1:
        before = len(rest.choices)
        made.append(_fill(Form(template), scene, Manner.EVERYTHING, rest))
        if rest.choices and len(rest.choices) == before:
            names = ", ".join(sorted({Form(template).template.properties[index].name for index, _ in rest.choices}))
            msg = f"cannot reach every choice of {names}: their conditions exclude each other"
            raise ValueError(msg)
    return [*made, _fill(Form(template), scene, Manner.EXPRESSIONS, _Rest(set(), set()))]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left to do in later fillings."""

    choices: set[Goal]
    """Not made yet."""
    typed: set[int]
    """Fields that need not be filled in again."""


def _goals(form: Form) -> Iterator[Goal]:
    return ((item.index, value) for item in form.template.properties for value in _options(item))


def _options(item: PropertyView) -> list[Value]:
    if item.type == "Boolean":
        return [True, False]
    return [choice["value"] for choice in item.choices]


def _fill(form: Form, scene: Scene, manner: Manner, rest: _Rest) -> Filling:
    at_first, steps, done = _view(form), list[Step](), set[int]()
    while item := next((item for item in form.active() if is_field(item) and item.index not in done), None):
        done.add(item.index)
        entry, told = form.entry(item), _now(form, scene)
        if (move := _move(form, item, told, manner, rest)) is not None:
            hand, text, value = move
            form.put(item, value)
            steps.append(Step(entry, hand, text, name_of(item), form.text(item), _view(form)))
            done -= {other.index for other in form.active() if _changed(other, told, _now(form, scene))}
    rest.choices.difference_update({(item.index, _held(form, item)) for item in form.active()})
    chosen = [str(form.value(item)) for item in form.active() if item.type == "Dropdown" and form.value(item) is not None]
    return Filling(", ".join([manner.value, *chosen]), at_first, tuple(steps), form)


def _now(form: Form, scene: Scene) -> Scene:
    return scene.after(form.value(item) for item in form.active() if _options(item))


def _changed(item: PropertyView, before: Scene, now: Scene) -> bool:
    """Whether a choice asks for another text than the one that was typed before it."""
    return before.typed.get(name_of(item)) != now.typed.get(name_of(item))


def _held(form: Form, item: PropertyView) -> Value:
    """The choice that a field stands for: one without a tick says no."""
    return bool(form.value(item)) if item.type == "Boolean" else form.value(item)


def _view(form: Form) -> View:
    return View(tuple(form.shown()), frozenset(form.lacking()))


def _move(form: Form, item: PropertyView, scene: Scene, manner: Manner, rest: _Rest) -> tuple[Hand, str, Value] | None:
    """What to do with a field and what it then holds; None to leave it as it is."""
    if _options(item):
        choice = _choice(form, item, scene, rest)
        same = choice == form.value(item) or choice == _held(form, item)
        return None if same else (Hand.TICK if item.type == "Boolean" else Hand.CHOOSE, str(choice), choice)
    if (manner is Manner.NEEDED or item.index in rest.typed) and not form.complains(item) and name_of(item) not in scene.typed:
        return None
    if item.type != "Number" and form.value(item) is not None and not is_told(item, scene):
        return None
    if manner is Manner.EVERYTHING and name_of(item) not in ALWAYS:
        rest.typed.add(item.index)
    return _text(item, sample(item, scene), manner)


def _text(item: PropertyView, text: str, manner: Manner) -> tuple[Hand, str, Value]:
    feel = item.document.get("feel")
    if item.type == "Number":
        return Hand.TYPE, text, json.loads(text)
    if feel == "required":
        return Hand.TYPE, text.removeprefix("="), f"={text.removeprefix('=')}"
    if feel == "optional" and text.startswith("="):
        return Hand.EXPRESS, text[1:], text
    if feel == "optional" and manner is Manner.EXPRESSIONS and item.binding.get("type") != "zeebe:taskHeader":
        expression = text if name_of(item) == "retries" else json.dumps(text, ensure_ascii=False)
        return Hand.EXPRESS, expression, f"={expression}"
    return Hand.TYPE, text, text


def _choice(form: Form, item: PropertyView, scene: Scene, rest: _Rest) -> Value:
    """A choice that nobody has made yet; else one that leads to such; else the usual one."""
    options = _options(item)
    usual = scene.chosen.get(name_of(item), form.value(item))
    usual = usual if usual in options else options[0] if item.type == "Dropdown" and form.complains(item) else form.value(item)
    unmade = [value for value in options if (item.index, value) in rest.choices]
    leading = [value for value in options if _leads(form, item, value, rest)]
    return next(iter([*unmade, *leading]), usual)


def _leads(form: Form, item: PropertyView, value: Value, rest: _Rest) -> bool:
    """Whether a choice still to be made depends on this one."""
    wanted: Mapping[int, PropertyView] = {other.index: other for other in form.template.properties}
    return any(
        atom.target == item.id and atom.values is not None and bool(atom.values.intersection(scalars([value])))
        for index, _ in rest.choices
        for atom in wanted[index].atoms
    )

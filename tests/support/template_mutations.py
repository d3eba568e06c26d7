"""Element templates spoilt at random, the same ones for the same seed: most are no longer valid, some still are."""

import copy
import random
from collections.abc import Iterator
from typing import Any, cast

_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "=x",
    "bpmn:Task",
    "bpmn:ServiceTask",
    "bpmn:UserTask",
    [],
    ["x"],
    {},
    {"a": 1},
)
_MEMBERS: dict[str, tuple[Any, ...]] = {
    "type": (
        *("String", "Text", "Hidden", "Boolean", "Number", "Dropdown", "Configuration", "simple", "property"),
        *("zeebe:input", "zeebe:output", "zeebe:property", "zeebe:taskHeader", "zeebe:taskDefinition", "zeebe:userTask"),
        *("zeebe:calledElement", "zeebe:calledDecision", "zeebe:formDefinition", "zeebe:script", "zeebe:linkedResource"),
        *("zeebe:assignmentDefinition", "zeebe:taskSchedule", "zeebe:adHoc", "bpmn:Message#property", "bpmn:Signal#property"),
    ),
    "feel": ("optional", "required", "static", "disabled"),
    "property": ("type", "retries", "name", "processId", "formId", "bindingType", "variableName", "dueDate", "correlationKey"),
    "eventDefinition": ("bpmn:MessageEventDefinition", "bpmn:TimerEventDefinition", "bpmn:SignalEventDefinition"),
    "optional": (True, False),
    "editable": (True, False),
    "generatedValue": ({"type": "uuid"}, {"type": "id"}),
    "language": ("json", "html"),
    "condition": ({"property": "a", "isActive": True}, {"property": "a", "equals": "b"}, {"allMatch": []}),
    "constraints": ({"notEmpty": True}, {"minLength": "1"}, {"pattern": {"value": "^x", "message": 1}}, {"pattern": "x"}),
    "placeholder": ("p",),
    "tooltip": ("t",),
    "value": ("PT1S", "=1", True, 7, "latest", "R/PT1H"),
    "engines": ({"camunda": "^8"}, {"camunda": 8}),
    "icon": ({"contents": "x"}, {"contents": "https://x"}),
    "groups": ([{"id": "g"}], [{"id": "g", "label": "G", "openByDefault": True}]),
}
Spot = tuple[Any, Any]


def mutants(templates: list[dict[str, Any]], count: int, seed: int) -> Iterator[dict[str, Any]]:
    """`count` templates, each one of the given ones with one to three places changed."""
    chance = random.Random(seed)
    for _ in range(count):
        template = copy.deepcopy(chance.choice(templates))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            _spoil(template, chance)
        yield template


def _spoil(template: dict[str, Any], chance: random.Random) -> None:
    spots = list(_spots(template))
    if not spots:
        return
    place, key = chance.choice(spots)
    match chance.randrange(5):
        case 0:
            del place[key]
        case 1:
            place[key] = copy.deepcopy(chance.choice(_VALUES))
        case 2:
            place[key] = copy.deepcopy(chance.choice(_MEMBERS.get(str(key), _VALUES)))
        case 3 if isinstance(place, dict):
            name = chance.choice(list(_MEMBERS))
            place[name] = copy.deepcopy(chance.choice(_MEMBERS[name]))
        case _:
            other, other_key = chance.choice(spots)
            place[key] = copy.deepcopy(other[other_key])


def _spots(value: Any) -> Iterator[Spot]:
    """Every member and item, with what holds it."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        pairs = list(enumerate(cast("list[Any]", value)))
    for key, member in pairs:
        yield value, key
        yield from _spots(member)

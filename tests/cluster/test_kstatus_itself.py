"""What our tests take for kstatus is kstatus: its own code says the same of every combination that it looks at."""

import itertools
from collections.abc import Iterator
from typing import Any

import kstatus_program
from kstatus import State, compute
from scenario_bad_objects import CONNECTOR

CONDITIONS = [
    [{"type": condition, "status": status, "reason": "Because", "message": ""} for status in ("True", "False", "Unknown")]
    for condition in ("Ready", "Reconciling", "Stalled")
]
GENERATIONS = ({}, {"observedGeneration": -1}, {"observedGeneration": 1}, {"observedGeneration": 2})


def _objects() -> Iterator[dict[str, Any]]:
    for conditions in itertools.product(*([None, *choices] for choices in CONDITIONS)):
        given = [condition for condition in conditions if condition]
        for generation, ordered in itertools.product(GENERATIONS, (given, given[::-1])):
            metadata = CONNECTOR["metadata"] | {"namespace": "shop", "generation": 2}
            obj = CONNECTOR | {"metadata": metadata, "status": {"conditions": ordered} | generation}
            yield obj
            yield obj | {"metadata": metadata | {"deletionTimestamp": "2026-01-01T00:00:00Z"}}


def test_every_combination_of_conditions_and_generations_has_the_state_that_kstatus_gives_it() -> None:
    objects = list(_objects())
    states = kstatus_program.states(objects)
    assert [compute(obj) for obj in objects] == states
    assert set(states) == set(State)

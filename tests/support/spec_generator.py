"""Specs by a seed: mutations of one field, and whole specs made from the schemas of the CRDs, good and bad mixed."""

import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hostile_texts import HOSTILE, LONG
from spec_variants import VARIANTS, Place, Spec, dotted, members, parent_of

from connector_operator.api.crd import Schema, structural
from connector_operator.api.kinds import KINDS

WRONG: Sequence[Any] = (
    *(None, "", 0, -1, 10**12, 1.5, True, [], {}, "x" * 300, "a\nb: {{7*7}}", "../../etc", "\N{SNOWMAN}", [None]),
    *({"unknown": 1}, ["a", "a"], "acme.io:anchor:1", "\x00", "$(HOME)"),
)
SCHEMAS: Mapping[str, Schema] = {kind.kind.kind: structural(kind.spec) for kind in KINDS}


def mutated(chance: random.Random, spec: Spec) -> tuple[Spec, str]:
    """The same spec with one field spoilt: another value, none, left out, doubled or unknown; and a word on what was done."""
    result = deepcopy(spec)
    place, value = chance.choice(list(members(result)))
    parent, key = parent_of(result, place), place[-1]
    what = chance.choice(("wrong", "wrong", "wrong", "left out", "doubled", "unknown", "renamed"))
    if what == "left out":
        del parent[key]
    elif what == "doubled" and isinstance(parent, list):
        parent.append(deepcopy(value))
    elif what == "unknown" and isinstance(parent, dict):
        parent["fieldOfTheFuture"] = {"a": [1]}
    elif what == "renamed" and isinstance(parent, dict):
        parent[chance.choice((*HOSTILE, LONG))] = parent.pop(key)
    else:
        what = "wrong"
        parent[key] = chance.choice(WRONG)
    return result, f"{dotted(place)} {what}"


@dataclass(frozen=True, slots=True)
class Generator:
    """Makes specs of one kind from its schema; texts come from what is good in the same place, and sometimes are not."""

    kind: str
    chance: random.Random
    mistakes: float = 0.02
    """How likely each member is to be something else than the schema wants."""

    def spec(self) -> Spec:
        """One whole spec; started from one of the variants, so that members that need each other mostly are together."""
        made = self._object(SCHEMAS[self.kind], ())
        start = deepcopy(self.chance.choice(list(VARIANTS[self.kind].values())))
        required = {name: start[name] for name in SCHEMAS[self.kind].get("required", ()) if self.chance.random() < 0.7}
        return made | required

    def _value(self, schema: Schema, place: Place) -> Any:
        if self.chance.random() < self.mistakes:
            return self.chance.choice(WRONG)
        makers: dict[str, Callable[[Schema, Place], Any]] = {
            "object": self._object,
            "array": self._array,
            "integer": self._integer,
            "boolean": lambda _schema, _place: self.chance.random() < 0.2,
        }
        return makers.get(schema.get("type", ""), self._text)(schema, place)

    def _object(self, schema: Schema, place: Place) -> Any:
        if "properties" in schema:
            required = schema.get("required", ())
            return {
                name: self._value(child, (*place, name))
                for name, child in schema["properties"].items()
                if self.chance.random() < (0.99 if name in required else 0.35)
            }
        if "additionalProperties" in schema:
            child = schema["additionalProperties"]
            return {self._name(): self._value(child, (*place, "*")) for _ in range(self.chance.randint(0, 2))}
        return self._anything(3)

    def _anything(self, depth: int) -> Any:
        """Free-form JSON: settings, a patch of a pod."""
        choice = self.chance.randint(0, 5 if depth else 3)
        if choice == 4:
            return [self._anything(depth - 1) for _ in range(self.chance.randint(0, 3))]
        if choice == 5 or depth == 3:
            return {self._name(): self._anything(depth - 1) for _ in range(self.chance.randint(0, 3))}
        return self.chance.choice((None, True, self.chance.randint(-9, 9), self.chance.choice(HOSTILE)))

    def _name(self) -> str:
        return self.chance.choice(("spec", "metadata", "containers", "volumes", "env", "name", "team", "a", *HOSTILE))

    def _array(self, schema: Schema, place: Place) -> Any:
        least = schema.get("minItems", 0)
        items = [self._value(schema["items"], (*place, 0)) for _ in range(self.chance.randint(least, least + 2))]
        return items if "x-kubernetes-list-type" not in schema else [one for n, one in enumerate(items) if one not in items[:n]]

    def _integer(self, schema: Schema, _place: Place) -> Any:
        return self.chance.randint(schema.get("minimum", 0), min(schema.get("maximum", 50), 50))

    def _text(self, schema: Schema, place: Place) -> Any:
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        good = _GOOD.get((self.kind, dotted(place)), ["a", "b", "1"])
        return self.chance.choice(good) if self.chance.random() < 0.97 else self.chance.choice((*HOSTILE, LONG))


def _good_texts() -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for kind, variants in VARIANTS.items():
        for spec in variants.values():
            for place, value in members(spec):
                if isinstance(value, str):
                    found.setdefault((kind, dotted(place)), []).append(value)
    return found


_GOOD = _good_texts()

"""Every rule of every schema in crds/, broken and just kept: one field of a good object changed for each."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from spec_variants import VARIANTS, Place, Spec, dotted, members, replaced

from connector_operator.api.crd import Schema, crds

_OF_EVERY_TYPE: tuple[Any, ...] = (None, True, False, 0, 1, 2.0, 1.5, 10**30, "5", "true", "0.5", "", [], [None], {}, {"a": "b"})
_BEFORE = (" ", "-", "=")
_BEHIND = (" ", "\n", "\x00", "\N{SNOWMAN}", "/../", "{{7*7}}", "=", ".")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One object that differs from a good one in one place."""

    kind: str
    rule: str
    """The keyword of the schema that it is about."""
    place: str
    spec: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.place} {self.rule}"


def mutations() -> Iterator[Mutation]:
    """All of them, each once, always in the same order."""
    seen: set[str] = set()
    for kind, variants in VARIANTS.items():
        for spec in variants.values():
            for mutation in _of_spec(kind, spec):
                text = json.dumps([str(mutation), mutation.spec], sort_keys=True)
                if text not in seen:
                    seen.add(text)
                    yield mutation


def rules() -> set[tuple[str, str, str]]:
    """Every kind, place and keyword for which there has to be a mutation."""
    return {
        (kind, _named(place), keyword)
        for kind, schema in _SPECS.items()
        for place, node in _nodes(schema, ())
        for keyword in _BREAKERS.keys() & node.keys()
    }


_SPECS: Mapping[str, Schema] = {
    crd["spec"]["names"]["kind"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] for crd in crds()
}


def _nodes(schema: Schema, place: Place) -> Iterator[tuple[Place, Schema]]:
    yield place, schema
    for name, child in schema.get("properties", {}).items():
        yield from _nodes(child, (*place, name))
    if "items" in schema:
        yield from _nodes(schema["items"], (*place, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _nodes(schema["additionalProperties"], (*place, "*"))


def _named(place: Place) -> str:
    return dotted(("spec", *place))


def _of_spec(kind: str, spec: Spec) -> Iterator[Mutation]:
    for place, value in [((), spec), *members(spec)]:
        schema, general = _schema_at(_SPECS[kind], place)
        for keyword in (keyword for keyword in _BREAKERS if keyword in schema):
            for changed in _BREAKERS[keyword](schema, value):
                yield Mutation(kind, keyword, _named(general), replaced(spec, place, changed) if place else changed)


def _schema_at(schema: Schema, place: Place) -> tuple[Schema, Place]:
    """The schema of a place, empty in free-form JSON; and the place with the names of maps made general."""
    general: list[str | int] = []
    for key in place:
        if isinstance(key, int):
            schema, name = schema.get("items", {}), 0
        elif key in schema.get("properties", {}):
            schema, name = schema["properties"][key], key
        else:
            schema, name = schema.get("additionalProperties", {}), "*"
        general.append(name)
    return schema, tuple(general)


def _types(_schema: Schema, _value: Any) -> Iterator[Any]:
    yield from _OF_EVERY_TYPE


def _enumerated(schema: Schema, value: str) -> Iterator[Any]:
    yield from (*schema["enum"], value.lower(), value.upper(), f"{value} ", "other")


def _patterns(_schema: Schema, value: Any) -> Iterator[Any]:
    yield from (f"{before}{value}" for before in _BEFORE)
    yield from (f"{value}{behind}" for behind in _BEHIND)


def _shortest(schema: Schema, value: str) -> Iterator[Any]:
    yield from (value[: schema["minLength"]], value[: schema["minLength"] - 1])


def _longest(schema: Schema, value: str) -> Iterator[Any]:
    longest = value + (value[-1:] or "x") * schema["maxLength"]
    yield from (longest[: schema["maxLength"]], longest[: schema["maxLength"] + 1])


def _least(schema: Schema, _value: int) -> Iterator[Any]:
    yield from (schema["minimum"], schema["minimum"] - 1)


def _most(schema: Schema, _value: int) -> Iterator[Any]:
    yield from (schema["maximum"], schema["maximum"] + 1)


def _fewest_items(schema: Schema, value: list[Any]) -> Iterator[Any]:
    yield from (value[: schema["minItems"]], value[: schema["minItems"] - 1])


def _most_items(schema: Schema, value: list[Any]) -> Iterator[Any]:
    many = [_numbered(value[0], number) for number in range(schema["maxItems"] + 1)] if value else []
    yield from (many[:-1], many)


def _numbered(item: Any, number: int) -> Any:
    """Another item like this one, of the same form where its texts are names."""
    if isinstance(item, dict):
        return {name: _numbered(member, number) for name, member in cast("Spec", item).items()}
    return f"{number}{item}" if isinstance(item, str) else item


def _most_members(schema: Schema, value: dict[str, Any]) -> Iterator[Any]:
    many = value | {f"name-{number}": next(iter(value.values()), "x") for number in range(schema["maxProperties"])}
    yield from (dict(list(many.items())[: schema["maxProperties"] + more]) for more in (0, 1))


def _doubled(_schema: Schema, value: list[Any]) -> Iterator[Any]:
    for item in value:
        yield [*value, deepcopy(item)]
        for place, text in members(item):
            if isinstance(text, str):
                yield [*value, replaced(item, place, f"{text}x")]


def _missing(schema: Schema, value: Spec) -> Iterator[Any]:
    for name in schema["required"]:
        yield {key: member for key, member in value.items() if key != name}
        yield value | {name: None}


def _members(schema: Schema, value: Spec) -> Iterator[Any]:
    """Unknown ones, misspelt ones, and each of the known ones left out."""
    yield value | {"fieldOfTheFuture": {"a": [1]}}
    yield value | {"fieldOfTheFuture": None}
    for name in value:
        rest = {key: member for key, member in value.items() if key != name}
        yield rest
        yield rest | {name.upper(): value[name]}


def _against_cel(schema: Schema, value: Any) -> Iterator[Any]:
    """Of an object: members that another variant has here put in, and those that are here left out, up to two at a time."""
    if "properties" not in schema:
        yield from _NO_DURATIONS
        return
    alternatives = _ALTERNATIVES[_members_key(schema)]
    for names in itertools.chain.from_iterable(itertools.combinations(alternatives, count) for count in (1, 2)):
        kept = {name: member for name, member in value.items() if name not in names}
        yield kept | {name: alternatives[name] for name in names if name not in value}


_NO_DURATIONS = ("0m", "0h00m0s", "00s", "1h0m", "0m01s")


def _members_key(schema: Schema) -> str:
    return json.dumps(sorted(schema["properties"]))


def _alternatives() -> dict[str, Spec]:
    """By the members that an object may have: each of them with a value that is good in some variant."""
    found: dict[str, Spec] = {}
    for kind, variants in VARIANTS.items():
        for spec in variants.values():
            for place, value in [((), spec), *members(spec)]:
                schema, _ = _schema_at(_SPECS[kind], place)
                if isinstance(value, dict) and "properties" in schema:
                    known = found.setdefault(_members_key(schema), {})
                    known |= {name: member for name, member in cast("Spec", value).items() if name not in known}
    return found


_ALTERNATIVES = _alternatives()
_BREAKERS: Mapping[str, Callable[[Schema, Any], Iterator[Any]]] = {
    "type": _types,
    "x-kubernetes-int-or-string": _types,
    "enum": _enumerated,
    "pattern": _patterns,
    "minLength": _shortest,
    "maxLength": _longest,
    "minimum": _least,
    "maximum": _most,
    "minItems": _fewest_items,
    "maxItems": _most_items,
    "maxProperties": _most_members,
    "x-kubernetes-list-type": _doubled,
    "required": _missing,
    "properties": _members,
    "x-kubernetes-validations": _against_cel,
}

"""Which dotted names an input model takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InputPaths:
    """The names of an input model, as its JSON schema says them."""

    schema: Schema

    @classmethod
    def of(cls, model: type[BaseModel] | None) -> Self:
        """Those of a model; without one every name is taken."""
        return cls(TypeAdapter(model).json_schema() if model is not None else {})

    def has(self, name: str) -> bool:
        """Whether something reads the input of this name."""
        return bool(list(self._at(name)))

    def _at(self, name: str) -> list[Schema]:
        found = list(self._variants(self.schema))
        for part in name.split("."):
            found = [variant for schema in found for below in _below(schema, part) for variant in self._variants(below)]
        return found

    def _variants(self, schema: Schema) -> Iterator[Schema]:
        """A schema without references and alternatives: each of them by itself."""
        if "$ref" in schema:
            yield from self._variants(self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]])
        elif several := [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
            for one in several:
                yield from self._variants(one)
        else:
            yield schema


def _below(schema: Schema, part: str) -> list[Schema]:
    if part in schema.get("properties", {}):
        return [schema["properties"][part]]
    more = schema.get("additionalProperties", "type" not in schema)
    return [more if isinstance(more, dict) else {}] if more else []

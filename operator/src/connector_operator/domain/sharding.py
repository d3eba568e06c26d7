"""Which ConfigMap of a catalogue holds which element template: what has a place keeps it, what is new takes the first with room.

A ConfigMap is one object of at most 1 MiB, and its annotations, where the owners of the templates are remembered, are at most
256 KiB. Neither limit is approached: an object at its limit could not be annotated by anybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_SHARD_BYTES = 900 * 1024
"""Of keys and texts in one ConfigMap; the API server refuses 1 MiB."""

MAX_OWNERS_BYTES = 192 * 1024
"""Of the annotation that says whose each template is; the API server refuses 256 KiB of annotations."""

MAX_SHARDS = 64
"""Per catalogue: more element templates than a person can look through, and still a bounded status."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one element template takes of a ConfigMap, in bytes."""

    data: int
    owner: int

    @classmethod
    def of(cls, key: str, text: str, owners: str) -> "Weight":
        """Weigh a template: a key is in the data and in the annotation, there with the Connectors and JSON's signs."""
        return cls(len(key) + len(text.encode()), len(key) + len(owners) + 8)


class Shards:
    """The ConfigMaps of one catalogue by their place in `names`, and how full each is."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._loads = {name: Weight(0, 0) for name in names}

    def knows(self, name: str) -> bool:
        """Whether a ConfigMap of that name is one of this catalogue's."""
        return name in self._loads

    def put(self, name: str, weight: Weight) -> bool:
        """Let a template stay where it is; whether there is room for it."""
        load = self._loads[name]
        after = Weight(load.data + weight.data, load.owner + weight.owner)
        if after.data > MAX_SHARD_BYTES or after.owner > MAX_OWNERS_BYTES:
            return False
        self._loads[name] = after
        return True

    def take(self, name: str, weight: Weight) -> None:
        """Free the room of a template that goes."""
        load = self._loads[name]
        self._loads[name] = Weight(load.data - weight.data, load.owner - weight.owner)

    def place(self, weight: Weight) -> str | None:
        """Find and fill a place for a new template; `None` when no ConfigMap has room for it."""
        return next((name for name in self._names if self.put(name, weight)), None)

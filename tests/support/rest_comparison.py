"""The official facts, and where ours may differ from them: every reason has its line in docs/differences.md."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rest_observation import Observation

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "tests" / "data" / "rest" / "official.json"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the two are not equal."""

    case: str
    where: str
    theirs: Any
    ours: Any

    def text(self) -> str:
        """For people."""
        return f"{self.case} {self.where}\n  theirs {self.theirs!r}\n  ours   {self.ours!r}"


def render(seen: Mapping[str, Observation]) -> str:
    """The facts, one case a line."""
    lines = [f"{json.dumps(name)}: {json.dumps(item.to_json(), sort_keys=True)}" for name, item in sorted(seen.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def official_facts() -> dict[str, Observation]:
    """What was seen of the official runtime, by case."""
    document: dict[str, dict[str, Any]] = json.loads(FACTS.read_text())
    return {name: Observation(**members) for name, members in document.items()}


def compare(case: str, theirs: Observation, ours: Observation) -> Iterator[Difference]:
    """Where the two differ; the process is compared when both have one."""
    yield from _differences(case, "requests", theirs.requests, ours.requests)
    yield from _differences(case, "commands", theirs.commands, ours.commands)
    if theirs.process is not None or ours.process is not None:
        yield from _differences(case, "process", theirs.process, ours.process)


def _differences(case: str, where: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        left, right = cast("dict[str, Any]", theirs), cast("dict[str, Any]", ours)
        for name in left.keys() | right.keys():
            yield from _differences(case, f"{where}.{name}", left.get(name, "(absent)"), right.get(name, "(absent)"))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(cast("list[Any]", theirs)) == len(cast("list[Any]", ours)):
        for number, (left, right) in enumerate(zip(cast("list[Any]", theirs), cast("list[Any]", ours), strict=True)):
            yield from _differences(case, f"{where}[{number}]", left, right)
    elif theirs != ours or type(theirs) is not type(ours):
        yield Difference(case, where, theirs, ours)

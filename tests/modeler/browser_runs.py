"""Which elements are filled in how: every way of filling in a template, as the browser's driver reads it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modeler_diagram import diagram
from modeler_plan import Step, View, fillings
from modeler_samples import Scene
from proof import Proof
from published import Template
from scenes import Played

PORTRAIT = "everything, noAuth, GET"
"""The filling that a picture is taken of."""


def planned(
    templates: Sequence[Template], cast: Sequence[Played], only: frozenset[str], variables: Mapping[str, Any]
) -> Iterator[Proof]:
    """Every filling on the first type of element that a template applies to, and the first filling on each other one."""
    number = 0
    for template in (one for one in templates if not only or one["id"] in only):
        for place, drawn in enumerate(template["appliesTo"]):
            made = fillings(template, _scene(template, cast))
            for filling in made[:1] if place else made:
                number += 1
                yield Proof(template, filling, drawn, f"Proof_{number}", variables)


def _scene(template: Template, cast: Sequence[Played]) -> Scene:
    types = [one.get("value") for one in template["properties"] if one["binding"].get("property") == "type"]
    return next((one.scene for one in cast if one.job_type in types and one.scene), Scene())


def runs(proofs: Sequence[Proof], picture: Path | None) -> list[dict[str, Any]]:
    """What the browser's driver is to do: one element each."""
    return [
        {
            "template": one.template["id"],
            "version": one.template.get("version"),
            "name": f"{one.filling.name} ({one.drawn})",
            "diagram": diagram(one.process, one.drawn, one.template["name"]),
            "atFirst": _view(one.filling.at_first),
            "steps": [_step(step) for step in one.filling.steps],
            "picture": str(picture) if picture and one.filling.name == PORTRAIT else None,
        }
        for one in proofs
    ]


def _step(step: Step) -> dict[str, Any]:
    return {
        "entry": step.entry,
        "hand": step.hand,
        "text": step.text,
        "place": step.place,
        "held": step.held,
        "then": _view(step.then),
    }


def _view(view: View) -> dict[str, list[str]]:
    return {"shown": list(view.shown), "lacking": sorted(view.lacking)}

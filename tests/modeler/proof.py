"""One element filled in, and how far it came: the panel, the diagram, the job, and the connector function that takes it."""

import copy
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from modeler_plan import Filling
from modeler_promise import Promise, differences, exported, promise
from pydantic import ValidationError

from connector_operator.element_templates.view import Json
from connector_runtime.binding import InputBinding
from connector_runtime.headers import Header
from connector_runtime.loading import AnyFunction
from connector_sdk import InputError


class Stage(StrEnum):
    """How far it came."""

    APPLIED = "applied"
    FILLED = "filled"
    EXPORTED = "exported"
    DEPLOYED = "deployed"
    EXECUTED = "executed"
    EQUAL = "equal"


@dataclass(slots=True)
class Proof:
    """What is known about one filling of one template."""

    template: Json
    filling: Filling
    drawn: str
    """The element's type before the template is applied."""
    process: str
    variables: Mapping[str, Any]
    """Of the process, which the examples speak of."""
    executed_by: str = ""
    xml: str = ""
    fields: int = 0
    findings: dict[Stage, list[str]] = field(default_factory=dict[Stage, list[str]])
    """What is wrong, by stage; a stage that it came through has an empty list."""

    @property
    def promise(self) -> Promise:
        """What the template promises for what was typed."""
        return promise(self.filling.form, self.drawn)

    @property
    def title(self) -> str:
        """For messages."""
        return f"{self.template['id']} {self.template.get('version', '')} ({self.filling.name}; {self.drawn})"

    def say(self, stage: Stage, *wrong: str) -> None:
        """Note that a stage was reached, and what is wrong there."""
        self.findings.setdefault(stage, []).extend(wrong)

    def came_through(self, stage: Stage) -> bool:
        """Whether a stage was reached and nothing was wrong."""
        return self.findings.get(stage) == []

    def of_panel(self, answer: Mapping[str, Any]) -> None:
        """Take what the browser saw: the panel at each step, and the diagram."""
        self.say(Stage.APPLIED)
        self.say(Stage.FILLED, *([answer["stuck"]] if "stuck" in answer else _panel_differences(self.filling, answer["views"])))
        self.fields = len(answer["views"]) - 1
        self.xml = answer["xml"]
        self.say(Stage.EXPORTED, *differences(self.promise.diagram(), exported(self.xml)))

    def of_job(self, carried: Mapping[str, Any], function: AnyFunction | None) -> None:
        """Take the job that came of it, for a connector function that must understand it."""
        self.say(Stage.EQUAL, *differences(self.promise.job(self.variables), carried))
        if function is not None:
            self.say(Stage.EQUAL, *_not_understood(carried, function, set(self.variables)))


def _panel_differences(filling: Filling, views: list[Mapping[str, Any]]) -> list[str]:
    """Where the panel showed or wanted other fields than the template says; the last step leaves no complaint."""
    moments = [("at first", filling.at_first)]
    moments += [(f"after {step.hand} '{step.text}' in {step.entry}", step.then) for step in filling.steps]
    wrong: list[str] = []
    for (moment, expected), seen in zip(moments, views, strict=True):
        if tuple(seen["shown"]) != expected.shown:
            wrong.append(f"{moment} the panel shows {seen['shown']}, not {list(expected.shown)}")
        if frozenset(seen["lacking"]) != expected.lacking:
            wrong.append(f"{moment} the panel complains about {sorted(seen['lacking'])}, not about {sorted(expected.lacking)}")
    if views[-1]["lacking"]:
        wrong.append(f"in the end the panel still complains about {views[-1]['lacking']}")
    return wrong


def _not_understood(carried: Mapping[str, Any], function: AnyFunction, others: Set[str]) -> list[str]:
    """Why the connector function cannot take the job, also where it or the runtime would only overlook something.

    `others` are the variables that the process has anyway.
    """
    binding, model = InputBinding(function.input_model), function.input_model
    known = {*Header, *binding.header_fields}
    wrong = [
        f"neither the runtime nor the connector function knows the header '{name}'"
        for name in carried["headers"]
        if name not in known
    ]
    if model is None:
        return wrong
    given = copy.deepcopy({name: value for name, value in carried["variables"].items() if name not in others})
    given |= {name: carried["headers"][name] for name in binding.header_fields if name in carried["headers"]}
    try:
        binding.bind(given)  # puts right, in place, what Modeler cannot say better
        model.model_validate(given, extra="forbid")
    except InputError as error:
        wrong.append(str(error))
    except ValidationError as error:
        unknown = [".".join(map(str, detail["loc"])) for detail in error.errors() if detail["type"] == "extra_forbidden"]
        wrong.append(f"the connector function knows no input {', '.join(unknown)}")
    return wrong

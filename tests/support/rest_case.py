"""One job for the REST connector: what it is given and what the server that it calls answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recording_server import Answer

SECRETS: Mapping[str, str] = {"API_TOKEN": "t0p-s3cret", "QUOTED": 'a "quoted" \\ value', "NESTED_ONE": "{{secrets.API_TOKEN}}"}
"""What both runtimes can resolve."""
CAUGHT = "CAUGHT"
"""The BPMN error code that the case's process catches."""


@dataclass(frozen=True, slots=True)
class RestCase:
    """`variables` may name the case's address as `{base}`; a POST of nothing to it is the default."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=lambda: {"resultVariable": "r"})
    answers: tuple[Answer, ...] = (Answer(),)
    retries: int = 1

    def input(self, base: str) -> dict[str, Any]:
        """The job's variables with the server's address in them."""
        given = {"method": "GET", "url": "{base}", "authentication": {"type": "noAuth"}, **self.variables}
        return json.loads(json.dumps(given).replace("{base}", base))


def answers(cases: tuple[RestCase, ...]) -> dict[str, tuple[Answer, ...]]:
    """What a recording server needs to know of the cases."""
    return {case.name: case.answers for case in cases}


def json_answer(value: Any, status: int = 200, *, delay: float = 0.0) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, json.dumps(value).encode(), delay=delay)

"""The official facts, and where ours may differ from them: every reason has its section in docs/differences.md."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rest_observation import Observation

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "tests" / "data" / "rest" / "official.json"

REASONS: Mapping[str, str] = {
    "expressions-see-the-response": r"success-(bpmn-variables|own-keys|scope)",
    "newer-error-functions": r"(success|failure)-ignore|success-(job-(variables|error-member)|bpmn-only-code)|timeout-caught",
    "numbers-of-job-errors": r"success-job-(negative|decimal)",
    "bpmn-error-without-a-code": r"success-bpmn-empty-code",
    "bad-back-off": r"backoff-5",
    "secrets-are-masked-and-inert": r"secret-(masked|masked-by-expression|not-again)",
    "no-silent-second-request": r"status-(429|503|retry-after)",
    "no-reason-phrase": r"status-no-reason",
    "too-large-is-refused": r"answer-too-large",
    "strict-json": r"answer-(trailing|two|exponent|lone-surrogate|big-integer|latin)",
    "grouped-cookies": r"answer-repeated-headers",
    "input-is-checked-first": r"input-(url-no-host|timeout-negative|header-newline)",
    "input-is-taken-kindly": r"input-method-missing|shape-query-(list|list-numbers|empty-list|object)",
    "redirects": r"shape-redirect-30\d-(get|post)",
    "numbers-in-bodies": r"shape-body-(small-decimal|exponent)",
    "lists-and-objects-in-forms": r"shape-(form|multipart)-(list|object)",
    "utf-8-everywhere": r"shape-(multipart-.*|type-latin)",
    "equivalent-addresses": r"shape-path-(dots|sub-delimiters|brackets|query-encoded|upper-percent)",
    "empty-headers": r"shape-header-null",
}
"""Which cases may differ, by reason."""
INPUT = ("InputError", "ConnectorInputException", "FeelEngineWrapperException", "InvalidBackOffDurationException")


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


def reason_of(case: str) -> str | None:
    """Why a case may differ; None when it may not."""
    return next((reason for reason, cases in REASONS.items() if re.fullmatch(cases, case)), None)


def compare(case: str, theirs: Observation, ours: Observation) -> Iterator[Difference]:
    """Where the two differ, listed or not; processes are compared when both sides can have one."""
    yield from _differences(case, "requests", theirs.requests, ours.requests)
    yield from _differences(case, "commands", _classes(theirs), _classes(ours))
    if theirs.process is not None and ours.process is not None:
        yield from _differences(case, "process", theirs.process, ours.process)


def _classes(seen: Observation) -> list[dict[str, Any]]:
    return [_classified(command) for command in seen.commands]


def _classified(command: dict[str, Any]) -> dict[str, Any]:
    """A failure of the runtime's own with its class instead of its words; what the outside said stays."""
    error = command.get("variables", {}).get("error")
    if "fail" not in command or not isinstance(error, dict):
        return command
    told = dict(cast("dict[str, Any]", error))
    own_words = told.get("code") in (None, "408")
    told["type"] = "input" if str(told.pop("type", "")).rpartition(".")[2] in INPUT else "failure"
    if own_words:
        told.pop("message", None)
    return {**command, "fail": "(own words)" if own_words else command["fail"], "variables": {"error": told}}


def _differences(case: str, where: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        left, right = cast("dict[str, Any]", theirs), cast("dict[str, Any]", ours)
        for name in sorted(left.keys() | right.keys()):
            yield from _differences(case, f"{where}.{name}", left.get(name, "(absent)"), right.get(name, "(absent)"))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(cast("list[Any]", theirs)) == len(cast("list[Any]", ours)):
        for number, (left, right) in enumerate(zip(cast("list[Any]", theirs), cast("list[Any]", ours), strict=True)):
            yield from _differences(case, f"{where}[{number}]", left, right)
    elif not _equal(theirs, ours) and not _only_reordered(where, theirs, ours):
        yield Difference(case, where, theirs, ours)


def _equal(theirs: Any, ours: Any) -> bool:
    """Equal as JSON values, where 1 is neither 1.0 nor true."""
    return json.dumps(theirs, sort_keys=True) == json.dumps(ours, sort_keys=True)


def _only_reordered(where: str, theirs: Any, ours: Any) -> bool:
    """Whether two request bodies are the same members, character by character, in another order."""
    if not re.fullmatch(r"requests\[\d+\]\.body", where) or not isinstance(theirs, str) or not isinstance(ours, str):
        return False
    if theirs.startswith("{"):
        return sorted(theirs) == sorted(ours) and json.loads(theirs) == json.loads(ours)
    # a token request: theirs also names an audience that is not there
    return {*theirs.split("&")} - {"audience"} == {*ours.split("&")}

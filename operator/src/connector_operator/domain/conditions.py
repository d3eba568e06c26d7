"""From findings to conditions: the one place that decides `Ready`, `Reconciling`, `Stalled` and transition times."""

from collections.abc import Iterable, Sequence
from typing import Literal

from connector_operator.api.conditions import ConditionType, Finding, Reason, Waits
from connector_operator.api.status import Condition
from connector_operator.domain.binding import Progress
from connector_operator.domain.objects import Object, list_at
from connector_operator.domain.problem import Problem

MAX_MESSAGE = 2_000

_WORDS: dict[bool | None, Literal["True", "False", "Unknown"]] = {True: "True", False: "False", None: "Unknown"}


def accepted(problem: Problem | None) -> Finding:
    """Whether the spec is accepted, or the problem it has."""
    if problem is None:
        return Finding(ConditionType.ACCEPTED, holds=True, reason=Reason.ACCEPTED, message="")
    return Finding(ConditionType.ACCEPTED, holds=False, reason=problem.reason, message=problem.message)


def finding(condition: ConditionType, progress: Progress) -> Finding:
    """A condition from how far one aspect has got."""
    return Finding(condition, progress.holds, progress.reason, progress.message)


def conditions(obj: Object, findings: Sequence[Finding], now: str, *, blocking: Sequence[Finding]) -> tuple[Condition, ...]:
    """Make the conditions of an object from its findings.

    `blocking`: the findings that keep it from working, the most telling first; none means that it works. `now`: RFC 3339. A
    transition time moves only when a status does, so that an unchanged state gives an unchanged status.
    """
    all_findings = [*findings, _ready(blocking), *_kstatus(blocking)]
    since = {condition.get("type"): condition for condition in list_at(obj, "status", "conditions")}
    return tuple(
        Condition(
            type=item.type,
            status=_WORDS[item.holds],
            reason=item.reason,
            message=cut(item.message),
            last_transition_time=_transition(since.get(item.type), _WORDS[item.holds], now),
            observed_generation=obj["metadata"].get("generation", 0),
        )
        for item in all_findings
    )


def ready_condition(obj: Object | None) -> Object:
    """The Ready condition in an object's status; empty while nobody has said anything."""
    nothing: Object = {}
    return next((item for item in list_at(obj, "status", "conditions") if item.get("type") == ConditionType.READY), nothing)


def cut(message: str) -> str:
    """A message that a status can hold and a person will read; what users may write is longer in places."""
    return message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"


def failing(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that do not hold."""
    return [item for item in findings if not item.holds]


def _ready(blocking: Sequence[Finding]) -> Finding:
    """True also when what blocks is wanted so (suspended): whoever waits for it would wait in vain (docs/decisions/0019)."""
    if not blocking:
        return Finding(ConditionType.READY, holds=True, reason=Reason.READY, message="")
    first = blocking[0]
    return Finding(ConditionType.READY, holds=first.reason.waits is Waits.NOBODY, reason=first.reason, message=first.message)


def _kstatus(blocking: Sequence[Finding]) -> Iterable[Finding]:
    """What Flux and `helm --wait` look at: in progress, failed, or neither (ready, or suspended on purpose)."""
    if not blocking:
        return
    first = blocking[0]
    if first.reason.waits is Waits.USER:
        yield Finding(ConditionType.STALLED, holds=True, reason=first.reason, message=first.message)
    elif first.reason.waits is Waits.SYSTEM:
        yield Finding(ConditionType.RECONCILING, holds=True, reason=first.reason, message=first.message)


def _transition(previous: Object | None, status: str, now: str) -> str:
    if previous is not None and previous.get("status") == status:
        return str(previous.get("lastTransitionTime", now))
    return now

"""Conditions move when the state moves, and say who has to act."""

from typing import Any

import pytest

from connector_operator.api.conditions import REASONS, ConditionType, Finding, Reason, Waits
from connector_operator.domain.conditions import MAX_MESSAGE, conditions

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def _finding(reason: Reason, *, holds: bool = False, message: str = "why") -> Finding:
    return Finding(ConditionType.LOADED, holds, reason, message)


def _object(**live: str) -> dict[str, Any]:
    stored = [{"type": name, "status": status, "lastTransitionTime": THEN} for name, status in live.items()]
    return {"metadata": {"name": "x", "generation": 3}, "status": {"conditions": stored}}


def _made(obj: dict[str, Any], *findings: Finding) -> dict[str, Any]:
    blocking = [item for item in findings if not item.holds]
    return {item.type: item for item in conditions(obj, findings, NOW, blocking=blocking)}


@pytest.mark.parametrize(("live", "time"), [("False", THEN), ("True", NOW), ("Unknown", NOW)])
def test_a_transition_time_moves_only_when_the_status_does(live: str, time: str) -> None:
    assert _made(_object(Loaded=live), _finding(Reason.LOAD_FAILED))["Loaded"].last_transition_time == time


def test_a_change_of_reason_alone_is_no_transition() -> None:
    obj = _object(Loaded="False", Ready="False")
    assert _made(obj, _finding(Reason.PENDING))["Ready"].last_transition_time == THEN
    assert _made(obj, _finding(Reason.LOAD_FAILED))["Ready"].last_transition_time == THEN


def test_a_condition_that_was_not_there_begins_now() -> None:
    assert {item.last_transition_time for item in _made(_object(), _finding(Reason.PENDING)).values()} == {NOW}


def test_conditions_are_about_the_objects_generation() -> None:
    assert {item.observed_generation for item in _made(_object(), _finding(Reason.PENDING)).values()} == {3}


def test_ready_is_true_when_nothing_blocks() -> None:
    made = _made(_object(), _finding(Reason.LOADED, holds=True, message=""))
    assert (made["Ready"].status, made["Ready"].reason) == ("True", "Ready")
    assert set(made) == {"Loaded", "Ready"}


def test_ready_has_the_first_reason_that_blocks() -> None:
    blocking = [_finding(Reason.LOAD_FAILED, message="no module"), _finding(Reason.PENDING)]
    (ready, _) = conditions(_object(), [], NOW, blocking=blocking)
    assert (ready.type, ready.status, ready.reason, ready.message) == ("Ready", "False", "LoadFailed", "no module")


KSTATUS = {Waits.USER: {"Stalled"}, Waits.SYSTEM: {"Reconciling"}, Waits.NOBODY: set[str]()}
BLOCKING = sorted({reason for by in REASONS.values() for reasons in by.values() for reason in reasons[1:]})


@pytest.mark.parametrize("reason", BLOCKING)
def test_stalled_waits_for_people_and_reconciling_for_the_cluster(reason: Reason) -> None:
    made = _made(_object(), _finding(reason))
    assert set(made) - {"Loaded", "Ready"} == KSTATUS[reason.waits]


def test_what_is_suspended_is_as_wanted_and_so_ready() -> None:
    ready = _made(_object(), _finding(Reason.SUSPENDED))["Ready"]
    assert (ready.status, ready.reason, ready.message) == ("True", "Suspended", "why")


def test_what_is_not_known_yet_is_unknown_and_not_ready() -> None:
    made = _made(_object(), Finding(ConditionType.LOADED, None, Reason.PENDING, "why"))
    assert (made["Loaded"].status, made["Ready"].status) == ("Unknown", "False")


def test_a_message_that_no_status_can_hold_is_cut() -> None:
    message = _made(_object(), _finding(Reason.LOAD_FAILED, message="x" * 100_000))["Ready"].message
    assert len(message) == MAX_MESSAGE
    assert message.endswith("x…")

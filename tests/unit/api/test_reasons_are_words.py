"""Reasons are API: each one word, with a sentence, in one place, said by some condition."""

import re

import pytest

from connector_operator.api.conditions import REASONS, ConditionType, Reason, Waits
from connector_operator.api.kinds import KINDS

USED = {reason for by in REASONS.values() for reasons in by.values() for reason in reasons} | {Reason.READY}


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_one_word_with_one_sentence(reason: Reason) -> None:
    assert re.fullmatch("[A-Z][A-Za-z]+", reason)
    assert reason.sentence.endswith(".")
    assert reason.sentence[0].isupper() or reason.sentence.startswith("spec.")


def test_every_reason_belongs_to_a_condition_and_every_condition_has_reasons() -> None:
    assert set(Reason) == USED
    summaries = {ConditionType.READY, ConditionType.RECONCILING, ConditionType.STALLED}
    assert {condition for by in REASONS.values() for condition in by} == set(ConditionType) - summaries


def test_every_kind_has_conditions() -> None:
    assert set(REASONS) == {kind.kind.kind for kind in KINDS}


@pytest.mark.parametrize(("kind", "condition"), [(kind, condition) for kind, by in REASONS.items() for condition in by])
def test_the_first_reason_of_a_condition_is_the_good_one_for_which_nobody_waits(kind: str, condition: ConditionType) -> None:
    good, *others = REASONS[kind][condition]
    assert good.waits is Waits.NOBODY
    assert len(set(others)) == len(others)
    assert {reason for reason in others if reason.waits is Waits.NOBODY} <= {Reason.SUSPENDED, Reason.DISABLED}

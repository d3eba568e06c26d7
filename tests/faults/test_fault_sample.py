"""A seeded sample of the fault cases; `python -m faults` runs all of them."""

import pytest
from fault_suite import run_cases, sample

SEED = 4
CASES = 12
REST_SECONDS = 5.0
"""Shorter than the 30 of the full run."""


@pytest.mark.timeout(300)
def test_faults_leave_no_trace() -> None:
    verdicts = run_cases(sample(SEED, CASES), lambda _verdict: None, rest=REST_SECONDS, parallel=CASES)
    assert len(verdicts) == CASES
    assert [verdict.case.name for verdict in verdicts if verdict.case.faults and not verdict.fired] == [], (
        "a fault without an occasion tests nothing"
    )
    assert {verdict.case.name: list(verdict.problems) for verdict in verdicts if verdict.problems} == {}

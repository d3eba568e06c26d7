"""Expressions with what Camunda's engine gave for them, over the variables of `feel_expressions`.

`generated.jsonl` is a sample of random ones, `findings.jsonl` the smallest forms of what once differed. Both are made by
`python -m feel_fuzz`, with its options `--sample` and `--golden`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from feel_expressions import VARIABLES

from camunda_feel import FeelError, evaluate

DATA = Path(__file__).parents[2] / "data" / "feel"
ERROR = {"error": True}


def _cases() -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(DATA.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]


def _answer(expression: str) -> dict[str, Any]:
    try:
        return {"value": evaluate(expression, VARIABLES)}
    except FeelError:
        return ERROR


@pytest.mark.parametrize("file", ["findings.jsonl", "generated.jsonl"])
def test_there_are_golden_cases(file: str) -> None:
    assert (DATA / file).read_text("utf-8").count("\n") > 20


def test_every_golden_case_gives_what_camundas_engine_gave() -> None:
    differing = [
        f"{case['expression']}: {given} instead of {case}"
        for case in _cases()
        if json.dumps(given := _answer(case["expression"]), sort_keys=True)
        != json.dumps({name: case[name] for name in case if name != "expression"}, sort_keys=True)
    ]
    assert differing == []

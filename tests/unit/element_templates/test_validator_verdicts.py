"""Our verdict on spoilt templates is that of the validator inside Camunda Modeler, recorded.

Record anew, with PYTHONPATH=tests/support:
`python tests/differential/templates --to tests/data/element-templates/validator-verdicts.json`
"""

import json
from pathlib import Path

from template_builder import good_template
from template_mutations import mutants

from connector_operator.element_templates.check import why_refused
from connector_operator.element_templates.schema import is_valid, violations

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "element-templates" / "validator-verdicts.json").read_text())
MUTANTS = list(mutants([good_template()], len(RECORDED["verdicts"]), RECORDED["seed"]))


def test_each_verdict_is_the_recorded_one() -> None:
    assert "".join("1" if is_valid(mutant) else "0" for mutant in MUTANTS) == RECORDED["verdicts"]


def test_the_sample_has_both_verdicts_in_number() -> None:
    assert min(RECORDED["verdicts"].count("0"), RECORDED["verdicts"].count("1")) >= 100


def test_what_the_schema_refuses_has_findings_with_places_and_texts_of_bearable_length() -> None:
    for mutant in MUTANTS:
        found = list(violations(mutant))
        assert bool(found) is not is_valid(mutant)
        assert len({finding.path for finding in found}) == len(found)
        assert all(0 < len(finding.message) < 500 for finding in found)


def test_modeler_refuses_whatever_the_schema_refuses() -> None:
    assert [mutant for mutant in MUTANTS if why_refused(mutant) is None and not is_valid(mutant)] == []

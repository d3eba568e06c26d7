"""docs/loss-free.md names the test of each rule; the tests are there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (Path(__file__).parents[3] / "docs" / "loss-free.md").read_text()
ROWS = dict(re.findall(r"^\| (J\d+) \| .* \| (.*) \|$", PAGE, re.MULTILINE))
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_rule_from_j1_to_j21_has_a_row_that_names_a_test_or_a_command() -> None:
    assert list(ROWS) == [f"J{number}" for number in range(1, 22)]
    assert [rule for rule, tests in ROWS.items() if not NAMED.search(tests) and "`make " not in tests] == []


def test_every_test_that_the_page_names_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 20
    assert [(file, test) for file, test in named if f"def {test}(" not in (HERE / file).read_text()] == []

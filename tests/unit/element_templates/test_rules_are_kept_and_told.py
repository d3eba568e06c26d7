"""What we publish keeps to every rule, and the user's page names every rule."""

from pathlib import Path

import pytest

from connector_operator.element_templates.check import check_files
from connector_operator.element_templates.documents import read_document
from connector_operator.element_templates.findings import Rule

ROOT = Path(__file__).parents[3]
GENERATED = sorted((ROOT / "runtime-image" / "element-templates").glob("*.json"))


def test_the_templates_of_the_built_in_connectors_have_no_findings() -> None:
    assert GENERATED
    assert list(check_files({path.name: read_document(path.read_text()) for path in GENERATED})) == []


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.word)
def test_the_page_for_users_has_a_row_for_each_rule(rule: Rule) -> None:
    page = (ROOT / "docs" / "element-templates" / "README.md").read_text()
    assert f"| `{rule.word}` | {rule.level} | {rule.sentence} |\n" in page

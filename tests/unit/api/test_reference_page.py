"""The reference page says all that the API server enforces and all that a status may say."""

from typing import Any

import pytest

from connector_operator.api.conditions import REASONS
from connector_operator.api.crd import crd
from connector_operator.api.kinds import KINDS, CustomKind
from connector_operator.api.reference import reference


@pytest.fixture(scope="module")
def page() -> str:
    return reference()


def section(page: str, title: str) -> str:
    """The text below one heading, up to the next heading of any level."""
    return page.split(f"# {title}\n", 1)[1].split("\n#", 1)[0]


def rows(text: str) -> dict[str, list[str]]:
    """Table rows by their first cell; `\\|` is a bar inside a cell."""
    lines = [line.replace(r"\|", "\0") for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip().replace("\0", "|") for cell in line.strip("|").split("|")] for line in lines]
    return {line[0].strip("`"): line[1:] for line in cells}


def schema_of(kind: CustomKind, part: str) -> dict[str, Any]:
    return crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"][part]


def names_below(schema: dict[str, Any]) -> list[str]:
    """The last name of every member, found without knowing how paths are written."""
    below = [*schema.get("properties", {}).values(), *(schema[key] for key in ("items", "additionalProperties") if key in schema)]
    return [*schema.get("properties", {}), *(name for member in below for name in names_below(member))]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind.kind)
@pytest.mark.parametrize("part", ["spec", "status"])
def test_every_member_of_a_schema_has_one_row(page: str, kind: CustomKind, part: str) -> None:
    table = rows(section(page, f"{kind.kind.kind}: {part}").split("Rules that", 1)[0])
    assert sorted(path.rsplit(".", 1)[-1] for path in table) == sorted(names_below(schema_of(kind, part)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind.kind)
def test_every_reason_stands_under_its_condition_with_its_sentence(page: str, kind: CustomKind) -> None:
    text = section(page, f"{kind.kind.kind}: conditions")
    found = [line for line in text.splitlines() if line.startswith("| `")]
    wanted = [(c, r) for c, reasons in REASONS[kind.kind.kind].items() for r in reasons]
    assert [line.split(" | ")[:2] for line in found] == [[f"| `{c}`", f"`{r}`"] for c, r in wanted]
    assert [line.rsplit(" | ", 1)[1] for line in found] == [f"{r.sentence} |" for _, r in wanted]


def test_a_row_says_type_default_bounds_and_meaning(page: str) -> None:
    assert rows(section(page, "Connector: spec"))["maxJobsActive"] == [
        "integer",
        "`100`",
        "1 to 10000",
        "The most jobs of this Connector that one pod holds at once.",
    ]


def test_a_required_member_is_marked(page: str) -> None:
    assert rows(section(page, "Connector: spec"))["secrets[].secretKeyRef.key"][1] == "*required*"


def test_a_pattern_with_a_bar_stays_in_its_cell(page: str) -> None:
    pattern = schema_of(KINDS[1], "spec")["properties"]["camunda"]["properties"]["grpcAddress"]["pattern"]
    assert "|" in pattern
    assert rows(section(page, "ConnectorRuntime: spec"))["camunda.grpcAddress"][2] == f"at most 300 characters; `{pattern}`"


def test_a_cel_rule_is_printed_with_its_place(page: str) -> None:
    rule = schema_of(KINDS[0], "spec")["properties"]["source"]["x-kubernetes-validations"][0]
    assert rows(section(page, "Connector: spec"))["spec.source"] == [rule["message"], f"`{rule['rule']}`"]

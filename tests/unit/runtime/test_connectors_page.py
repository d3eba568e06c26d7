"""docs/connectors says of every official connector what runs here; the code is asked whether that is so."""

import re
from pathlib import Path

import pytest

from connector_runtime.config import Source
from connector_runtime.loading import builtin_names, load_functions

PAGES = Path(__file__).parents[3] / "docs" / "connectors"
ROW = re.compile(
    r"^\| (?P<name>[^|]+) \| `(?P<job_type>[^`]+)` \| (?P<state>works|partly|not yet) \| (?P<builtin>[^|]*) \|", re.MULTILINE
)
ROWS = [match.groupdict() for match in ROW.finditer((PAGES / "index.md").read_text())]


def job_type_of(builtin: str) -> str:
    return next(iter(load_functions(builtin, Source(builtin=builtin)).values())).id


def test_the_page_lists_each_job_type_once():
    job_types = [row["job_type"] for row in ROWS]
    assert len(job_types) > 40
    assert sorted(job_types) == sorted(set(job_types))


@pytest.mark.parametrize("builtin", builtin_names())
def test_what_is_built_in_is_said_to_run(builtin: str):
    (row,) = [row for row in ROWS if f"`{builtin}`" in row["builtin"]]
    assert row["state"] in ("works", "partly")
    assert row["job_type"] == job_type_of(builtin)


def test_nothing_else_is_said_to_run():
    running = {row["job_type"] for row in ROWS if row["state"] != "not yet"}
    assert running == {job_type_of(builtin) for builtin in builtin_names()}


@pytest.mark.parametrize("page", sorted(path.name for path in PAGES.glob("*.md")))
def test_every_link_between_the_pages_leads_somewhere(page: str):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (PAGES / page).read_text())
    assert [link for link in links if not (PAGES / link).exists()] == []

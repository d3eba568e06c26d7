"""docs/connectors is made from the models: what it must hold, and what it refuses to be made of."""

import re
import shutil
from pathlib import Path

import pytest

from connector_runtime.binding import InputBinding
from connector_runtime.config import Source
from connector_runtime.loading import builtin_names, load_functions
from connectors import __main__ as command
from connectors._reference import MARK, PageError, pages

DOCS = Path(__file__).parents[3] / "docs" / "connectors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DOCS / "parts", tmp_path / "parts")
    return tmp_path


@pytest.mark.parametrize("builtin", builtin_names())
def test_a_page_names_every_variable_that_its_connector_fetches(builtin: str):
    page = pages(DOCS)[f"{builtin}.md"]
    (function,) = load_functions(builtin, Source(builtin=builtin)).values()
    said = set(re.findall(r"`(\w+)", page))
    hidden = {"authenticationConfiguration", "skipEncoding", "writeTimeoutInSeconds"}
    assert set(InputBinding(function.input_model).fetch_variables) - hidden <= said


def test_an_error_code_is_a_row_that_says_when_and_whether_it_is_tried_again():
    page = pages(DOCS)["sql.md"]
    assert "| `LOGIN` | The database refuses user or password | yes: a rotated secret may be under way |" in page.splitlines()
    assert "| `DATA` | A value does not fit its column or function | no |" in page.splitlines()


def test_a_connector_without_a_part_is_named(folder: Path):
    (folder / "parts" / "slack.md").unlink()
    with pytest.raises(PageError, match=r"the page of 'slack': write '.*parts/slack\.md'"):
        pages(folder)


def test_a_part_without_a_place_for_the_tables_is_named(folder: Path):
    path = folder / "parts" / "slack.md"
    path.write_text(path.read_text().replace(MARK, ""))
    with pytest.raises(PageError, match=r"slack\.md' has no line"):
        pages(folder)


def test_a_page_that_is_out_of_date_is_named_and_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert command.main(["--to", str(folder)]) == 0
    (folder / "slack.md").write_text("old")
    assert command.main(["--to", str(folder), "--check"]) == 1
    assert "slack.md' is not what the models say" in capsys.readouterr().err
    assert (folder / "slack.md").read_text() == "old"

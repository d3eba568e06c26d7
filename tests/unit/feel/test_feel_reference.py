"""The page about FEEL says what the code says."""

from pathlib import Path

import pytest

from camunda_feel.builtins import FUNCTIONS, OVERLOADS
from camunda_feel.reference import main, page

PAGE = Path(__file__).parents[3] / "docs" / "feel.md"


def test_the_page_is_up_to_date() -> None:
    assert main(["--check", str(PAGE)]) == 0


def test_a_changed_page_is_told_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "feel.md"
    file.write_text("old")
    assert main(["--check", str(file)]) == 1
    assert "is not what the code says; run" in capsys.readouterr().err
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0


def test_every_function_is_described_in_the_page() -> None:
    assert [name for name in FUNCTIONS if f"`{name}(" not in page()] == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_says_what_it_does(name: str) -> None:
    assert [overload for overload in OVERLOADS if overload.name == name and not overload.text] == []

"""docs/write-a-connector.md, followed to the letter as far as no cluster is needed: its files, its commands, their answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_page import Reader, block, exchanges, section


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    one = Reader(tmp_path)
    (tmp_path / "quote.py").write_text(block(section(1), "python"))
    yield one
    one.leave()


def test_every_command_of_the_desk_answers_as_the_page_shows(reader: Reader) -> None:
    said = exchanges(section(2))
    assert len(said) >= 9
    assert [(command, reader.type(command)) for command, _ in said] == said


def test_the_manifest_of_the_page_passes_lint_with_the_answer_that_it_shows(reader: Reader) -> None:
    source = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: quote, labels: {connectors.camunda.io/part: source}}\ndata:\n"
    lines = "".join(f"    {line}" for line in (reader.folder / "quote.py").read_text().splitlines(keepends=True))
    (reader.folder / "quote.yaml").write_text(f"{source}  quote.py: |\n{lines}")
    (reader.folder / "connector.yaml").write_text(block(section(3), "yaml"))
    lint, answer = next(item for item in exchanges(section(3)) if item[0].startswith("connectors lint"))
    assert reader.type(lint) == answer


def test_a_new_connector_of_the_page_runs(reader: Reader) -> None:
    said = exchanges(section(0))
    assert said[0][0].startswith("connectors new ")
    assert [(command, reader.type(command)) for command, _ in said] == said

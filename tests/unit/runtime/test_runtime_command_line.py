"""`connector-runtime` at an author's desk."""

import json
from pathlib import Path
from typing import Any

import pytest
from job_functions import FUNCTIONS

from connector_runtime.cli import main


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    (tmp_path / "broken.py").write_text("def (")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, name: str, document: Any) -> str:
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))
    return name


def test_template_prints_the_element_template(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "functions:wait"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "test:wait:1"


def test_a_folder_may_be_named(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir("/")
    assert main(["template", "functions:wait", "--path", str(desk)]) == 0


def test_invoke_prints_what_the_function_returned(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(desk, "vars.json", {"value": "ä"})
    assert main(["invoke", "functions:wait", "--variables", file]) == 0
    assert json.loads(capsys.readouterr().out) == {"value": "ä", "retries": 1}


def test_invoke_gives_settings_and_secrets_to_the_function(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variables, settings = written(desk, "vars.json", {}), written(desk, "settings.json", {"region": "eu"})
    assert main(["invoke", "functions:with_settings", "--variables", variables, "--settings", settings]) == 0
    assert main(["invoke", "functions:login", "--variables", variables, "--secret", "TOKEN=a=b"]) == 0
    assert capsys.readouterr().out == '"eu"\n{\n  "token": "a=b",\n  "same": true\n}\n'


def test_check_describes_what_the_runtime_makes_of_a_function(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "functions:wait_sync"]) == 0
    text = capsys.readouterr().out
    for expected in ("functions:wait_sync: Wait in a thread", "test:wait-sync:1", "in a thread", "seconds, value", "version 1"):
        assert expected in text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["check", "broken:x"], "cannot parse 'broken.py' line 1"),
        (["check", "nowhere:x"], "cannot find 'nowhere.py'"),
        (["check", "functions:Settings"], "it is a ModelMetaclass and not a connector function"),
        (["check", "nonsense"], "cannot find a built-in connector 'nonsense'"),
        (["template", "functions:nonsense"], "cannot find 'nonsense' in module 'functions'"),
        (["invoke", "functions:wait", "--variables", "absent.json"], "cannot read 'absent.json': No such file"),
        (["invoke", "functions:wait", "--variables", "bad.json"], "the document is not JSON"),
        (["invoke", "functions:wait", "--variables", "many.json"], "seconds: input should be a valid number"),
        (["invoke", "functions:raising", "--variables", "bpmn.json"], "BPMN error NOT_FOUND: no such customer"),
        (["invoke", "functions:login", "--variables", "empty.json"], "cannot resolve secret 'TOKEN'"),
        (
            ["invoke", "functions:leak", "--variables", "empty.json", "--secret", "TOKEN=hunter2"],
            "ConnectorError 401: refused ***",
        ),
        (["invoke", "functions:wait", "--variables", "empty.json", "--secret", "TOKEN"], "write NAME=VALUE"),
        (["invoke", "functions:with_settings", "--variables", "empty.json"], "region: is missing"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_why(
    desk: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    written(desk, "bad.json", "{")
    written(desk, "empty.json", {})
    written(desk, "many.json", {"seconds": "many"})
    written(desk, "bpmn.json", {"how": "bpmn"})
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("connector-runtime: ")
    assert text in shown.err
    assert shown.err.count("\n") == 1


def test_a_worker_without_a_usable_configuration_does_not_start(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", "absent.json"]) == 2
    assert main(["run", "--config", written(desk, "config.json", {"version": 2})]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "cannot read the configuration 'absent.json'" in first
    assert "version: '2' is refused" in second

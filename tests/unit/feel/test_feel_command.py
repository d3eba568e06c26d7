"""`connectors feel` and `connector-runtime feel`: an expression from the shell, as in a job."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from camunda_feel import command
from connector_operator.cli import main as connectors
from connector_runtime.cli import main as connector_runtime

Main = Callable[[list[str]], int]


@pytest.fixture(params=[connectors, connector_runtime], ids=["connectors", "connector-runtime"])
def main(request: pytest.FixtureRequest) -> Main:
    return request.param


@pytest.fixture
def response(tmp_path: Path) -> str:
    path = tmp_path / "response.json"
    path.write_text('{"city": "Köln", "temperature": 7.50}', encoding="utf-8")
    return str(path)


def test_the_file_gives_its_members_and_response(main: Main, response: str, capsys: pytest.CaptureFixture[str]):
    assert main(["feel", "={a: city, b: response.city, c: temperature}", "--vars", response]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": "Köln", "b": "Köln", "c": 7.5}


def test_connector_functions_can_be_called(main: Main, capsys: pytest.CaptureFixture[str]):
    assert main(["feel", 'bpmnError("gone")']) == 0
    assert json.loads(capsys.readouterr().out) == {"errorType": "bpmnError", "errorCode": "gone"}


def test_a_null_that_nobody_meant_is_told_beside_the_value(main: Main, response: str, capsys: pytest.CaptureFixture[str]):
    assert main(["feel", "ctiy", "--vars", response]) == 0
    assert capsys.readouterr() == ("null\n", 'null, since no variable "ctiy"; did you mean "city"?\n')


def test_the_json_output_has_the_warnings_in_the_json(main: Main, capsys: pytest.CaptureFixture[str]):
    assert main(["feel", "a", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"value": None, "warnings": ['no variable "a"']}


def test_what_is_no_expression_is_shown_with_its_place(main: Main, capsys: pytest.CaptureFixture[str]):
    assert main(["feel", 'date("2020']) == 1
    output, error = capsys.readouterr()
    assert output == ""
    assert error.splitlines()[1:] == ['date("2020', "     ^"]


@pytest.mark.parametrize("text", [None, "{", "\x00"])
def test_a_file_that_is_no_json_is_named(main: Main, text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "vars.json"
    if text is not None:
        path.write_text(text)
    assert main(["feel", "a", "--vars", str(path)]) == 2
    assert f"cannot read '{path}'" in capsys.readouterr().err


def test_variables_come_from_standard_input_too(main: Main, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "stdin", io.StringIO("[1, 2]"))
    assert main(["feel", "sum(response)", "--vars", command.STANDARD_INPUT]) == 0
    assert capsys.readouterr().out == "3\n"


def test_without_the_interpreter_the_operators_command_names_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "camunda_feel", None)
    assert connectors(["feel", "1 + 1"]) == 2
    assert "connector-runtime" in capsys.readouterr().err

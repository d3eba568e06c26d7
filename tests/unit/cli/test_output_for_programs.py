"""What a pipeline reads of `lint`, `render` and `explain-policy`: JSON documents, exit codes, and files by `-f`."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenario_bad_objects import CONNECTOR, RUNTIME, changed

from connector_operator.cli import main

Output = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A runtime and its Connector."""
    path = tmp_path / "file.yaml"
    path.write_text(yaml.safe_dump_all([CONNECTOR, RUNTIME]))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """The same with a duration that is none."""
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump_all([changed(CONNECTOR, "spec.timeout", "soon"), RUNTIME]))
    return path


def _json(capsys: Output) -> Any:
    return json.loads(capsys.readouterr().out)


def test_findings_are_one_json_list(file: Path, bad: Path, capsys: Output) -> None:
    assert main(["lint", "-o", "json", "-f", str(file)]) == 0
    assert _json(capsys) == []
    assert main(["lint", "-o", "json", "-f", str(bad)]) == 1
    (finding,) = _json(capsys)
    message = finding.pop("message")
    assert message.startswith("spec.timeout: ")
    where = {"file": str(bad), "kind": "Connector", "namespace": "default", "name": "probe"}
    assert finding == where | {"reason": "InvalidSpec"}


def test_manifests_in_json_are_those_in_yaml(file: Path, capsys: Output) -> None:
    assert main(["render", str(file)]) == 0
    manifests = list(yaml.safe_load_all(capsys.readouterr().out))
    assert main(["render", "--output", "json", str(file)]) == 0
    assert _json(capsys) == {"apiVersion": "v1", "kind": "List", "items": manifests}


def test_a_runtime_that_cannot_be_rendered_ends_with_one(bad: Path, capsys: Output) -> None:
    assert main(["render", "-o", "json", str(bad)]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kind"] == "List"
    assert printed.err.startswith("default/probe: InvalidSpec: spec.timeout")


def test_a_policy_is_explained_for_files_named_by_f(file: Path, capsys: Output) -> None:
    assert main(["explain-policy", "-f", str(file), "-o", "json"]) == 0
    (explanation,) = _json(capsys)
    assert (explanation["connector"], explanation["verdict"]) == ("default/probe", "Allowed")


@pytest.mark.parametrize("command", ["lint", "render", "explain-policy", "diff"])
def test_a_command_without_a_file_is_wrong_usage(command: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command])
    assert ended.value.code == 2
    assert "needs at least one FILE" in capsys.readouterr().err


def test_a_cluster_that_does_not_answer_ends_a_diff_with_two(file: Path, tmp_path: Path, capsys: Output) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}], "current-context": "c"}
    cluster |= {"contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "users": [{"name": "u", "user": {}}]}
    kubeconfig.write_text(yaml.safe_dump(cluster))
    assert main(["diff", "--kubeconfig", str(kubeconfig), str(file)]) == 2
    assert "the API server did not answer" in capsys.readouterr().err

"""`connectors` reads the scalars of YAML files as the real kubectl does, so that what was linted is what is applied."""

import json
import subprocess
from pathlib import Path

import pytest
from kubectl_program import kubectl

from connector_operator.cli.files import load

SCALARS = (
    *("1", "-0", "+1", "1e3", "1E+3", "1.5e+3", "1e-3", ".5", "1.", "0.10", "-.5", "1.0", "1e20", "1e22", "9007199254740993"),
    *(
        "017",
        "089",
        "0o17",
        "0x10",
        "0xfF",
        "0b11",
        "1_000",
        "1_0.5",
        "1:30",
        "190:20:30.15",
        "1:30.5",
        "1.2.3",
        "0x",
        "1e",
        "_1",
    ),
    *("yes", "No", "ON", "off", "y", "N", "true", "FALSE", "yEs", "~", "null", "NULL", "nil", "None", "''", "'1'", "'true'"),
    *(
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "=",
        "<<",
        "a b",
        "5m",
        "0m",
        "1Gi",
        "500m",
        "[y, 1e3]",
        "{n: 1:30}",
        "{1: a}",
        "|-\n    on",
    ),
)
"""What people write behind a colon, and what looks like something else than it is."""


def _file(scalar: str) -> str:
    head = "apiVersion: connectors.camunda.io/v1alpha1\nkind: Connector\nmetadata: {name: probe}\n"
    return f"{head}spec:\n  settings:\n   a: {scalar}\n"


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_scalar_is_what_kubectl_takes_it_for(scalar: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(_file(scalar))
    command = [kubectl(), "annotate", "--local", "-f", str(file), "-o", "json", "a=b"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout)["spec"]
    ours = load([file], "default").loaded[0].obj["spec"]
    assert json.dumps(ours) == json.dumps(theirs)

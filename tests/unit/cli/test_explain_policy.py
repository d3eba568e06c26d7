"""`connectors explain-policy` names the policy and the entry that decided."""

import json
from pathlib import Path
from typing import Any

import pytest
import scenario_objects as objects

from connector_operator.cli import main

Output = pytest.CaptureFixture[str]
ENTRIES: list[dict[str, Any]] = [
    {"jobTypes": ["acme.io:*"], "sources": {"configMap": {}}},
    {"jobTypes": ["acme.io:*"], "sources": {"builtin": ["http-*"]}},
]


def _explain(folder: Path, *found: dict[str, Any], output: str = "text") -> int:
    file = folder / "file.yaml"
    file.write_text("---\n".join(json.dumps(obj) + "\n" for obj in found), encoding="utf-8")
    return main(["explain-policy", "--output", output, str(file)])


def test_the_allowing_entry_is_named(tmp_path: Path, capsys: Output) -> None:
    assert _explain(tmp_path, objects.connector(), objects.policy(connectors=ENTRIES)) == 0
    assert capsys.readouterr().out == "shop/http: Allowed: ConnectorPolicy 'guard' spec.connectors[1]\n"


def test_a_refusal_says_why_and_exits_with_1(tmp_path: Path, capsys: Output) -> None:
    assert _explain(tmp_path, objects.connector(jobType="evil"), objects.policy(connectors=ENTRIES)) == 1
    assert capsys.readouterr().out.startswith("shop/http: Refused: ConnectorPolicy 'guard' allows no job type 'evil'; ")


def test_what_only_audits_is_told_and_refuses_nothing(tmp_path: Path, capsys: Output) -> None:
    assert _explain(tmp_path, objects.connector(), objects.policy(enforcement="Audit")) == 0
    assert capsys.readouterr().out.startswith("shop/http: Audited: ")


def test_without_a_policy_the_default_decides(tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _explain(tmp_path, objects.connector()) == 0
    assert "no ConnectorPolicy selects" in capsys.readouterr().out
    monkeypatch.setenv("CONNECTOR_OPERATOR_DEFAULT_POLICY", "deny")
    assert _explain(tmp_path, objects.connector()) == 1
    assert "--default-policy=deny" in capsys.readouterr().out


def test_json_has_one_object_for_each_connector_and_policy(tmp_path: Path, capsys: Output) -> None:
    strict = objects.policy("strict")
    assert _explain(tmp_path, objects.connector(), objects.policy(connectors=ENTRIES), strict, output="json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(item["policy"], item["verdict"], item["entry"]) for item in found] == [
        ("guard", "Allowed", 1),
        ("strict", "Refused", None),
    ]


def test_a_connector_that_cannot_be_read_is_invalid(tmp_path: Path, capsys: Output) -> None:
    assert _explain(tmp_path, objects.connector(source={}), objects.policy(connectors=ENTRIES)) == 1
    assert capsys.readouterr().out.startswith("shop/http: Invalid: spec.source: ")

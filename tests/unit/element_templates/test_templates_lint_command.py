"""`connectors templates lint`: exit codes, lines and formats."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from template_builder import good_template, spoilt

from connector_operator.cli import main
from connector_operator.element_templates.findings import Rule


def written(folder: Path, name: str, document: object) -> str:
    path = folder / name
    path.write_text(json.dumps(document, indent=2))
    return str(path)


def test_a_good_file_is_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "lint", written(tmp_path, "good.json", good_template())]) == 0
    assert capsys.readouterr().out == "1 files, nothing to complain about\n"


def test_a_finding_is_1_and_names_file_line_property_rule_and_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "bad.json", spoilt(("properties", 1, "value"), "soft"))
    line = Path(file).read_text().splitlines().index('      "value": "soft",') + 1
    assert main(["templates", "lint", file]) == 1
    assert capsys.readouterr().out == (
        f"{file}:{line}: error: properties[1].value: property 'mode': its value 'soft' is none of its choices; "
        "use the value of a choice, or add it [default-choice]\n"
    )


def test_a_warning_is_0_unless_strict(tmp_path: Path) -> None:
    file = written(tmp_path, "warned.json", spoilt(("documentationRef",), "http://example.com"))
    assert main(["templates", "lint", file]) == 0
    assert main(["templates", "lint", "--strict", file]) == 1


@pytest.mark.parametrize("arguments", [["no-such-file.json"], []])
def test_nothing_to_read_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "lint", *arguments]) == 2
    assert capsys.readouterr().err.startswith("connectors: cannot ")


def test_bytes_that_are_no_text_are_2(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe{")
    assert main(["templates", "lint", str(tmp_path)]) == 2


def test_a_list_of_templates_is_checked_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "list.json", [good_template(), good_template(version=4)])
    assert main(["templates", "lint", "--output", "json", file]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["rule"], found["property"], found["template"]) == (
        "header-version",
        "[1].properties[3].value",
        "com.example:greeting:1",
    )


def test_json_has_one_object_per_finding_of_all_files_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, "a.json", good_template())
    written(tmp_path, "b.json", good_template())
    assert main(["templates", "lint", "--output", "json", str(tmp_path)]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {
        "file": str(tmp_path / "b.json"),
        "line": 4,
        "template": "com.example:greeting:1",
        "property": "id",
        "rule": "id-version-taken",
        "level": "error",
        "message": f"'com.example:greeting:1' version 3 is also in '{tmp_path / 'a.json'}'",
        "fix": "raise the version, or choose another id",
    }


SARIF_CORE = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {"required": ["driver"], "properties": {"driver": {"required": ["name", "rules"]}}},
                    "results": {
                        "minItems": 1,
                        "items": {
                            "required": ["ruleId", "level", "message", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                            },
                        },
                    },
                },
            }
        },
    },
}


def test_sarif_has_its_members_and_every_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "bad.json", spoilt(("version",), "3"))
    assert main(["templates", "lint", "--output", "sarif", file]) == 1
    report = json.loads(capsys.readouterr().out)
    jsonschema_rs.validate(SARIF_CORE, report)
    run = report["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.word for rule in Rule]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": file},
        "region": {"startLine": 5},
    }


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "lint", "--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.word for rule in Rule]

"""Findings as text for people, JSON for programs, SARIF for code review.

SARIF: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

import json
from collections.abc import Sequence
from typing import Any

from connector_operator.element_templates.check import FileFinding
from connector_operator.element_templates.findings import Rule


def as_text(findings: Sequence[FileFinding]) -> str:
    """One line per finding: file, line, level, property, sentence, fix, rule."""
    return "\n".join(_line(item) for item in findings)


def _line(item: FileFinding) -> str:
    place = f" {item.place}:" if item.place else ""
    return f"{item.file}:{item.line}: {item.finding.rule.level}:{place} {item.finding.text}"


def as_json(findings: Sequence[FileFinding]) -> str:
    """A list of objects, one per finding."""
    return json.dumps([_object(item) for item in findings], indent=2, ensure_ascii=False)


def _object(item: FileFinding) -> dict[str, Any]:
    return {
        "file": item.file,
        "line": item.line,
        "template": item.template,
        "property": item.place,
        "rule": item.finding.rule.word,
        "level": item.finding.rule.level.value,
        "message": item.finding.message,
        "fix": item.finding.fix,
    }


def as_sarif(findings: Sequence[FileFinding]) -> str:
    """One run with all rules and one result per finding."""
    driver = {"name": "connectors templates lint", "rules": [_sarif_rule(rule) for rule in Rule]}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(item) for item in findings]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.word,
        "shortDescription": {"text": rule.sentence},
        "defaultConfiguration": {"level": rule.level.value},
    }


def _sarif_result(item: FileFinding) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": item.file}, "region": {"startLine": item.line}}
    return {
        "ruleId": item.finding.rule.word,
        "level": item.finding.rule.level.value,
        "message": {"text": f"{item.finding.message}; {item.finding.fix}"},
        "locations": [{"physicalLocation": place}],
    }

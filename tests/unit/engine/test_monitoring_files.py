"""Alerts and dashboard ask for metrics that exist, and every alert has its line for the one who is called."""

import json
import re
from pathlib import Path

import yaml
from prometheus_client import CollectorRegistry, generate_latest

from connector_operator.engine.metrics import Metrics, Readings, ReadingsCollector

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
ALERTS = yaml.safe_load((MONITORING / "operator-alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["spec"]["groups"] for rule in group["rules"]]
PANELS = json.loads((MONITORING / "operator-dashboard.json").read_text(encoding="utf-8"))["panels"]


def _families() -> set[str]:
    registry = CollectorRegistry()
    Metrics(registry)
    collector = ReadingsCollector(Readings({}, dict, dict))
    numbers = dict.fromkeys(collector.texts, float)
    registry.register(ReadingsCollector(Readings(numbers, dict, dict)))
    return set(re.findall(r"^# TYPE (\w+)", generate_latest(registry).decode(), re.MULTILINE))


def _asked(expressions: list[str]) -> set[str]:
    names = {name for text in expressions for name in re.findall(r"connector_operator_\w+", text)}
    return {name.removesuffix("_bucket") for name in names}


def test_every_metric_that_an_alert_asks_for_exists() -> None:
    asked = _asked([rule["expr"] for rule in RULES])
    assert asked
    assert asked - _families() == set()


def test_what_alerts_count_is_there_at_zero_before_it_happens() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    text = generate_latest(registry).decode()
    counted = [name for rule in RULES for name in re.findall(r"increase\((\w+)", rule["expr"])]
    assert counted
    for name in counted:
        assert re.search(rf"^{name}{{.*}} 0\.0$", text, re.MULTILINE)
    for kind in ("Connector", "ConnectorRuntime", "ConnectorPolicy"):
        assert f'connector_operator_reconciles_total{{kind="{kind}",result="crashed"}} 0.0' in text


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    shown = _asked([target["expr"] for panel in PANELS for target in panel["targets"]])
    made = {name for name in _families() if not name.endswith("_created")}
    assert shown == made


def test_every_alert_has_its_line_in_the_operations_page_and_no_line_is_left_over() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in RULES] == re.findall(r"^## (\w+)$", page, re.MULTILINE)
    assert all(rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}" for rule in RULES)

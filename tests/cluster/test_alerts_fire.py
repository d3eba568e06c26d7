"""Prometheus itself evaluates our alerts over figures for which they must fire and others for which they must not."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from promql_program import run_script

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
ALERTS = yaml.safe_load((MONITORING / "operator-alerts.yaml").read_text(encoding="utf-8"))
EXPRESSIONS = {rule["alert"]: rule["expr"] for group in ALERTS["spec"]["groups"] for rule in group["rules"]}
QUEUE = """connector_operator_queue_seconds_bucket{le="0.1"} 0+%dx90
  connector_operator_queue_seconds_bucket{le="10"} 0+10x90
  connector_operator_queue_seconds_bucket{le="30"} 0+%dx90
  connector_operator_queue_seconds_bucket{le="+Inf"} 0+%dx90"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Series, one value a minute, for one alert; `alerts` is for how many of its series it fires after 70 minutes."""

    alert: str
    series: str
    alerts: int

    def __str__(self) -> str:
        return f"{self.alert}-{self.alerts}"


CASES = (
    Figures("ConnectorOperatorNotReady", "other_ready 1x90", 1),
    Figures("ConnectorOperatorNotReady", "connector_operator_ready 0x90", 1),
    Figures("ConnectorOperatorNotReady", 'connector_operator_ready{pod="a"} 0x90\n  connector_operator_ready{pod="b"} 1x90', 0),
    Figures("ConnectorOperatorWithoutLeader", "connector_operator_ready 1x90\n  connector_operator_leads 0x90", 1),
    Figures(
        "ConnectorOperatorWithoutLeader",
        'connector_operator_ready 1x90\n  connector_operator_leads{pod="a"} 1x90\n  connector_operator_leads{pod="b"} 1x90',
        1,
    ),
    Figures("ConnectorOperatorWithoutLeader", "connector_operator_ready 1x90\n  connector_operator_leads 1x90", 0),
    Figures("ConnectorOperatorReconcileStuck", "connector_operator_oldest_reconcile_seconds 121x90", 1),
    Figures("ConnectorOperatorReconcileStuck", "connector_operator_oldest_reconcile_seconds 60x90", 0),
    Figures(
        "ConnectorOperatorCrashes",
        'connector_operator_reconciles_total{kind="Connector",result="crashed"} 0x65 1x20\n'
        '  connector_operator_reconciles_total{kind="ConnectorPolicy",result="crashed"} 0x90',
        1,
    ),
    Figures("ConnectorOperatorCrashes", 'connector_operator_reconciles_total{kind="Connector",result="ok"} 0+9x90', 0),
    Figures("ConnectorOperatorRejected", 'connector_operator_reconciles_total{kind="Connector",result="rejected"} 0x65 1x20', 1),
    Figures("ConnectorOperatorRejected", 'connector_operator_reconciles_total{kind="Connector",result="rejected"} 7x90', 0),
    Figures("ConnectorOperatorQueueSlow", QUEUE % (0, 20, 20), 1),
    Figures("ConnectorOperatorQueueSlow", QUEUE % (10, 10, 10), 0),
    Figures("ConnectorOperatorRepairs", "connector_operator_repairs_total 0+1x90\n  connector_operator_ghosts_total 0x90", 1),
    Figures("ConnectorOperatorRepairs", "connector_operator_repairs_total 0x90\n  connector_operator_ghosts_total 40x90", 0),
    Figures("ConnectorsNotReady", 'connector_operator_resources{kind="Connector",reason="LoadFailed"} 2x90', 1),
    Figures(
        "ConnectorsNotReady",
        'connector_operator_resources{kind="Connector",reason="Ready"} 2x90\n'
        '  connector_operator_resources{kind="Connector",reason="Suspended"} 1x90',
        0,
    ),
)


@pytest.mark.parametrize("figures", CASES, ids=str)
def test_an_alert_fires_when_it_has_to_and_not_else(figures: Figures) -> None:
    expected = f"  {{}} {figures.alerts}\n" if figures.alerts else ""
    run_script(f"load 1m\n  {figures.series}\n\neval instant at 70m count({EXPRESSIONS[figures.alert]})\n{expected}")


def test_every_alert_is_seen_firing_and_silent() -> None:
    assert {(figures.alert, figures.alerts > 0) for figures in CASES} == {
        (alert, fires) for alert in EXPRESSIONS for fires in (True, False)
    }


@pytest.mark.parametrize("name", ["operator-dashboard.json", "workers-dashboard.json"])
def test_prometheus_reads_every_expression_of_a_dashboard(name: str) -> None:
    text = (MONITORING / name).read_text(encoding="utf-8")
    expressions = [re.sub(r"\$__\w+", "5m", found) for found in _expressions(json.loads(text))]
    assert expressions
    run_script("\n\n".join(f"eval instant at 70m {expression}" for expression in expressions))


def _expressions(dashboard: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]

"""What a pod tells about itself: /status as its schema says, every metric that the dashboard shows."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
from job_functions import FUNCTIONS
from job_worker import Pod, connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "status.schema.json").read_text())
DASHBOARD = json.loads((ROOT / "deploy" / "monitoring" / "workers-dashboard.json").read_text())
METRIC = re.compile(r"\b((?:camunda_connector|connector_runtime|process)_[a-z_]+)")
SAMPLE = re.compile(r"^([a-z_]+)(?:\{([^}]*)\})? ([0-9.e+-]+)$", re.MULTILINE)
# Prometheus adds these by its own configuration, from where it found the pod.
FROM_DISCOVERY = {"namespace", "pod"}


def config(gateway: ZeebeGateway, folder: Path, *functions: str) -> dict[str, Any]:
    source = {name: python_source(folder / name, f"functions:{name}", functions=FUNCTIONS) for name in functions}
    entries = [connector_entry(name, f"test:{name}:1", source=source[name]) for name in functions]
    return worker_config(gateway.address, *entries)


async def samples(pod: Pod) -> dict[str, dict[str, float]]:
    """Values by metric and label text."""
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in SAMPLE.findall((await pod.get("/metrics"))[1]):
        found.setdefault(name, {})[labels] = float(value)
    return found


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


async def test_every_metric_and_label_of_the_dashboard_exists(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(config(gateway, tmp_path, "wait")) as pod:
        await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)
        found = await samples(pod)
    shown = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert len(shown) >= 10
    assert shown - found.keys() == set()
    labels = {label for texts in found.values() for text in texts for label in re.findall(r"(\w+)=", text)}
    asked = {label for text in expressions() for group in re.findall(r"by \(([^)]*)\)", text) for label in group.split(", ")}
    assert asked - labels - FROM_DISCOVERY == set()


def test_no_two_panels_of_the_dashboard_share_an_id_or_a_place() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)


async def test_the_status_of_a_pod_in_work_is_as_its_schema_says(gateway: ZeebeGateway, tmp_path: Path) -> None:
    broken = connector_entry("broken", "test:broken:1", source=python_source(tmp_path / "b", "b:run", b="1 +"))
    made = config(gateway, tmp_path, "wait", "raising")
    made["connectors"].append(broken)
    async with worker_in_process(made) as pod:
        await gateway.create_job("test:wait:1")
        failing = await gateway.create_job("test:raising:1", {"how": "input"})
        await gateway.until(lambda: failing.state is JobState.INCIDENT)
        await pod.until_state("broken", "LoadFailed")
        status = await pod.status()
    jsonschema_rs.validator_for(SCHEMA).validate(status)
    assert {name: report["state"] for name, report in status["connectors"].items()} == {
        "wait": "Loaded",
        "raising": "Loaded",
        "broken": "LoadFailed",
    }


async def test_streams_and_bytes_in_flight_are_told(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(config(gateway, tmp_path, "wait")) as pod:
        await pod.until_ready()
        await gateway.create_job("test:wait:1", {"seconds": 3, "value": "x" * 5_000})
        await pod.until_active("wait", 1)
        found = await samples(pod)
        pod.stop()
    assert found["connector_runtime_streams"] == {'connector="wait"': 1.0}
    assert found["connector_runtime_held_bytes"][""] > 5_000

"""What is wrong with one Connector, its secrets or the gateway is told, hurts no neighbour, and heals by itself."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway

from connector_runtime.logs import configure


def entry(folder: Path, function: str, name: str = "", **members: Any) -> dict[str, Any]:
    source = python_source(folder / function, f"functions:{function}", functions=FUNCTIONS)
    return connector_entry(name or function, f"test:{function}:1", **{"source": source, **members})


def with_secrets(folder: Path, *names: str) -> dict[str, Any]:
    directory = folder / "secrets"
    directory.mkdir(exist_ok=True)
    return {"directory": str(directory), "names": list(names)}


RAISING_DEFAULT = """
from pydantic import BaseModel, Field
from connector_sdk import connector
class Input(BaseModel):
    a: int = Field(default_factory=lambda: 1 // 0)
@connector(id="test:bad:1", name="Bad")
async def run(input: Input): ...
"""


@pytest.mark.parametrize(
    ("members", "state", "message"),
    [
        ({"source": {"builtin": "nonsense"}}, "LoadFailed", "cannot find a built-in connector 'nonsense'"),
        ({"source": "1 / 0"}, "LoadFailed", "ZeroDivisionError"),
        ({"source": "def ("}, "LoadFailed", "cannot parse 'bad.py' line 1"),
        ({"source": "x = 1"}, "LoadFailed", "cannot find 'run' in module 'bad'"),
        ({"source": RAISING_DEFAULT}, "LoadFailed", "cannot prepare the connector function: ZeroDivisionError"),
        ({"settings": {}}, "SettingsInvalid", "region: is missing; correct spec.settings"),
        ({"settings": {"region": "eu", "attempts": "many"}}, "SettingsInvalid", "attempts: 'many' is refused"),
    ],
)
async def test_a_connector_that_cannot_be_served_says_why_and_leaves_its_neighbour_alone(
    gateway: ZeebeGateway, tmp_path: Path, members: dict[str, Any], state: str, message: str
) -> None:
    if isinstance(members.get("source"), str):
        members = {"source": python_source(tmp_path / "bad", "bad:run", bad=members["source"])}
    config = worker_config(gateway.address, entry(tmp_path, "with_settings", "bad", **members), entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        report = await pod.until_state("bad", state)
        assert message in report["message"]
        job = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        assert [request.type for request in gateway.requests if request.type != "test:wait:1"] == []


async def test_good_settings_reach_the_function_as_its_model(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "with_settings", settings={"region": "eu"}))
    async with worker_in_process(config):
        job = await gateway.create_job("test:with_settings:1", {}, {"resultVariable": "region"})
        await gateway.until_all(JobState.COMPLETED)
        assert job.result == {"region": "eu"}


async def test_jobs_wait_for_a_missing_secret_and_run_when_it_appears(gateway: ZeebeGateway, tmp_path: Path) -> None:
    secrets = with_secrets(tmp_path, "TOKEN")
    config = worker_config(gateway.address, entry(tmp_path, "login", secrets=secrets), entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        job = await gateway.create_job("test:login:1", {}, {"resultVariable": "r"})
        report = await pod.until_state("login", "SecretsMissing")
        assert report["secretsMissing"] == ["TOKEN"]
        assert "waiting for secrets: TOKEN" in report["message"]
        assert (job.activations, job.state) == (0, JobState.ACTIVATABLE)
        (tmp_path / "secrets" / "TOKEN").write_text("t0k3n")
        await gateway.until_all(JobState.COMPLETED)
        assert job.result == {"r": {"token": "t0k3n", "same": True}}
        assert (await pod.connector("login"))["state"] == "Loaded"


async def test_a_rotated_secret_is_used_without_a_restart_and_a_vanished_one_stops_activation(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    secrets = with_secrets(tmp_path, "TOKEN")
    file = tmp_path / "secrets" / "TOKEN"
    file.write_text("first")
    config = worker_config(gateway.address, entry(tmp_path, "login", secrets=secrets))
    async with worker_in_process(config) as pod:
        first = await gateway.create_job("test:login:1", {}, {"resultVariable": "r"})
        await gateway.until(lambda: first.state is JobState.COMPLETED)
        file.unlink()
        await pod.until_state("login", "SecretsMissing")
        await gateway.until(lambda: gateway.open_polls == 0 and not gateway.streams)
        waiting = await gateway.create_job("test:login:1", {}, {"resultVariable": "r"})
        file.write_text("second")
        await gateway.until(lambda: waiting.state is JobState.COMPLETED)
        assert (first.result["r"]["token"], waiting.result["r"]["token"]) == ("first", "second")
        assert (waiting.activations, waiting.failures) == (1, [])


async def test_a_placeholder_that_is_not_declared_fails_the_job_for_good(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config):
        job = await gateway.create_job("test:wait:1", {"value": "{{secrets.OTHER}}"})
        await gateway.until_all(JobState.INCIDENT)
        assert "cannot resolve secret 'OTHER': Connector 'wait' has no such secret" in job.error_message


@pytest.fixture
async def log_lines() -> AsyncIterator[io.StringIO]:
    """The log of a worker in this process, which is the whole process's."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    yield stream
    root.handlers[:], root.level = handlers, level


async def test_a_secret_is_in_no_message_status_metric_or_log_line(
    gateway: ZeebeGateway, tmp_path: Path, log_lines: io.StringIO
) -> None:
    secrets = with_secrets(tmp_path, "TOKEN")
    (tmp_path / "secrets" / "TOKEN").write_text("canary-4711")
    config = worker_config(gateway.address, entry(tmp_path, "leak", secrets=secrets), entry(tmp_path, "login", secrets=secrets))
    async with worker_in_process(config) as pod:
        configure("DEBUG", pod.maskers, log_lines)
        leaking = await gateway.create_job("test:leak:1", {}, {"retryBackoff": "PT1H"})
        logging_in = await gateway.create_job("test:login:1", {})
        await gateway.until(lambda: bool(leaking.error_message) and logging_in.state is JobState.COMPLETED)
        assert leaking.error_message == "refused ***"
        assert leaking.result["error"] == {"type": "ConnectorError", "message": "refused ***", "code": "401"}
        seen = json.dumps(await pod.status()) + (await pod.get("/metrics"))[1] + log_lines.getvalue()
        assert "logging in with ***" in seen
        assert "refused ***" in seen
        assert "canary-4711" not in seen


async def test_the_worker_waits_for_an_unreachable_gateway_and_recovers_by_itself(gateway: ZeebeGateway, tmp_path: Path) -> None:
    await gateway.stop()
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await asyncio.sleep(0.3)
        status, text = await pod.get("/readyz")
        assert (status, "trying again" in text) == (503, True)
        assert (await pod.status())["gateway"]["state"] == "Connecting"
        assert (await pod.get("/livez"))[0] == 200
        await gateway.start()
        await pod.until_ready()
        assert (await pod.status())["gateway"] == {"state": "Connected", "message": ""}
        for _ in range(3):
            await gateway.stop()
            await gateway.start()
            job = await gateway.create_job("test:wait:1")
            await gateway.until(lambda job=job: job.state is JobState.COMPLETED)


async def test_a_job_that_ends_while_the_gateway_is_away_is_completed_when_it_is_back(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config):
        job = await gateway.create_job("test:wait:1", {"seconds": 0.5})
        await gateway.until(lambda: job.state is JobState.ACTIVATED)
        await gateway.stop()
        await asyncio.sleep(1)
        await gateway.start()
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        assert job.activations == 1


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED])
async def test_a_gateway_that_refuses_the_worker_is_told_and_forgotten_when_it_does_not(
    gateway: ZeebeGateway, tmp_path: Path, code: grpc.StatusCode
) -> None:
    gateway.refusal = Misbehaviour(code, "token expired")
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await gateway.until(lambda: gateway.calls["ActivateJobs"] > 2)
        told = (await pod.status())["gateway"]
        assert (told["state"], "token expired" in told["message"]) == ("Unauthenticated", True)
        assert (await pod.get("/readyz"))[0] == 503
        gateway.refusal = None
        job = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        await pod.until_ready()


async def test_a_busy_broker_is_asked_less_and_less_often(gateway: ZeebeGateway, tmp_path: Path) -> None:
    gateway.refusal = Misbehaviour(grpc.StatusCode.RESOURCE_EXHAUSTED, "back pressure")
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config):
        await asyncio.sleep(2)
        assert 2 <= gateway.calls["ActivateJobs"] <= 10


async def test_endpoints_for_unknown_things_are_404(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(worker_config(gateway.address, entry(tmp_path, "wait"))) as pod:
        assert (await pod.get("/element-templates/nonsense"))[0] == 404
        assert (await pod.get("/nonsense"))[0] == 404


async def test_a_connector_with_given_templates_reports_none(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", elementTemplates="Given"))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        assert (await pod.connector("wait"))["elementTemplates"] == []
        assert await pod.get("/element-templates/wait") == (200, "[]")


async def test_metrics_carry_the_official_names_and_labels(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await gateway.create_job("test:wait:1", {}, {"elementTemplateId": "t", "elementTemplateVersion": "4"})
        await gateway.until_all(JobState.COMPLETED)
        text = (await pod.get("/metrics"))[1]
        labels = 'elementTemplateId="t",elementTemplateVersion="4",type="test:wait:1"'
        for action in ("activated", "completed"):
            assert f'camunda_connector_outbound_invocations_total{{action="{action}",{labels}}} 1.0' in text
        assert f"camunda_connector_outbound_execution_time_seconds_count{{{labels}}} 1.0" in text


async def test_metrics_tell_what_is_held_and_what_is_missing_at_the_moment_of_a_scrape(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    waiting = entry(tmp_path, "login", secrets=with_secrets(tmp_path, "A", "B"))
    async with worker_in_process(worker_config(gateway.address, entry(tmp_path, "wait"), waiting)) as pod:
        await pod.until_ready()
        await gateway.create_job("test:wait:1", {"seconds": 1})
        lines: list[str] = []
        async with asyncio.timeout(20):
            while 'connector_runtime_jobs_active{connector="wait"} 1.0' not in lines:
                lines = (await pod.get("/metrics"))[1].splitlines()
        for line in (
            "connector_runtime_gateway_connected 1.0",
            "connector_runtime_command_retries_total 0.0",
            'connector_runtime_jobs_active{connector="login"} 0.0',
            'connector_runtime_secrets_missing{connector="login"} 2.0',
            'connector_runtime_polls{connector="wait"} 1.0',
            'connector_runtime_polls{connector="login"} 0.0',
        ):
            assert line in lines

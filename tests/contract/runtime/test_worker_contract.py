"""Both sides of docs/worker-contract.md: what the runtime answers is what the operator reads."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from job_functions import FUNCTIONS
from job_worker import Pod, connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import ZeebeGateway

from connector_operator.domain.reports import GatewayState, LoadState, read_status
from connector_runtime.gateway import ConnectionState
from connector_runtime.serving import ServingState


@pytest.fixture
async def pod(tmp_path: Path) -> AsyncIterator[Pod]:
    """A worker with a Connector in each lasting state."""
    gateway = ZeebeGateway()
    await gateway.start()
    source = python_source(tmp_path, "functions:with_settings", functions=FUNCTIONS)
    missing = {"directory": str(tmp_path / "nowhere"), "names": ["TOKEN"]}
    config = worker_config(
        gateway.address,
        connector_entry("good", "io.camunda:http-json:1"),
        connector_entry("broken", "t:1", source={"builtin": "nonsense"}),
        connector_entry("unset", "t:2", source=source),
        connector_entry("waiting", "t:3", secrets=missing),
    )
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        yield pod
    await gateway.stop()


async def test_the_operator_reads_every_state_that_a_pod_reports(pod: Pod) -> None:
    report = read_status("pod-0", (await pod.get("/status"))[1].encode())
    assert report.problem == ""
    assert report.document is not None
    assert report.document.gateway.state is GatewayState.CONNECTED
    assert {name: connector.state for name, connector in report.document.connectors.items()} == {
        "good": LoadState.LOADED,
        "broken": LoadState.LOAD_FAILED,
        "unset": LoadState.SETTINGS_INVALID,
        "waiting": LoadState.SECRETS_MISSING,
    }
    assert report.document.connectors["waiting"].secrets_missing == ("TOKEN",)


def test_both_sides_know_the_same_states() -> None:
    assert {state.value for state in ServingState} == {state.value for state in LoadState}
    assert {state.value for state in ConnectionState} == {state.value for state in GatewayState}


async def test_a_reported_digest_is_that_of_the_element_template_as_it_is_given(pod: Pod) -> None:
    (reported,) = (await pod.connector("good"))["elementTemplates"]
    (given,) = json.loads((await pod.get("/element-templates/good"))[1])
    text = json.dumps(given, indent=2, ensure_ascii=False)
    assert reported == {"id": given["id"], "version": given["version"], "digest": hashlib.sha256(text.encode()).hexdigest()}


async def test_a_status_stays_within_the_sizes_of_the_contract(pod: Pod) -> None:
    text = (await pod.get("/status"))[1]
    assert len(text.encode()) < 1024 * 1024
    for connector in json.loads(text)["connectors"].values():
        assert len(connector["message"]) <= 1000
        assert len(connector["lastError"]) <= 1000

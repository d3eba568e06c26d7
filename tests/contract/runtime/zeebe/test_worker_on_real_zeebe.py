"""What only the real broker can confirm: its pushes, its clock, its errors, and what it does with jobs handed back."""

import asyncio
import itertools
import signal
from pathlib import Path
from typing import Any

import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process, worker_process
from pyzeebe import ZeebeClient

from local_cluster.zeebe import Zeebe

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 id="d" targetNamespace="t"><error id="e" errorCode="NOT_FOUND"/><process id="{id}" isExecutable="true">
 <startEvent id="s"><outgoing>a</outgoing></startEvent><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
 <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="{type}" retries="3"/>
 <zeebe:taskHeaders>{headers}</zeebe:taskHeaders></extensionElements>
 <incoming>a</incoming><outgoing>z</outgoing></serviceTask>
 <boundaryEvent id="b" attachedToRef="t"><extensionElements><zeebe:ioMapping>
 <zeebe:output source="=id" target="caught"/></zeebe:ioMapping></extensionElements>
 <outgoing>c</outgoing><errorEventDefinition errorRef="e"/></boundaryEvent>
 <sequenceFlow id="c" sourceRef="b" targetRef="caught"/>
 <endEvent id="caught"><incoming>c</incoming></endEvent>
 <sequenceFlow id="z" sourceRef="t" targetRef="done"/><endEvent id="done"><incoming>z</incoming></endEvent>
 </process></definitions>"""

NUMBERS = itertools.count()


async def deployed(client: ZeebeClient, folder: Path, job_type: str, **headers: str) -> str:
    name = f"process-{next(NUMBERS)}"
    shown = "".join(f'<zeebe:header key="{key}" value="{value}"/>' for key, value in headers.items())
    text = PROCESS.format(id=name, type=job_type, headers=shown)
    (folder / f"{name}.bpmn").write_text(text)
    await client.deploy_resource(str(folder / f"{name}.bpmn"))
    return name


async def result(client: ZeebeClient, process: str, variables: dict[str, Any]) -> dict[str, Any]:
    answer = await client.run_process_with_result(process, variables, timeout=30_000)
    return dict(answer.variables)


def config(zeebe: Zeebe, folder: Path, function: str, job_type: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / "code", f"functions:{function}", functions=FUNCTIONS)
    return worker_config(
        zeebe.grpc_address, connector_entry(function.replace("_", "-"), job_type, source=source, **members), grace=8
    )


async def test_a_pushed_job_is_completed_with_its_result_expression(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:wait", resultExpression="={doubled: value * 2, whole: response}")
    async with worker_in_process(config(zeebe, tmp_path, "wait", "z:wait")) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"value": 21, "seconds": 0})
    assert (variables["doubled"], variables["whole"]["value"]) == (42, 21)


async def test_a_bpmn_error_is_caught_and_its_variables_arrive(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:raise")
    async with worker_in_process(config(zeebe, tmp_path, "raising", "z:raise")) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"how": "bpmn"})
    assert variables["caught"] == 1


async def test_a_function_longer_than_its_lock_keeps_it(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:long", resultVariable="r")
    async with worker_in_process(config(zeebe, tmp_path, "wait", "z:long", timeoutSeconds=1)) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"seconds": 3, "value": 1})
        report = await pod.connector("wait")
    assert variables["r"] == {"value": 1, "retries": 3}
    assert (report["completed"], report["failed"]) == (1, 0)


@pytest.mark.parametrize(("how", "most_twice"), [(signal.SIGTERM, 0), (signal.SIGKILL, 100)])
async def test_workers_that_are_replaced_under_load_lose_nothing(
    zeebe: Zeebe, client: ZeebeClient, tmp_path: Path, how: signal.Signals, most_twice: int
) -> None:
    """SIGTERM: nothing runs twice. SIGKILL: at most what was in flight."""
    job_type = f"z:count-{how.name}"
    process = await deployed(client, tmp_path, job_type)
    source = python_source(tmp_path / "code", "functions:count", functions=FUNCTIONS)
    entry = connector_entry("count", job_type, source=source, timeoutSeconds=4, maxJobsActive=32)
    log = tmp_path / "executed"
    instances: list[asyncio.Task[Any]] = []

    async def load() -> None:
        for _ in range(300):
            call = client.run_process_with_result(process, {"log": str(log), "seconds": 0.05}, timeout=60_000)
            instances.append(asyncio.create_task(call))
            await asyncio.sleep(0.02)

    loading = asyncio.create_task(load())
    while not loading.done():
        folder = Path(f"{tmp_path}/pod-{next(NUMBERS)}")
        folder.mkdir()
        async with worker_process(worker_config(zeebe.grpc_address, entry, grace=10), folder) as worker:
            await asyncio.sleep(2.5)
            await worker.terminate(how)
    last = tmp_path / "last"
    last.mkdir()
    async with worker_process(worker_config(zeebe.grpc_address, entry, grace=10), last):
        await asyncio.gather(loading, *instances)
    executed = log.read_text().split()
    assert len(set(executed)) == 300
    assert len(executed) - 300 <= most_twice

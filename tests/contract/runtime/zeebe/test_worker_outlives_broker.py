"""A real broker that is killed and comes back while a job is under way."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from pyzeebe import ZeebeClient, create_insecure_channel
from pyzeebe.errors import PyZeebeError

from local_cluster.zeebe import NAME, Zeebe

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 id="d" targetNamespace="t"><process id="{type}" isExecutable="true">
 <startEvent id="s"><outgoing>a</outgoing></startEvent><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
 <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="{type}" retries="3"/>
 <zeebe:taskHeaders><zeebe:header key="resultVariable" value="r"/></zeebe:taskHeaders></extensionElements>
 <incoming>a</incoming><outgoing>z</outgoing></serviceTask>
 <sequenceFlow id="z" sourceRef="t" targetRef="e"/><endEvent id="e"><incoming>z</incoming></endEvent>
 </process></definitions>"""


def entry(folder: Path, job_type: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / "code", "functions:count", functions=FUNCTIONS)
    return connector_entry("outlive", job_type, source=source, **members)


async def deployed(zeebe: Zeebe, folder: Path, job_type: str) -> ZeebeClient:
    """A new channel: an old one may be waiting to connect again."""
    client = ZeebeClient(create_insecure_channel(zeebe.grpc_address.removeprefix("grpc://")))
    (folder / "p.bpmn").write_text(PROCESS.format(type=job_type))
    await patiently(lambda: client.deploy_resource(str(folder / "p.bpmn")))
    return client


async def patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """The answer of a broker that may not be ready yet."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(PyZeebeError):
                return await call()
            await asyncio.sleep(0.5)


async def until_lines(log: Path, count: int) -> None:
    async with asyncio.timeout(30):
        while not log.exists() or len(log.read_text().split()) < count:
            await asyncio.sleep(0.05)


async def test_a_job_under_way_survives_a_broker_that_goes_down_and_comes_back(zeebe: Zeebe, tmp_path: Path) -> None:
    """The same worker reports what it did meanwhile, and serves the jobs that come after."""
    client = await deployed(zeebe, tmp_path, "outlive-down")
    log = tmp_path / "log"
    config = worker_config(zeebe.grpc_address, entry(tmp_path, "outlive-down", timeoutSeconds=120))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        await client.run_process("outlive-down", {"log": str(log), "seconds": 2})
        await until_lines(log, 1)
        await asyncio.to_thread(zeebe.processes.stop, NAME, patience=0)
        await asyncio.sleep(1)
        await asyncio.to_thread(zeebe.start)
        client = await deployed(zeebe, tmp_path, "outlive-down")
        await patiently(lambda: client.run_process("outlive-down", {"log": str(log), "seconds": 0}))
        await until_lines(log, 2)
        async with asyncio.timeout(30):
            while (await pod.connector("outlive"))["active"]:
                await asyncio.sleep(0.1)
        report = await pod.connector("outlive")
    executed = log.read_text().split()
    assert (report["completed"], report["failed"]) == (len(executed), 0)
    assert len(set(executed)) == len(executed)

"""A real broker that is killed and comes back while a job is under way; the last test of this folder, whose broker it is."""

import asyncio
from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from pyzeebe import ZeebeClient, create_insecure_channel
from zeebe_process import deployed, patiently

from local_cluster.zeebe import NAME, Zeebe


def entry(folder: Path, job_type: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / "code", "functions:count", functions=FUNCTIONS)
    return connector_entry("outlive", job_type, source=source, **members)


def connected(zeebe: Zeebe) -> ZeebeClient:
    """On a new channel: an old one may be waiting to connect again."""
    return ZeebeClient(create_insecure_channel(zeebe.grpc_address.removeprefix("grpc://")))


async def until_lines(log: Path, count: int) -> None:
    async with asyncio.timeout(30):
        while not log.exists() or len(log.read_text().split()) < count:
            await asyncio.sleep(0.05)


async def test_a_job_under_way_survives_a_broker_that_goes_down_and_comes_back(zeebe: Zeebe, tmp_path: Path) -> None:
    """The same worker reports what it did meanwhile, and serves the jobs that come after."""
    process = await deployed(connected(zeebe), tmp_path, "outlive-down")
    log = tmp_path / "log"
    config = worker_config(zeebe.grpc_address, entry(tmp_path, "outlive-down", timeoutSeconds=120))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        await connected(zeebe).run_process(process, {"log": str(log), "seconds": 2})
        await until_lines(log, 1)
        await asyncio.to_thread(zeebe.processes.stop, NAME, patience=0)
        await asyncio.sleep(1)
        await asyncio.to_thread(zeebe.start)
        client = connected(zeebe)
        await patiently(lambda: client.run_process(process, {"log": str(log), "seconds": 0}))
        await until_lines(log, 2)
        async with asyncio.timeout(30):
            while (await pod.connector("outlive"))["active"]:
                await asyncio.sleep(0.1)
        report = await pod.connector("outlive")
    executed = log.read_text().split()
    assert (report["completed"], report["failed"]) == (len(executed), 0)
    assert len(set(executed)) == len(executed)

"""One row of the table: a connector in a worker of its own process, fed without end by a gateway in this one."""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from job_worker import connector_entry, worker_config, worker_process
from process_readings import cpu_seconds, resident_megabytes
from zeebe_gateway import JobState, ZeebeGateway

WARM_SECONDS, SECONDS = 3.0, 10.0
LOOPBACK = {"allowedRanges": ["127.0.0.0/8"]}


@dataclass(frozen=True, slots=True)
class Load:
    """What the connector is given, over and over."""

    name: str
    """Of the row."""
    builtin: str
    job_type: str
    variables: Mapping[str, Any]
    at_once: int = 100
    """`maxJobsActive`; twice as many jobs are there at any time."""
    per_second: int | None = None
    """How many jobs come at most; None: as many as are done. What comes all at once stays in step and leaves pauses."""
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What came of it; memory is the most that was seen."""

    name: str
    jobs_per_second: float
    cpu_ms: float
    megabytes: float
    failed: int
    failure: str
    """The first of them."""


async def measured(load: Load) -> Row:
    """Serve the load for WARM_SECONDS and count for SECONDS; every job that is not completed counts as failed."""
    gateway = ZeebeGateway()
    await gateway.start()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-connector-") as folder:
            async with worker_process(_config(gateway, load), Path(folder)) as worker:
                await worker.until_ready()
                feeding = asyncio.create_task(_feed(gateway, load))
                try:
                    return await _counted(gateway, load, worker.process.pid)
                finally:
                    feeding.cancel()
    finally:
        await gateway.stop()


def _config(gateway: ZeebeGateway, load: Load) -> dict[str, Any]:
    source = {"builtin": load.builtin}
    settings = dict(load.settings or {})
    entry = connector_entry(load.builtin, load.job_type, source=source, settings=settings, maxJobsActive=load.at_once)
    return worker_config(gateway.address, entry) | {"egress": LOOPBACK}


async def _feed(gateway: ZeebeGateway, load: Load) -> None:
    created, begun = 0, time.monotonic()
    while True:
        waiting = sum(job.state in (JobState.ACTIVATABLE, JobState.ACTIVATED) for job in gateway.jobs.values())
        wanted = 2 * load.at_once - waiting
        if load.per_second is not None:
            wanted = min(wanted, int((time.monotonic() - begun) * load.per_second) - created)
        for _ in range(wanted):
            await gateway.create_job(load.job_type, load.variables, {"resultExpression": "={done: true}"})
        created += max(wanted, 0)
        await asyncio.sleep(0.02)


async def _counted(gateway: ZeebeGateway, load: Load, pid: int) -> Row:
    await asyncio.sleep(WARM_SECONDS)
    _taken(gateway)
    begun, cpu, megabytes, done = time.monotonic(), cpu_seconds(pid), 0.0, 0
    failures: list[str] = []
    while (elapsed := time.monotonic() - begun) < SECONDS:
        await asyncio.sleep(0.1)
        megabytes = max(megabytes, resident_megabytes(pid))
        completed, messages = _taken(gateway)
        done += completed
        failures += messages
    cpu_ms = (cpu_seconds(pid) - cpu) / max(done, 1) * 1000
    return Row(load.name, done / elapsed, cpu_ms, megabytes, len(failures), next(iter(failures), ""))


def _taken(gateway: ZeebeGateway) -> tuple[int, list[str]]:
    """How many jobs were completed since the last time, and what the others said; the gateway forgets them."""
    ended = [job for job in gateway.jobs.values() if job.state is JobState.COMPLETED or job.failures or job.error_code]
    for job in ended:
        del gateway.jobs[job.key]
    messages = [job.error_message for job in ended if job.state is not JobState.COMPLETED]
    return len(ended) - len(messages), messages

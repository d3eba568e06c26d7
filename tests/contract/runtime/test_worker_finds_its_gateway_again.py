"""A gateway that goes away again and again, under load: every job ends once, and work goes on each time that it is back."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_process
from zeebe_gateway import JobState, ZeebeGateway

TIMES, BACK, AWAY = sized((4, 1.0, 0.3), (30, 9.0, 1.0))
"""How often, and for how many seconds: at full size five minutes, every ten seconds."""
JOBS_PER_SECOND = sized(50, 200)


def waiting(gateway: ZeebeGateway, folder: Path) -> dict[str, Any]:
    source = python_source(folder / "code", "functions:wait", functions=FUNCTIONS)
    entry = connector_entry("wait", "test:wait:1", source=source, maxJobsActive=100, timeoutSeconds=10)
    return worker_config(gateway.address, entry)


async def load(gateway: ZeebeGateway) -> None:
    """Create short jobs until cancelled, also while the gateway is away."""
    while True:
        await gateway.create_job("test:wait:1", {"seconds": random.uniform(0, 0.2)})
        await asyncio.sleep(random.expovariate(JOBS_PER_SECOND))


def completed(gateway: ZeebeGateway) -> int:
    return sum(job.state is JobState.COMPLETED for job in gateway.jobs.values())


async def go_away(gateway: ZeebeGateway) -> float:
    """Be away and come back; returns the seconds until a job that was not completed before is."""
    await gateway.stop()
    await asyncio.sleep(AWAY)
    so_far = completed(gateway)
    await gateway.start()
    returned = time.monotonic()
    await gateway.until(lambda: completed(gateway) > so_far)
    return time.monotonic() - returned


async def test_the_first_job_after_a_restart_is_run_by_whom_it_is_pushed_to(gateway: ZeebeGateway, tmp_path: Path) -> None:
    """It would wait for a slot and be handed back, if a look at the backlog were held with all of them."""
    async with worker_process(waiting(gateway, tmp_path), tmp_path) as worker:
        await worker.until_ready()
        await gateway.stop()
        await gateway.start()
        await gateway.until(lambda: bool(gateway.streams))
        job = await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)
    assert (job.activations, len(job.failures)) == (1, 0)


@pytest.mark.timeout(LONGEST)
async def test_a_gateway_that_goes_away_again_and_again_costs_no_job_and_work_goes_on_each_time(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    async with worker_process(waiting(gateway, tmp_path), tmp_path) as worker:
        await worker.until_ready()
        loading = asyncio.create_task(load(gateway))
        waits: list[float] = []
        for _ in range(TIMES):
            await asyncio.sleep(BACK)
            waits.append(await go_away(gateway))
        loading.cancel()
        await gateway.until_all(JobState.COMPLETED, 60)
    jobs = gateway.jobs.values()
    late = sum(job.lock_expiries > 0 for job in jobs)
    print(f"{TIMES} times away, {len(jobs)} jobs; work went on after {max(waits):.2f} s at most; {late} waited for their locks")
    assert [job.key for job in jobs if job.failures or job.retries != 3] == []

"""A gateway that goes away again and again, under load: every job ends once, and work goes on each time that it is back."""

import asyncio
import random
import time
from pathlib import Path

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_process
from zeebe_gateway import JobState, ZeebeGateway

TIMES, BACK, AWAY = sized((4, 1.0, 0.3), (30, 9.0, 1.0))
"""How often, and for how many seconds: at full size five minutes, every ten seconds."""
JOBS_PER_SECOND = sized(50, 200)


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


@pytest.mark.timeout(LONGEST)
async def test_a_gateway_that_goes_away_again_and_again_costs_no_job_and_work_goes_on_each_time(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    source = python_source(tmp_path / "code", "functions:wait", functions=FUNCTIONS)
    entry = connector_entry("wait", "test:wait:1", source=source, maxJobsActive=100, timeoutSeconds=10)
    async with worker_process(worker_config(gateway.address, entry), tmp_path) as worker:
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

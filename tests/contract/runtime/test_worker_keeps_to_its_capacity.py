"""J10: far more jobs are pushed than may run; and J19: one of several partitions is without a leader for a while."""

from pathlib import Path

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

CAPACITY = 8
PUSHED = 5_000
SECONDS = sized(0.02, 1.0)

pytestmark = pytest.mark.timeout(LONGEST)


async def test_never_more_jobs_run_than_may_however_many_are_pushed(gateway: ZeebeGateway, tmp_path: Path) -> None:
    source = python_source(tmp_path / "code", "functions:crowded", functions=FUNCTIONS)
    entry = connector_entry("crowded", "test:crowd:1", source=source, maxJobsActive=CAPACITY, timeoutSeconds=sized(3, 30))
    async with worker_in_process(worker_config(gateway.address, entry)):
        await gateway.until(lambda: bool(gateway.streams))
        for _ in range(PUSHED):
            await gateway.create_job("test:crowd:1", {"seconds": SECONDS}, {"resultVariable": "crowd"})
        await gateway.until_all(JobState.COMPLETED, PUSHED / CAPACITY * SECONDS * 2 + 60)
    jobs = gateway.jobs.values()
    assert max(job.result["crowd"] for job in jobs) == CAPACITY
    assert sum(job.lock_expiries for job in jobs) == 0
    assert {failure.retries for job in jobs for failure in job.failures} <= {3}


async def test_a_partition_without_a_leader_holds_up_its_own_jobs_only(gateway: ZeebeGateway, tmp_path: Path) -> None:
    gateway.partitions = 3
    source = python_source(tmp_path / "code", "functions:wait", functions=FUNCTIONS)
    entry = connector_entry("wait", "test:wait:1", source=source, maxJobsActive=50)
    async with worker_in_process(worker_config(gateway.address, entry)):
        jobs = [await gateway.create_job("test:wait:1", {"seconds": 0.3}) for _ in range(30)]
        await gateway.until(lambda: all(job.state is JobState.ACTIVATED for job in jobs))
        gateway.down = {2}
        jobs += [await gateway.create_job("test:wait:1") for _ in range(30)]
        held_up = [job for job in jobs if job.partition == 2]
        await gateway.until(lambda: all(job.state is JobState.COMPLETED for job in jobs if job.partition != 2))
        assert len(held_up) == 20
        assert {job.state for job in held_up} == {JobState.ACTIVATED, JobState.ACTIVATABLE}
        gateway.down = set()
        await gateway.until_all(JobState.COMPLETED)
    assert [(job.activations, job.failures, job.lock_expiries) for job in jobs] == [(1, [], 0)] * 60

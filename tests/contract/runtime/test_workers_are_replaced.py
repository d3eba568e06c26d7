"""J1 and J2: pods that are killed, and pods that are told to go, one after the other while jobs keep coming."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config
from replaced_workers import replaced_workers
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

TYPE = "test:count:1"
JOBS = sized(600, 10_000)
RATE = sized(150, 500)
EVERY = sized(1.0, 5.0)
"""Seconds between two replacements."""
LOCK = sized(2, 5)

pytestmark = pytest.mark.timeout(LONGEST)


async def load(gateway: ZeebeGateway, log: Path) -> list[JobRecord]:
    """Create jobs at the rate, as far as this machine keeps up."""
    begun = time.monotonic()
    jobs: list[JobRecord] = []
    while len(jobs) < JOBS:
        due = min(int((time.monotonic() - begun) * RATE) + 1, JOBS)
        jobs += [await gateway.create_job(TYPE, {"log": str(log), "seconds": 0.05}) for _ in range(due - len(jobs))]
        await asyncio.sleep(1 / RATE)
    print(f"\n{JOBS} jobs at {JOBS / (time.monotonic() - begun):.0f}/s", end="")
    return jobs


async def run(
    gateway: ZeebeGateway, folder: Path, how: signal.Signals
) -> tuple[list[int], Sequence[JobRecord], Counter[str], int]:
    """All jobs through pods that are replaced: exit codes, jobs, how often each ran, and how many were held at the exits."""
    log, in_flight = folder / "executed", 0
    source = python_source(folder / "code", "functions:count", functions=FUNCTIONS)
    entry = connector_entry("count", TYPE, source=source, timeoutSeconds=LOCK, maxJobsActive=100)
    async with replaced_workers(worker_config(gateway.address, entry), folder) as workers:
        loading = asyncio.create_task(load(gateway, log))
        while not loading.done():
            await asyncio.sleep(EVERY)
            await workers.add()
            in_flight += sum(job.state is JobState.ACTIVATED for job in gateway.jobs.values())
            await workers.remove_oldest(how)
        jobs = await loading
        await gateway.until_all(JobState.COMPLETED, 60)
    executed = Counter(log.read_text().split())
    twice = sum(executed.values()) - len(executed)
    print(f", {len(workers.codes)} pods replaced by {how.name}, {in_flight} jobs in flight then, {twice} executed twice", end="")
    print(f", {sum(job.lock_expiries for job in jobs)} waited for a lock to run out")
    return workers.codes, jobs, executed, in_flight


async def test_pods_that_are_told_to_go_execute_nothing_twice_and_hold_no_lock_but_for_what_the_wire_held(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    codes, jobs, executed, _ = await run(gateway, tmp_path, signal.SIGTERM)
    assert executed == Counter(str(job.key) for job in jobs)
    # a job that was pushed at the very moment of hanging up is on the wire, and nobody can give it back
    assert sum(job.lock_expiries for job in jobs) <= 1
    assert set(codes) == {0}
    assert [failure for job in jobs for failure in job.failures if failure.retries != 3] == []


async def test_pods_that_are_killed_lose_no_job_and_execute_twice_at_most_what_was_in_flight(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    codes, jobs, executed, in_flight = await run(gateway, tmp_path, signal.SIGKILL)
    assert executed.keys() == {str(job.key) for job in jobs}
    assert sum(executed.values()) - len(jobs) <= in_flight
    assert set(codes) == {-signal.SIGKILL}

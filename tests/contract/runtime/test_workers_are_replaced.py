"""J1 and J2: pods that are killed, and pods that are told to go, one after the other while jobs keep coming."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import WorkerProcess, connector_entry, python_source, worker_config, worker_process
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

TYPE = "test:count:1"
JOBS = sized(600, 10_000)
RATE = sized(150, 500)
EVERY = sized(1.0, 5.0)
"""Seconds between two replacements."""
LOCK = sized(2, 5)

pytestmark = pytest.mark.timeout(LONGEST)


class Pods:
    """A Deployment of two, as far as jobs are concerned: the new pod is ready before the oldest one goes."""

    def __init__(self, gateway: ZeebeGateway, folder: Path, stack: AsyncExitStack) -> None:
        source = python_source(folder / "code", "functions:count", functions=FUNCTIONS)
        entry = connector_entry("count", TYPE, source=source, timeoutSeconds=LOCK, maxJobsActive=100)
        self.gateway = gateway
        self.codes: list[int] = []
        self.in_flight = 0
        """Jobs that some pod held at the moments when one went."""
        self._config = worker_config(gateway.address, entry)
        self._folder = folder
        self._stack = stack
        self._running: list[WorkerProcess] = []

    async def add(self) -> None:
        worker = await self._stack.enter_async_context(worker_process(self._config, self._folder))
        self._running.append(worker)
        await worker.until_ready()

    async def replace(self, how: signal.Signals) -> None:
        await self.add()
        self.in_flight += sum(job.state is JobState.ACTIVATED for job in self.gateway.jobs.values())
        code, _ = await self._running.pop(0).terminate(how)
        self.codes.append(code)


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


async def run(gateway: ZeebeGateway, folder: Path, how: signal.Signals) -> tuple[Pods, Sequence[JobRecord], Counter[str]]:
    """All jobs through pods that are replaced; how often each job ran."""
    log = folder / "executed"
    async with AsyncExitStack() as stack:
        pods = Pods(gateway, folder, stack)
        await asyncio.gather(pods.add(), pods.add())
        loading = asyncio.create_task(load(gateway, log))
        while not loading.done():
            await asyncio.sleep(EVERY)
            await pods.replace(how)
        jobs = await loading
        await gateway.until_all(JobState.COMPLETED, 60)
    executed = Counter(log.read_text().split())
    twice = sum(executed.values()) - len(executed)
    print(f", {len(pods.codes)} pods replaced by {how.name}, {pods.in_flight} jobs in flight then, {twice} executed twice")
    return pods, jobs, executed


async def test_pods_that_are_told_to_go_execute_nothing_twice_and_leave_no_lock_to_run_out(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    pods, jobs, executed = await run(gateway, tmp_path, signal.SIGTERM)
    assert executed == Counter(str(job.key) for job in jobs)
    assert sum(job.lock_expiries for job in jobs) == 0
    assert set(pods.codes) == {0}
    assert [failure for job in jobs for failure in job.failures if failure.retries != 3] == []


async def test_pods_that_are_killed_lose_no_job_and_execute_twice_at_most_what_was_in_flight(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    pods, jobs, executed = await run(gateway, tmp_path, signal.SIGKILL)
    assert executed.keys() == {str(job.key) for job in jobs}
    assert sum(executed.values()) - len(jobs) <= pods.in_flight
    assert set(pods.codes) == {-signal.SIGKILL}

"""J1 and J2 on a real broker: a rolling restart, and pods that are killed, while process instances keep coming."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from full_size import LONGEST, sized
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config
from pyzeebe import ZeebeClient
from replaced_workers import replaced_workers
from zeebe_process import deployed, locks_run_out, result

from local_cluster.zeebe import Zeebe

INSTANCES = sized(300, 10_000)
RATE = sized(50, 500)
EVERY = sized(1.5, 5.0)
CAPACITY = 32
MOST_AT_ONCE = 300
"""Instances under way: what a broker cannot keep up with is started later, and not piled up in it."""
LOCK = 30
"""Seconds, many times what a job takes."""

pytestmark = pytest.mark.timeout(LONGEST)


async def instance(client: ZeebeClient, process: str, log: Path, places: asyncio.Semaphore) -> None:
    """Run an instance to its end, once there is a place for it."""
    async with places:
        await result(client, process, {"log": str(log), "seconds": 0.05}, seconds=LONGEST / 2)


async def load(client: ZeebeClient, process: str, log: Path) -> list[asyncio.Task[None]]:
    """Start instances at the rate, as far as the broker keeps up."""
    running: list[asyncio.Task[None]] = []
    places = asyncio.Semaphore(MOST_AT_ONCE)
    begun = time.monotonic()
    while len(running) < INSTANCES:
        due = min(int((time.monotonic() - begun) * RATE) + 1, INSTANCES)
        running += [asyncio.create_task(instance(client, process, log, places)) for _ in range(due - len(running))]
        await asyncio.sleep(1 / RATE)
    return running


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
async def test_workers_that_are_replaced_under_load_lose_nothing(
    zeebe: Zeebe, client: ZeebeClient, tmp_path: Path, how: signal.Signals
) -> None:
    """SIGTERM: nothing runs twice, and at most what a wire held waits. SIGKILL: twice at most what each had in hand."""
    job_type = f"z:count-{how.name}"
    process = await deployed(client, tmp_path, job_type)
    source = python_source(tmp_path / "code", "functions:count", functions=FUNCTIONS)
    entry = connector_entry("count", job_type, source=source, timeoutSeconds=LOCK, maxJobsActive=CAPACITY)
    log, begun = tmp_path / "executed", time.monotonic()
    async with replaced_workers(worker_config(zeebe.grpc_address, entry, grace=10), tmp_path) as workers:
        loading = asyncio.create_task(load(client, process, log))
        while not loading.done() or any(not task.done() for task in loading.result()):
            await asyncio.sleep(EVERY)
            await workers.add()
            await workers.remove_oldest(how)
        await asyncio.gather(*await loading)
    executed = Counter(log.read_text().split())
    twice = sum(executed.values()) - len(executed)
    rate = INSTANCES / (time.monotonic() - begun)
    print(
        f"\n{INSTANCES} instances at {rate:.0f}/s, {len(workers.codes)} pods replaced by {how.name}, {twice} executed twice",
        end="",
    )
    waited = locks_run_out(zeebe, job_type)
    print(f", {waited} waited for a lock to run out")
    assert len(executed) == INSTANCES
    if how is signal.SIGTERM:
        assert twice == 0
        assert waited <= 1
        assert set(workers.codes) == {0}
    else:
        assert twice <= waited <= CAPACITY * len(workers.codes)

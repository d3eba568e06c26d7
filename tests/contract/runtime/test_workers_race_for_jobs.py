"""J18: workers that are held up until their locks run out, while others take the same jobs."""

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import WorkerProcess, connector_entry, python_source, worker_config, worker_process
from zeebe_gateway import JobState, ZeebeGateway

TYPE = "test:count:1"
JOBS = 120
HELD_UP = 1.4
"""Seconds, longer than a lock."""
LATE = ("the report did not reach the job (Gone)", "the job is not ours any more")
"""What the log says of a run whose job another worker has, or had, in hand."""


def config(gateway: ZeebeGateway, folder: Path) -> dict[str, Any]:
    source = python_source(folder / "code", "functions:count", functions=FUNCTIONS)
    return worker_config(gateway.address, connector_entry("count", TYPE, source=source, timeoutSeconds=1))


async def hold_up(worker: WorkerProcess) -> None:
    """As a node does whose processor is taken away."""
    worker.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(HELD_UP)
    worker.process.send_signal(signal.SIGCONT)


async def test_a_job_of_two_workers_is_completed_once_and_each_late_report_is_told_once(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    log = tmp_path / "executed"
    made = config(gateway, tmp_path)
    async with worker_process(made, tmp_path) as first, worker_process(made, tmp_path) as second:
        await asyncio.gather(first.until_ready(), second.until_ready())
        jobs = [await gateway.create_job(TYPE, {"log": str(log), "seconds": 0.2}) for _ in range(JOBS)]
        for worker in (first, second, first, second):
            await hold_up(worker)
        await gateway.until_all(JobState.COMPLETED, 60)
        (code, lines), (other_code, other_lines) = await asyncio.gather(first.terminate(), second.terminate())
    executed = Counter(log.read_text().split())
    late = Counter(str(line["jobKey"]) for line in lines + other_lines if line["message"].startswith(LATE))
    assert (code, other_code) == (0, 0)
    assert sum(job.lock_expiries for job in jobs) > 0
    assert executed.keys() == {str(job.key) for job in jobs}
    # a report whose answer was lost counts as arrived when the job is gone: there may be fewer late ones than second runs
    assert [key for key, count in late.items() if count >= executed[key]] == []
    assert [failure for job in jobs for failure in job.failures if failure.retries != 3] == []

"""Code of one Connector that blocks the pod or ends it: told by name, and stopped after the third time."""

import asyncio
from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process, worker_process
from zeebe_gateway import JobState, ZeebeGateway

from connector_runtime.crash_journal import CrashJournal


def entry(folder: Path, function: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / function, f"functions:{function}", functions=FUNCTIONS)
    return connector_entry(function, f"test:{function}:1", **{"source": source, **members})


async def test_a_job_that_ends_the_process_three_times_is_failed_for_good_and_its_neighbours_run(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "deadly", timeoutSeconds=1), entry(tmp_path, "wait"))
    poison = await gateway.create_job("test:deadly:1", {"exit": True})
    ended: list[int | None] = []
    for _ in range(3):
        async with worker_process(config, tmp_path) as worker:
            ended.append(await asyncio.wait_for(worker.process.wait(), 30))
    async with worker_process(config, tmp_path):
        await gateway.until(
            lambda: poison.state is JobState.INCIDENT
        )  # the gateway knows by now that the killed pod's streams are gone
        good = [await gateway.create_job("test:deadly:1"), await gateway.create_job("test:wait:1")]
        await gateway.until(lambda: all(job.state is JobState.COMPLETED for job in good))
    assert ended == [9, 9, 9]
    assert poison.error_message.startswith("cannot run this job: three times the worker ended while it ran")


async def test_code_that_ends_the_process_while_it_is_loaded_is_given_up_after_the_third_time(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    source = python_source(tmp_path / "bad", "bad:run", bad="import os\nos._exit(7)")
    config = worker_config(gateway.address, connector_entry("bad", "test:bad:1", source=source), entry(tmp_path, "wait"))
    for _ in range(3):
        async with worker_process(config, tmp_path) as worker:
            assert await asyncio.wait_for(worker.process.wait(), 30) == 7
    async with worker_process(config, tmp_path) as worker:
        report = await (await worker.until_ready()).until_state("bad", "LoadFailed")
        # not before: the gateway would push it to a stream of the pod that has just ended
        job = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        assert report["message"] == "three times the worker ended while this code was loaded; correct it"


async def test_a_function_that_blocks_the_event_loop_is_named(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(worker_config(gateway.address, entry(tmp_path, "deadly"), entry(tmp_path, "wait"))) as pod:
        await pod.until_ready()
        await gateway.create_job("test:deadly:1", {"block": 2, "seconds": 0.5})
        await gateway.until_all(JobState.COMPLETED)
        assert "the connector function blocked the event loop" in (await pod.connector("deadly"))["lastError"]
        assert (await pod.connector("wait"))["lastError"] == ""


async def test_what_ended_as_it_should_is_under_no_suspicion(tmp_path: Path) -> None:
    for _ in range(4):
        journal = CrashJournal(tmp_path)
        assert not journal.is_suspect(4711)
        journal.begin(4711)
        journal.end(journal.begin(42))
        journal.close()
    CrashJournal(tmp_path).begin(4711)  # and no close: the process ends here
    after = CrashJournal(tmp_path)
    assert (after.is_suspect(4711), after.is_proven(4711), after.is_suspect(42)) == (True, False, False)


async def test_a_journal_that_cannot_be_kept_keeps_no_job_from_running(tmp_path: Path) -> None:
    journal = CrashJournal(tmp_path / "absent")
    journal.end(journal.begin(1))
    with journal.loading("crm"):
        assert journal.load_crashes("crm") == 0
    journal.close()


async def test_an_expression_that_takes_long_holds_nobody_up(gateway: ZeebeGateway, tmp_path: Path) -> None:
    slow = "={n: count(for x in 1..150, y in 1..150 return x * y)}"
    async with worker_in_process(worker_config(gateway.address, entry(tmp_path, "wait"))) as pod:
        await pod.until_ready()
        jobs = [await gateway.create_job("test:wait:1", {}, {"resultExpression": slow}) for _ in range(2)]
        await gateway.until_all(JobState.COMPLETED)
        assert [job.result for job in jobs] == [{"n": 22_500}] * 2
        assert (await pod.connector("wait"))["lastError"] == ""

"""SIGTERM: nothing is lost, nothing runs twice, the process ends."""

import asyncio
from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import Pod, connector_entry, python_source, worker_config, worker_in_process, worker_process
from zeebe_gateway import JobState, ZeebeGateway


def entry(folder: Path, function: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / function, f"functions:{function}", functions=FUNCTIONS)
    return connector_entry(function.replace("_", "-"), f"test:{function}:1", source=source, **members)


async def test_a_stopped_process_has_finished_what_it_could_and_handed_back_the_rest(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(
        gateway.address,
        entry(tmp_path, "wait", maxJobsActive=50),
        entry(tmp_path, "wait_sync", maxJobsActive=10),
        entry(tmp_path, "stubborn"),
        grace=5,
    )
    async with worker_process(config, tmp_path) as worker:
        await worker.until_ready()
        short = [await gateway.create_job("test:wait:1", {"seconds": 0.05 * n}) for n in range(20)]
        short += [await gateway.create_job("test:wait_sync:1", {"seconds": 0.5}) for _ in range(5)]
        long = [
            await gateway.create_job("test:wait:1", {"seconds": 600}, retries=7),
            await gateway.create_job("test:wait_sync:1", {"seconds": 600}, retries=7),
            await gateway.create_job("test:stubborn:1", {"seconds": 600}, retries=7),
        ]
        await gateway.until(lambda: all(job.activations for job in (*short, *long)))
        code, lines = await worker.terminate()
        await gateway.until(lambda: not gateway.streams)
        late = await gateway.create_job("test:wait:1")
    assert code == 0
    assert [(job.state, job.activations) for job in short] == [(JobState.COMPLETED, 1)] * len(short)
    for job in long:
        (failure,) = job.failures
        assert (job.state, job.activations) == (JobState.ACTIVATABLE, 1)
        assert (failure.retries, failure.retryBackOff) == (7, 0)
        assert failure.errorMessage == "handed back: the worker stops"
    assert late.activations == 0
    assert [line["action"] for line in lines if line["level"] == "INFO"][-2:] == ["stop", "stopped"]


async def test_jobs_that_come_while_the_worker_stops_are_left_to_others(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", maxJobsActive=5))
    for _ in range(100):
        await gateway.create_job("test:wait:1", {"seconds": 0.05})
    async with worker_in_process(config):
        await gateway.until(lambda: any(job.state is JobState.COMPLETED for job in gateway.jobs.values()))
    await gateway.until(lambda: not gateway.streams)
    completed = [job for job in gateway.jobs.values() if job.state is JobState.COMPLETED]
    waiting = [job for job in gateway.jobs.values() if job.state is JobState.ACTIVATABLE]
    assert len(completed) + len(waiting) == 100
    assert waiting
    assert all(job.activations == 1 for job in completed)
    assert all(failure.retries == 3 for job in waiting for failure in job.failures)
    assert gateway.open_polls == 0


async def test_a_second_worker_takes_over_what_the_first_one_handed_back(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"), grace=2)
    async with worker_in_process(config):
        job = await gateway.create_job("test:wait:1", {"seconds": 2})
        await gateway.until(lambda: job.state is JobState.ACTIVATED)
    await gateway.until(lambda: not gateway.streams)
    assert (job.state, job.retries) == (JobState.ACTIVATABLE, 3)
    async with worker_in_process({**config, "terminationGracePeriodSeconds": 30}):
        await gateway.until(lambda: job.state is JobState.COMPLETED)
    assert (job.activations, job.lock_expiries) == (2, 0)


async def test_a_worker_without_a_gateway_stops_all_the_same(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"), grace=2)
    async with worker_in_process(config) as pod:
        job = await gateway.create_job("test:wait:1", {"seconds": 600})
        await pod.until_active("wait", 1)
        await gateway.stop()
    assert job.state is JobState.ACTIVATED


async def test_a_stopping_worker_is_not_ready_and_tells_so(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    answers: list[tuple[int, str]] = []

    async def ask(pod: Pod) -> None:
        while not answers or answers[-1][0] == 200:
            answers.append(await pod.get("/readyz"))
            await asyncio.sleep(0.02)

    async with worker_in_process(config) as pod:
        await pod.until_ready()
        job = await gateway.create_job("test:wait:1", {"seconds": 1})
        await gateway.until(lambda: job.state is JobState.ACTIVATED)
        asking = asyncio.create_task(ask(pod))
        pod.stop()
        await asyncio.wait_for(asking, 10)
    assert answers[-1] == (503, "the worker stops")
    assert job.state is JobState.COMPLETED


async def test_a_stream_is_left_only_after_answers_without_a_job_before_them(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    async with worker_in_process(config) as pod:
        await gateway.until(lambda: bool(gateway.streams))
        gateway.delays["Topology"] = 0.2
        asked = gateway.calls["Topology"]
        pod.stop()
        await gateway.until(lambda: gateway.calls["Topology"] == asked + 2)
        job = await gateway.create_job("test:wait:1", {"seconds": 0.01})
    assert (job.state, job.activations) == (JobState.COMPLETED, 1)


async def test_a_look_at_the_backlog_that_has_found_jobs_is_waited_for(gateway: ZeebeGateway, tmp_path: Path) -> None:
    gateway.seconds_on_the_way = 0.4
    config = worker_config(gateway.address, entry(tmp_path, "wait"))
    job = await gateway.create_job("test:wait:1", {"seconds": 0.01})
    async with worker_in_process(config):
        await gateway.until(lambda: job.activations == 1)
    assert (job.state, job.activations) == (JobState.COMPLETED, 1)

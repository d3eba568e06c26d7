"""Pushed jobs and the backlog together: nothing is started twice, nobody starves, nothing is held too long."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway


def config(gateway: ZeebeGateway, folder: Path, **members: Any) -> dict[str, Any]:
    source = python_source(folder, "functions:wait", functions=FUNCTIONS)
    return worker_config(gateway.address, connector_entry("wait", "test:wait:1", source=source, **members))


def states(gateway: ZeebeGateway, state: JobState) -> int:
    return sum(job.state is state for job in gateway.jobs.values())


async def test_a_new_job_is_pushed_and_not_polled(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(config(gateway, tmp_path)):
        await gateway.until(lambda: bool(gateway.streams))
        polls = len(gateway.requests)
        jobs = [await gateway.create_job("test:wait:1") for _ in range(50)]
        await gateway.until_all(JobState.COMPLETED)
        assert len(gateway.requests) - polls < 10
        assert [job.activations for job in jobs] == [1] * 50


async def test_a_gateway_that_offers_no_streams_is_polled(gateway: ZeebeGateway, tmp_path: Path) -> None:
    gateway.offers_streams = False
    async with worker_in_process(config(gateway, tmp_path)):
        await gateway.until(lambda: gateway.open_polls == 1)
        await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)
        assert gateway.calls["StreamActivatedJobs"] == 1


async def test_a_stream_that_breaks_off_again_and_again_is_opened_anew_and_the_backlog_is_served(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    gateway.plan("StreamActivatedJobs", *[Misbehaviour(grpc.StatusCode.DEADLINE_EXCEEDED)] * 6)
    async with worker_in_process(config(gateway, tmp_path)) as pod:
        for _ in range(10):
            await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)
        for _ in range(3):
            await gateway.stop()
            await gateway.start()
            await gateway.until(lambda: bool(gateway.streams))
        await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)
        assert (await pod.get("/livez"))[0] == 200


async def test_backlog_and_pushed_jobs_are_both_served_within_one_capacity(gateway: ZeebeGateway, tmp_path: Path) -> None:
    old = [await gateway.create_job("test:wait:1", {"seconds": 0.02}) for _ in range(200)]
    async with worker_in_process(config(gateway, tmp_path, maxJobsActive=8)) as pod:
        most = 0
        while any(job.state is not JobState.COMPLETED for job in old):
            await gateway.create_job("test:wait:1", {"seconds": 0.02})
            most = max(most, (await pod.connector("wait"))["active"])
            await asyncio.sleep(0.003)
        assert 1 <= most <= 8
        await gateway.until_all(JobState.COMPLETED)
        assert [job.activations for job in old] == [1] * 200


async def test_jobs_that_cannot_be_started_in_time_are_handed_back_before_their_locks_run_out(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    async with worker_in_process(config(gateway, tmp_path, maxJobsActive=2, timeoutSeconds=2)) as pod:
        await gateway.until(lambda: bool(gateway.streams))
        for _ in range(120):
            await gateway.create_job("test:wait:1", {"seconds": 0.5})
        for _ in range(40):
            assert (await pod.connector("wait"))["active"] <= 2
            await asyncio.sleep(0.1)
        handed_back = [failure for job in gateway.jobs.values() for failure in job.failures]
        assert handed_back
        assert {failure.retries for failure in handed_back} == {3}
        assert sum(job.lock_expiries for job in gateway.jobs.values()) == 0


@pytest.mark.parametrize("capacity", [1, 10])
async def test_a_worker_that_stops_under_a_stream_ends_and_leaves_no_lock_behind(
    gateway: ZeebeGateway, tmp_path: Path, capacity: int
) -> None:
    async def flood() -> None:
        while True:
            await gateway.create_job("test:wait:1", {"seconds": 0.05})
            await asyncio.sleep(0.002)

    async with worker_in_process(config(gateway, tmp_path, maxJobsActive=capacity)):
        await gateway.until(lambda: bool(gateway.streams))
        flooding = asyncio.create_task(flood())
        await asyncio.sleep(0.5)
    flooding.cancel()
    await gateway.until(lambda: not gateway.streams)
    assert states(gateway, JobState.COMPLETED) > 0
    assert states(gateway, JobState.ACTIVATED) <= 1  # what the wire held at the very moment of hanging up

"""The real worker against a gateway that owns the truth about every job: what it does with jobs of every kind."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway


def entry(folder: Path, function: str, job_type: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / function, f"functions:{function}", functions=FUNCTIONS)
    return connector_entry(function.replace("_", "-"), job_type, source=source, **members)


async def test_a_job_is_completed_with_what_its_function_returned(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1"))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        job = await gateway.create_job("test:wait:1", {"value": "Ada", "other": 1}, {"resultVariable": "answer"})
        await gateway.until_all(JobState.COMPLETED)
        assert job.result == {"answer": {"value": "Ada", "retries": 3}}
        assert list(gateway.requests[0].fetchVariable) == ["seconds", "value"]
        assert gateway.requests[0].worker == "test/runtime"
        assert await pod.connector("wait") | {"elementTemplates": [], "active": 0} == {
            "jobType": "test:wait:1",
            "state": "Loaded",
            "message": "",
            "secretsMissing": [],
            "active": 0,
            "completed": 1,
            "failed": 0,
            "lastError": "",
            "elementTemplates": [],
        }


async def test_sync_and_async_functions_run_as_many_jobs_at_once_as_they_may_and_no_more(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(
        gateway.address,
        entry(tmp_path, "wait", "test:wait:1", maxJobsActive=8),
        entry(tmp_path, "wait_sync", "test:wait-sync:1", maxJobsActive=8),
    )
    for _ in range(20):
        await gateway.create_job("test:wait:1", {"seconds": 0.3})
        await gateway.create_job("test:wait-sync:1", {"seconds": 0.3})
    most = {"test:wait:1": 0, "test:wait-sync:1": 0}

    def all_done() -> bool:
        for job_type, so_far in most.items():
            held = sum(job.type == job_type and job.state is JobState.ACTIVATED for job in gateway.jobs.values())
            most[job_type] = max(so_far, held)
        return all(job.state is JobState.COMPLETED for job in gateway.jobs.values())

    async with worker_in_process(config):
        await gateway.until(all_done)
    assert most == {"test:wait:1": 8, "test:wait-sync:1": 8}
    assert all(job.activations == 1 for job in gateway.jobs.values())


@pytest.mark.parametrize(
    ("how", "expected", "message"),
    [
        ("bpmn", (JobState.ERROR_THROWN, 3), "no such customer"),
        ("plain", (JobState.ACTIVATABLE, 2), "odd"),
        ("input", (JobState.INCIDENT, 0), "never"),
        ("retry", (JobState.ACTIVATABLE, 9), "later"),
        ("exit", (JobState.ACTIVATABLE, 2), "the connector function called sys.exit(3)"),
        ("stop", (JobState.ACTIVATABLE, 2), "StopIteration"),
        ("cancel", (JobState.ACTIVATABLE, 2), "cancelled itself"),
    ],
)
async def test_whatever_a_function_raises_becomes_exactly_one_report(
    gateway: ZeebeGateway, tmp_path: Path, how: str, expected: Any, message: str
) -> None:
    config = worker_config(
        gateway.address, entry(tmp_path, "raising", "test:raise:1"), entry(tmp_path, "raising_sync", "test:raise-sync:1")
    )
    async with worker_in_process(config) as pod:
        jobs = [
            await gateway.create_job(job_type, {"how": how}, {"retryBackoff": "PT1H"})
            for job_type in ("test:raise:1", "test:raise-sync:1")
        ]
        await gateway.until(lambda: all(job.error_message for job in jobs))
        for job in jobs:
            assert (job.state, job.retries) == expected
            assert message in job.error_message
            assert job.activations == 1
        assert (await pod.get("/livez"))[0] == 200


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nan", "cannot send the result to Zeebe: 'result' is nan"),
        ("set", "'result' is a set"),
        ("object", "'result' is a object"),
        ("huge", "cannot send the output to Zeebe: 2000008 bytes"),
    ],
)
async def test_a_result_that_zeebe_cannot_take_is_one_failure_for_good(
    gateway: ZeebeGateway, tmp_path: Path, what: str, message: str
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "garbage", "test:garbage:1"))
    async with worker_in_process(config):
        job = await gateway.create_job("test:garbage:1", {"what": what}, {"resultVariable": "r"})
        await gateway.until_all(JobState.INCIDENT)
        assert message in job.error_message
        assert (len(job.failures), job.activations) == (1, 1)


async def test_a_completion_that_the_broker_refuses_is_one_failure_for_good(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1"))
    gateway.plan("CompleteJob", Misbehaviour(grpc.StatusCode.INVALID_ARGUMENT, "number too large"))
    async with worker_in_process(config) as pod:
        job = await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.INCIDENT)
        assert "Zeebe refuses it: INVALID_ARGUMENT: number too large" in job.error_message
        assert "number too large" in (await pod.connector("wait"))["lastError"]


async def test_jobs_that_nobody_could_read_fail_alone(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1"))
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    async with worker_in_process(config):
        poison = await gateway.create_job("test:wait:1", {"value": deep})
        odd = await gateway.create_job("test:wait:1", {}, {"retryBackoff": "often"})
        good = await gateway.create_job("test:wait:1", {"value": 1})
        await gateway.until(lambda: good.state is JobState.COMPLETED and poison.state is odd.state is JobState.INCIDENT)
        assert "nested more than 200 deep" in poison.error_message
        assert "cannot read header 'retryBackoff'" in odd.error_message


async def test_a_function_learns_about_its_job_and_the_header_decides_about_its_time(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "telling", "test:headers:1"))
    async with worker_in_process(config):
        headers = {"resultVariable": "told", "operation": "create", "jobTimeout": "PT2H"}
        job = await gateway.create_job("test:headers:1", {}, headers)
        await gateway.until_all(JobState.COMPLETED)
        assert job.result["told"] == {
            "type": "test:headers:1",
            "operation": "create",
            "element": "task",
            "process": "process",
            "timeout": 7200,
            "key": job.key,
        }
        assert job.renewals == 1


async def test_a_job_that_is_gone_before_its_time_was_set_does_not_run(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "telling", "test:headers:1"))
    gateway.plan("UpdateJobTimeout", Misbehaviour(grpc.StatusCode.NOT_FOUND))
    async with worker_in_process(config) as pod:
        await gateway.create_job("test:headers:1", {}, {"jobTimeout": "PT2H"})
        await gateway.until(lambda: gateway.calls["UpdateJobTimeout"] == 1)
        await pod.until_active("telling", 0)
        assert (gateway.calls["CompleteJob"], gateway.calls["FailJob"]) == (0, 0)
        assert (await pod.connector("telling"))["failed"] == 0


async def test_a_function_longer_than_its_lock_keeps_the_lock_and_runs_once(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1", timeoutSeconds=1))
    async with worker_in_process(config):
        job = await gateway.create_job("test:wait:1", {"seconds": 2.5})
        await gateway.until_all(JobState.COMPLETED)
        assert (job.activations, job.lock_expiries) == (1, 0)
        assert job.renewals >= 2


async def test_a_job_cancelled_by_its_process_cancels_the_function_and_reports_nothing(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1", timeoutSeconds=1))
    async with worker_in_process(config) as pod:
        job = await gateway.create_job("test:wait:1", {"seconds": 60})
        await gateway.until(lambda: job.state is JobState.ACTIVATED)
        await gateway.cancel_job(job)
        await gateway.until(lambda: gateway.calls["UpdateJobTimeout"] >= 1)
        while (await pod.connector("wait"))["active"]:
            await gateway.until(lambda: True)
        assert (gateway.calls["CompleteJob"], gateway.calls["FailJob"]) == (0, 0)


async def test_a_batch_too_large_for_one_message_shrinks_until_it_fits(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1", maxJobsActive=16))
    gateway.max_answer_bytes = 40_000
    for _ in range(32):
        await gateway.create_job("test:wait:1", {"value": "x" * 10_000})
    async with worker_in_process(config):
        await gateway.until_all(JobState.COMPLETED)
    assert all(job.activations == 1 for job in gateway.jobs.values())


async def test_completions_survive_a_gateway_that_fails_often(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "wait", "test:wait:1"))
    for _ in range(60):
        await gateway.create_job("test:wait:1")
    faults = [
        Misbehaviour(grpc.StatusCode.UNAVAILABLE),
        Misbehaviour(grpc.StatusCode.INTERNAL),
        Misbehaviour(grpc.StatusCode.DEADLINE_EXCEEDED, after_commit=True),
    ]
    gateway.plan("CompleteJob", *(faults * 5))
    async with worker_in_process(config):
        await gateway.until_all(JobState.COMPLETED)
    assert all(job.activations == 1 for job in gateway.jobs.values())
    assert gateway.calls["FailJob"] == 0

"""J6 and J8: commands that nobody answers, and connections on which nothing arrives any more."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from full_size import FULL_SIZE, LONGEST
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from silent_link import SilentLink
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway

pytestmark = pytest.mark.timeout(LONGEST)


def config(address: str, folder: Path, **members: Any) -> dict[str, Any]:
    source = python_source(folder, "functions:wait", functions=FUNCTIONS)
    return worker_config(address, connector_entry("wait", "test:wait:1", source=source, **members))


async def test_commands_that_nobody_answers_give_their_slots_back_and_no_job_runs_twice(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    async with worker_in_process(config(gateway.address, tmp_path, maxJobsActive=4, timeoutSeconds=60)) as pod:
        gateway.delays["CompleteJob"] = 30.0
        swallowed = [await gateway.create_job("test:wait:1") for _ in range(4)]
        await gateway.until(lambda: gateway.calls["CompleteJob"] == 4)
        del gateway.delays["CompleteJob"]
        later = [await gateway.create_job("test:wait:1") for _ in range(20)]
        await gateway.until_all(JobState.COMPLETED, 40)
        assert (await pod.connector("wait"))["active"] == 0
    assert [job.activations for job in (*swallowed, *later)] == [1] * 24
    assert sum(job.lock_expiries for job in (*swallowed, *later)) == 0


@pytest.mark.skipif(not FULL_SIZE, reason="keepalive finds out after 40 s; run with FULL_SIZE=1")
async def test_a_connection_that_falls_silent_is_replaced_and_the_stream_with_it(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with (
        SilentLink(gateway.port).listening() as link,
        worker_in_process(config(f"grpc://127.0.0.1:{link.port}", tmp_path, timeoutSeconds=5)) as pod,
    ):
        await gateway.until(lambda: bool(gateway.streams))
        before = link.connections
        link.fall_silent()
        for _ in range(5):
            await gateway.create_job("test:wait:1")
        await gateway.until(lambda: link.connections > before, 60)
        # the gateway does not know that the old stream leads nowhere: what it pushed there is back when its lock runs out
        await gateway.until_all(JobState.COMPLETED, 30)
        assert (await pod.get("/livez"))[0] == 200


async def test_a_report_that_is_refused_for_longer_than_a_lock_keeps_the_lock_and_no_job_runs_twice(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    gateway.plan("CompleteJob", *[Misbehaviour(grpc.StatusCode.UNAVAILABLE)] * 7)
    async with worker_in_process(config(gateway.address, tmp_path, timeoutSeconds=1)):
        job = await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED, 40)
    assert gateway.calls["CompleteJob"] == 8
    assert job.renewals > 1
    assert (job.activations, job.lock_expiries) == (1, 0)

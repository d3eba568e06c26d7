"""What the code of one Connector does wrong costs that Connector alone; each time its neighbour works on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process, worker_process
from zeebe_gateway import JobState, ZeebeGateway

HEAD = "import os, signal, sys, threading, time\nfrom typing import Any\nfrom connector_sdk import connector\n"
FUNCTION = HEAD + '@connector(id="test:bad:1", name="Bad")\n{kind} run(input: dict) -> Any:\n    {body}\n'

AT_IMPORT = {
    "raises": ("raise RuntimeError('no licence')", "no licence"),
    "exits": ("import sys\nsys.exit(3)", "SystemExit: 3"),
    "is no Python": ("def (", "cannot parse"),
    "runs out of memory": ("x = bytes(1 << 60)", "MemoryError"),
    "recurses": ("def f(): f()\nf()", "RecursionError"),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
}
IN_A_JOB = {
    "wants all memory": "return bytes(1 << 60)",
    "recurses": "f = lambda g: g(g)\n    return f(f)",
    "exits": "sys.exit(4)",
    "is interrupted": "raise KeyboardInterrupt",
    "returns itself": "value = []\n    value.append(value)\n    return value",
    "returns a type": "return type",
    "returns what is not text": "return {'a': b'\\xff'}",
    "returns a lone surrogate": "return '\\ud800'",
}


def config(gateway: ZeebeGateway, folder: Path, bad: str) -> dict[str, Any]:
    """The bad Connector and a good one in one pod."""
    entries = [
        connector_entry("bad", "test:bad:1", source=python_source(folder / "bad", "bad:run", bad=bad), timeoutSeconds=2),
        connector_entry("good", "test:wait:1", source=python_source(folder / "good", "good:wait", good=FUNCTIONS)),
    ]
    return worker_config(gateway.address, *entries)


@pytest.mark.parametrize(("code", "said"), AT_IMPORT.values(), ids=AT_IMPORT.keys())
async def test_code_that_cannot_be_imported_says_so_and_its_neighbour_works(
    gateway: ZeebeGateway, tmp_path: Path, code: str, said: str
) -> None:
    async with worker_in_process(config(gateway, tmp_path, code)) as pod:
        report = await pod.until_state("bad", "LoadFailed")
        job = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        await pod.until_ready()
    assert said in report["message"]


async def test_code_whose_import_never_ends_keeps_only_itself_waiting(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(config(gateway, tmp_path, "import time\ntime.sleep(20)")) as pod:
        job = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        assert (await pod.connector("bad"))["state"] == "Pending"


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("body", IN_A_JOB.values(), ids=IN_A_JOB.keys())
async def test_a_job_that_goes_wrong_fails_and_its_neighbour_works(
    gateway: ZeebeGateway, tmp_path: Path, body: str, kind: str
) -> None:
    async with worker_in_process(config(gateway, tmp_path, FUNCTION.format(kind=kind, body=body))) as pod:
        bad = await gateway.create_job("test:bad:1", retries=1)
        await gateway.until(lambda: bad.state is JobState.INCIDENT)
        good = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: good.state is JobState.COMPLETED)
        reports = [await pod.connector(name) for name in ("bad", "good")]
    assert [(report["completed"], report["failed"]) for report in reports] == [(0, 1), (1, 0)]
    assert len(bad.failures) == 1


async def test_threads_that_a_function_leaves_behind_keep_neither_jobs_nor_the_end_of_the_pod_waiting(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    body = "[threading.Thread(target=time.sleep, args=(600,)).start() for _ in range(50)]\n    return 1"
    made = config(gateway, tmp_path, FUNCTION.format(kind="def", body=body))
    async with worker_process(made, tmp_path) as worker:
        jobs = [await gateway.create_job("test:bad:1"), await gateway.create_job("test:wait:1")]
        await gateway.until(lambda: all(job.state is JobState.COMPLETED for job in jobs))
        code, lines = await worker.terminate()
    assert code == 0
    assert any(line["message"].startswith("leaving behind: ") for line in lines)


async def test_sync_functions_that_block_take_only_their_own_threads(gateway: ZeebeGateway, tmp_path: Path) -> None:
    made = config(gateway, tmp_path, FUNCTION.format(kind="def", body="time.sleep(3)"))
    made["connectors"][0] |= {"maxJobsActive": 4, "timeoutSeconds": 30}
    async with worker_in_process(made) as pod:
        for _ in range(8):
            await gateway.create_job("test:bad:1")
        await pod.until_active("bad", 4)
        good = [await gateway.create_job("test:wait:1") for _ in range(50)]
        await gateway.until(lambda: all(job.state is JobState.COMPLETED for job in good))
        assert (await pod.connector("bad"))["completed"] == 0


async def test_a_job_for_which_the_kernel_kills_the_pod_is_failed_after_the_third_time(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    """One process has one memory: who eats all of it ends the pod, as SIGKILL does here, but not a fourth time."""
    made = config(gateway, tmp_path, FUNCTION.format(kind="async def", body="os.kill(os.getpid(), signal.SIGKILL)"))
    bad = await gateway.create_job("test:bad:1")
    for _ in range(3):
        async with worker_process(made, tmp_path) as worker:
            assert await asyncio.wait_for(worker.process.wait(), 30) == -9
    async with worker_process(made, tmp_path):
        await gateway.until(
            lambda: bad.state is JobState.INCIDENT
        )  # the gateway knows by now that the killed pod's streams are gone
        good = await gateway.create_job("test:wait:1")
        await gateway.until(lambda: good.state is JobState.COMPLETED)
    assert bad.error_message.startswith("cannot run this job: three times the worker ended while it ran")

"""What a job was given goes with the job: nothing waits for a garbage collection, which may be megabytes and seconds away."""

import contextlib
import gc
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway

from connector_runtime.gateway import GatewayError
from connector_runtime.running import RunningJob

HTTP = "io.camunda:http-json:1"
OVER = (JobState.COMPLETED, JobState.INCIDENT, JobState.ERROR_THROWN)
HELD = (RunningJob, GatewayError, aiohttp.ClientResponse)
"""All that a job has with it, a call that failed, and an answer that broke off hang on these."""


def held() -> list[Any]:
    """Those that there are now; a test before, when it failed, has kept its own."""
    return [one for one in gc.get_objects() if isinstance(one, HELD)]


def kept_beside(known: list[Any]) -> list[Any]:
    """What is held of jobs now and was not before."""
    return [one for one in held() if not any(one is other for other in known)]


@pytest.fixture
def quiet() -> Iterator[None]:
    """No log records: pytest keeps them, and with an exception's record all that its frames hold."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
async def test_whatever_became_of_a_job_nothing_of_it_is_kept(gateway: ZeebeGateway, tmp_path: Path) -> None:
    source = python_source(tmp_path / "code", "functions:raising", functions=FUNCTIONS)
    waiting = python_source(tmp_path / "code", "functions:wait", functions=FUNCTIONS)
    config = worker_config(
        gateway.address,
        connector_entry("http", HTTP),
        connector_entry("raise", "test:raise:1", source=source),
        connector_entry("wait", "test:wait:1", source=waiting, timeoutSeconds=1),
    ) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
    answers = {"good": (Answer(),), "bad": (Answer(500),), "broken": (Answer(cut_after=3),)}
    async with RecordingServer(answers) as server, worker_in_process(config) as pod:
        await pod.until_ready()
        gc.collect()
        gc.disable()
        known = held()
        try:
            for method in ("CompleteJob", "FailJob", "ThrowError"):
                gateway.plan(method, Misbehaviour(grpc.StatusCode.UNAVAILABLE), Misbehaviour(grpc.StatusCode.INVALID_ARGUMENT))
            for case in answers:
                request = {"method": "GET", "url": server.base(case), "authentication": {"type": "noAuth"}}
                await gateway.create_job(HTTP, request, retries=1)
            for how in ("bpmn", "plain", "input", "exit", "stop", "cancel"):
                await gateway.create_job("test:raise:1", {"how": how}, retries=1)
            await gateway.create_job("test:wait:1", {"seconds": 2})
            gone = await gateway.create_job("test:wait:1", {"seconds": 9})
            await gateway.until(lambda: gone.state is JobState.ACTIVATED)
            await gateway.cancel_job(gone)
            await gateway.until(lambda: all(job.state in OVER for job in gateway.jobs.values()), 60)
            for name in ("http", "raise", "wait"):
                await pod.until_active(name, 0)
            # A command that was given up is still sent until its job's lock has run out.
            with contextlib.suppress(TimeoutError):
                await gateway.until(lambda: not kept_beside(known))
            kept = kept_beside(known)
        finally:
            gc.enable()
    assert [repr(one)[:200] for one in kept] == []

"""An expression that gives null where nobody meant it: the job completes, and its log says so once."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

from connector_runtime.logs import configure

GREET = """
from pydantic import BaseModel
from connector_sdk import connector
class Input(BaseModel): ...
@connector(id="test:greet:1", name="Greet")
async def greet(input: Input) -> dict:
    return {"greeting": "hello"}
"""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of a worker in this process, which is the whole process's."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level


async def test_a_null_by_a_misspelt_name_is_in_the_log_once_with_the_job(
    gateway: ZeebeGateway, tmp_path: Path, log: io.StringIO
) -> None:
    source = python_source(tmp_path, "greet:greet", greet=GREET)
    async with worker_in_process(worker_config(gateway.address, connector_entry("greet", "test:greet:1", source=source))) as pod:
        configure("INFO", pod.maskers, log)
        headers = {"resultExpression": "={said: respnse.greeting, tests: 4711}"}
        jobs = [await gateway.create_job("test:greet:1", {}, headers) for _ in range(3)]
        await gateway.until_all(JobState.COMPLETED)
    assert [job.result for job in jobs] == [{"said": None, "tests": 4711}] * 3
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (told,) = [line for line in lines if line.get("action") == "expression"]
    assert told["message"] == """something in 'resultExpression' is null: no variable "respnse"; did you mean "response"?"""
    assert told["level"] == "WARNING"
    assert str(told["jobKey"]) in {str(job.key) for job in jobs}

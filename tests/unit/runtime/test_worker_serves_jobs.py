"""The real worker against a gateway that owns the truth about every job."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

GREET = """
import asyncio, time
from pydantic import BaseModel, Field
from connector_sdk import connector, Context, BpmnError, ConnectorError

class Greeting(BaseModel):
    name: str = Field(examples=["Ada"])
    seconds: float = 0

@connector(id="test:greet:1", name="Greet")
async def greet(input: Greeting, context: Context) -> dict:
    await asyncio.sleep(input.seconds)
    return {"text": f"Hello {input.name}", "retries": context.job.retries}

@connector(id="test:greet-sync:1", name="Greet in a thread")
def greet_sync(input: Greeting) -> dict:
    time.sleep(input.seconds)
    return {"text": f"Hello {input.name}"}
"""


@pytest.fixture
async def gateway() -> AsyncIterator[ZeebeGateway]:
    gateway = ZeebeGateway()
    await gateway.start()
    yield gateway
    await gateway.stop()


async def test_a_job_is_completed_with_what_its_function_returned(gateway: ZeebeGateway, tmp_path: Path) -> None:
    source = python_source(tmp_path / "a", "greet:greet", greet=GREET)
    config = worker_config(gateway.address, connector_entry("greet", "test:greet:1", source=source))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        job = await gateway.create_job("test:greet:1", {"name": "Ada"}, {"resultVariable": "greeting"})
        await gateway.until_all(JobState.COMPLETED)
        assert job.result == {"greeting": {"text": "Hello Ada", "retries": 3}}
        await gateway.until(lambda: gateway.open_polls == 1)
        assert await pod.connector("greet") | {"elementTemplates": [], "active": 0} == {
            "jobType": "test:greet:1",
            "state": "Loaded",
            "message": "",
            "secretsMissing": [],
            "active": 0,
            "completed": 1,
            "failed": 0,
            "lastError": "",
            "elementTemplates": [],
        }

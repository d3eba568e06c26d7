"""A connector of several operations: the element's header chooses, each has its own element template."""

import json
from pathlib import Path

import pytest
from job_worker import Pod, connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

from connector_sdk import Operations

CRM = """
from datetime import timedelta
from pydantic import BaseModel
from connector_sdk import Context, Operations

crm = Operations(id="test:crm:1", name="CRM", version=2)


class Lookup(BaseModel):
    customer: str


class Rename(BaseModel):
    customer: str
    new_name: str


@crm.operation("lookup", name="Look up")
async def lookup(input: Lookup, context: Context) -> dict:
    return {"found": input.customer, "key": context.job.idempotency_key}


@crm.operation("rename", name="Rename")
def rename(input: Rename, context: Context) -> dict:
    if input.new_name == "later":
        raise context.retry("busy", after=timedelta(minutes=1))
    return {"renamed": input.new_name}
"""


async def test_the_operation_header_chooses_the_function(gateway: ZeebeGateway, tmp_path: Path) -> None:
    source = python_source(tmp_path, "crm:crm", crm=CRM)
    variables = {"customer": "C-1", "new_name": "Ada", "unasked": 1}
    async with worker_in_process(worker_config(gateway.address, connector_entry("crm", "test:crm:1", source=source))) as pod:
        await pod.until_ready()
        found = await gateway.create_job("test:crm:1", variables, {"operation": "lookup", "resultVariable": "r"})
        renamed = await gateway.create_job("test:crm:1", variables, {"operation": "rename", "resultVariable": "r"})
        await gateway.until_all(JobState.COMPLETED)
        assert found.result["r"] == {"found": "C-1", "key": f"zeebe-job-{found.key}"}
        assert renamed.result["r"] == {"renamed": "Ada"}
        await check_refusals(gateway, variables)
        await check_templates(pod)
    assert set(gateway.requests[0].fetchVariable) == {"customer", "new_name"}


async def check_refusals(gateway: ZeebeGateway, variables: dict[str, object]) -> None:
    unknown = await gateway.create_job("test:crm:1", variables, {"operation": "delete"})
    unset = await gateway.create_job("test:crm:1", variables)
    later = await gateway.create_job("test:crm:1", {**variables, "new_name": "later"}, {"operation": "rename"}, retries=3)
    await gateway.until(lambda: unknown.state is unset.state is JobState.INCIDENT and bool(later.failures))
    assert unknown.error_message == "cannot find operation 'delete': this connector has lookup, rename; set header 'operation'"
    assert unset.error_message.startswith("cannot find operation ''")
    assert (later.failures[0].retries, later.failures[0].retryBackOff) == (3, 60_000)


async def check_templates(pod: Pod) -> None:
    templates = json.loads((await pod.get("/element-templates/crm"))[1])
    assert [(t["id"], t["name"], t["version"]) for t in templates] == [
        ("test:crm:1:lookup", "CRM: Look up", 2),
        ("test:crm:1:rename", "CRM: Rename", 2),
    ]
    bound = [(p["binding"]["key"], p["value"]) for p in templates[1]["properties"] if p["binding"].get("key") == "operation"]
    assert bound == [("operation", "rename")]


async def test_a_connector_without_operations_is_not_served(gateway: ZeebeGateway, tmp_path: Path) -> None:
    text = 'from connector_sdk import Operations\ncrm = Operations(id="t:1", name="CRM")'
    entry = connector_entry("crm", "t:1", source=python_source(tmp_path, "crm:crm", crm=text))
    async with worker_in_process(worker_config(gateway.address, entry)) as pod:
        report = await pod.until_state("crm", "LoadFailed")
        assert report["message"] == "cannot serve 'crm:crm': it has no operations; put @crm.operation(…) above functions"


def test_an_operations_key_is_a_word_and_used_once() -> None:
    crm = Operations(id="t:1", name="CRM")
    with pytest.raises(ValueError, match="cannot use operation 'a b' of 't:1'"):
        crm.operation("a b", name="A")

    @crm.operation("a", name="A")
    def first(variables: dict) -> None: ...

    with pytest.raises(ValueError, match="cannot use operation 'a' of 't:1' twice"):
        crm.operation("a", name="Again")

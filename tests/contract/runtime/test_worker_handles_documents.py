"""Documents: stored and read by connector functions, and made by `createDocument` in expressions."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from document_server import DocumentServer
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

CODE = """
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from connector_sdk import ConnectorError, Context, Document, connector


class Wanted(BaseModel):
    file: Document | None = None
    text: str = ""
    most: int = 1_000_000
    fail: bool = False
    body: Any = None


@connector(id="doc:write", name="Write")
async def write(wanted: Wanted, context: Context) -> dict:
    made = await context.documents.create(
        wanted.text.encode(), name="note.txt", time_to_live=timedelta(hours=1), properties={"order": 7}
    )
    return {"file": made.model_dump(by_alias=True, exclude_unset=True)}


@connector(id="doc:write-model", name="Write and give back the reference itself")
async def write_model(wanted: Wanted, context: Context) -> Document:
    return await context.documents.create(wanted.text.encode(), content_type="text/x-note")


@connector(id="doc:read", name="Read")
async def read(wanted: Wanted, context: Context) -> str:
    return (await context.documents.read(wanted.file, most=wanted.most)).decode()


@connector(id="doc:echo", name="Echo")
async def echo(wanted: Wanted) -> Any:
    if wanted.fail:
        raise ConnectorError("BAD", "no")
    return {"body": wanted.body}
"""
TEXT = base64.b64encode(b"hello").decode()


@pytest.fixture
async def server() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as server:
        yield server


@pytest.fixture
def run(gateway: ZeebeGateway, server: DocumentServer, tmp_path: Path) -> Any:
    """Gives the outcome of one job of a function."""
    return lambda *args, **rest: outcome(gateway, tmp_path, server.address, *args, **rest)


async def outcome(
    gateway: ZeebeGateway, folder: Path, address: str | None, function: str, variables: dict[str, Any], **headers: str
) -> JobRecord:
    source = python_source(folder / "code", f"documents:{function}", documents=CODE)
    config = worker_config(gateway.address, connector_entry(function.replace("_", "-"), f"doc:{function}", source=source))
    if address is not None:
        config["camunda"]["restAddress"] = address
    async with worker_in_process(config):
        given = {"resultVariable": "result", "retryBackoff": "PT1H"} | headers
        job = await gateway.create_job(f"doc:{function}", variables, given)
        await gateway.until(lambda: job.state not in (JobState.ACTIVATED, JobState.ACTIVATABLE) or bool(job.failures))
    return job


async def test_a_function_stores_a_document_and_the_process_gets_the_reference(run: Any, server: DocumentServer) -> None:
    job = await run("write", {"text": "hello"})
    ((content, reference),) = server.documents.values()
    assert content == b"hello"
    assert job.result["result"]["file"] == reference
    assert reference["metadata"]["fileName"] == "note.txt"
    assert reference["metadata"]["contentType"] == "text/plain"
    assert reference["metadata"]["customProperties"] == {"order": 7}
    assert reference["metadata"]["expiresAt"].endswith("+00:00")


async def test_a_document_that_a_function_returns_is_its_reference(run: Any, server: DocumentServer) -> None:
    job = await run("write_model", {"text": "hello"})
    result = job.result["result"]
    assert (result["camunda.document.type"], result["documentId"]) == ("camunda", "document-0")
    assert result["metadata"]["contentType"] == "text/x-note"


async def test_a_function_reads_what_a_variable_refers_to(run: Any, server: DocumentServer) -> None:
    job = await run("read", {"file": server.put(b"hello")})
    assert job.result["result"] == "hello"


@pytest.mark.parametrize(("content", "read"), [("hello", "hello"), ({"a": [1]}, '{"a":[1]}'), (False, "false")])
async def test_an_inline_document_is_read_without_a_store(gateway: ZeebeGateway, tmp_path: Path, content: Any, read: str) -> None:
    file = {"camunda.document.type": "inline", "content": content, "name": "a.txt"}
    job = await outcome(gateway, tmp_path, None, "read", {"file": file})
    assert job.result["result"] == read


async def test_an_external_document_obeys_the_egress_rules(run: Any, server: DocumentServer) -> None:
    file = {"camunda.document.type": "external", "url": f"{server.address}/secret", "name": "a"}
    job = await run("read", {"file": file})
    assert "egress" in job.error_message
    assert "/secret" not in server.paths


@pytest.mark.parametrize(
    ("change", "retries", "text"),
    [
        ({"documentId": "absent"}, 0, "the store answered 404"),
        ({"contentHash": "wrong"}, 0, "the content hash does not match"),
        ({"documentId": "../process-definitions/1/xml"}, 0, "the store answered 404"),
        ({"documentId": None}, 0, "a document of the kind 'camunda' has 'documentId'"),
        ({"camunda.document.type": "other"}, 0, "input should be 'camunda', 'external' or 'inline'"),
    ],
)
async def test_a_reference_that_leads_nowhere_is_refused_for_good(
    run: Any, server: DocumentServer, change: dict[str, Any], retries: int, text: str
) -> None:
    job = await run("read", {"file": server.put(b"hello") | change})
    assert (job.state, job.retries) == (JobState.INCIDENT, retries)
    assert text in job.error_message.lower() or text in job.error_message
    assert all(path.startswith("/v2/documents") and "/process-definitions" not in path for path in server.paths)


async def test_a_document_that_is_too_large_is_not_read_to_its_end(run: Any, server: DocumentServer) -> None:
    job = await run("read", {"file": server.put(b"x" * 300_000), "most": 1000})
    assert job.error_message == "cannot read the document: it has more than 1000 bytes"


async def test_an_expression_stores_parts_of_a_response_as_documents(run: Any, server: DocumentServer) -> None:
    files = [{"data": TEXT, "fileName": "a.pdf"}, {"content": f"{TEXT[:4]}\n{TEXT[4:]}", "contentType": "x/y"}, TEXT]
    expression = "={files: for f in body return createDocument(f), count: count(body)}"
    job = await run("echo", {"body": files}, resultExpression=expression)
    assert job.result["count"] == 3
    assert job.result["files"] == [reference for _, reference in server.documents.values()]
    assert [content for content, _ in server.documents.values()] == [b"hello"] * 3
    kinds = [reference["metadata"]["contentType"] for _, reference in server.documents.values()]
    assert kinds == ["application/pdf", "x/y", "application/octet-stream"]


async def test_an_error_expression_may_create_documents_too(run: Any, server: DocumentServer) -> None:
    expression = f'=bpmnError(error.code, "m", {{file: createDocument("{TEXT}")}})'
    job = await run("echo", {"fail": True}, errorExpression=expression)
    ((_, reference),) = server.documents.values()
    assert (job.state, job.error_code, job.result) == (JobState.ERROR_THROWN, "BAD", {"file": reference})


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("=createDocument(body)", "cannot use a bare createDocument(…) as the result"),
        ("={a: createDocument(1)}", "cannot create a document from a number"),
        ("={a: createDocument(null)}", "cannot create a document from null"),
        ('={a: createDocument({name: "x"})}', "cannot create a document from an object"),
        ('={a: createDocument("no base64!")}', "its content is not Base64"),
        ('=[{a: createDocument("")}]', "it must be a context, it is a list"),
        ('={a: createDocument(string(random number()) + "=====")}', "its content is not Base64"),
    ],
)
async def test_what_cannot_be_a_document_fails_for_good_and_stores_nothing(
    run: Any, server: DocumentServer, expression: str, text: str
) -> None:
    job = await run("echo", {"body": TEXT}, resultExpression=expression)
    assert (job.state, text in job.error_message) == (JobState.INCIDENT, True)
    assert server.documents == {}


async def test_data_that_looks_like_a_document_to_be_stored_is_only_data(run: Any, server: DocumentServer) -> None:
    job = await run("echo", {"body": {"value": TEXT}}, resultExpression="={a: body, b: createDocument(body.value).value}")
    assert (job.result["a"], job.result["b"]) == ({"value": TEXT}, TEXT)
    assert server.documents == {}


async def test_a_store_that_does_not_answer_costs_a_retry_and_the_error_expression_is_asked(
    run: Any, server: DocumentServer
) -> None:
    server.refusal = 503
    expression = f'={{a: createDocument("{TEXT}")}}'
    job = await run("echo", {}, resultExpression=expression)
    assert (job.retries, job.result["error"]["code"]) == (2, "DOCUMENT_STORE_UNAVAILABLE")
    thrown = await run(
        "echo", {}, resultExpression=expression, errorExpression="=if error = null then null else bpmnError(error.code)"
    )
    assert (thrown.state, thrown.error_code) == (JobState.ERROR_THROWN, "DOCUMENT_STORE_UNAVAILABLE")


async def test_without_an_address_of_the_api_it_is_said_what_to_set(gateway: ZeebeGateway, tmp_path: Path) -> None:
    job = await outcome(gateway, tmp_path, None, "write", {"text": "hello"})
    assert job.state is JobState.INCIDENT
    assert job.error_message == "cannot reach a document store: set spec.camunda.restAddress of the ConnectorRuntime"

"""Azure Blob Storage against Azurite: texts and documents go up and come down, and refusals have Azure's codes."""

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from connector_azurite import Azurite, azurite_server
from connector_job import ConnectorUnderTest, connector_under_test
from document_server import DocumentServer
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:azure-blobstorage:1"
pytestmark = pytest.mark.timeout(600)  # the first test may have to fetch Azurite


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with azurite_server() as server:
        yield server


@pytest.fixture
async def store() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as server:
        yield server


@pytest.fixture
def secrets(azurite: Azurite, tmp_path: Path) -> Path:
    """The folder of the Connector's secrets."""
    folder = tmp_path / "azure-secrets"
    folder.mkdir()
    (folder / "AZURE_SAS_TOKEN").write_text(azurite.token("orders"))
    return folder


@pytest.fixture
async def azure(gateway: ZeebeGateway, secrets: Path, store: DocumentServer) -> AsyncIterator[ConnectorUnderTest]:
    settings = {"timeoutSeconds": 1}
    async with connector_under_test(
        gateway, "azure-blobstorage", JOB_TYPE, settings=settings, secrets=secrets, rest=store.address
    ) as connector:
        yield connector


def call(address: str, operation: str, name: str | None = None, container: str = "orders", **more: Any) -> dict[str, Any]:
    return {
        "authentication": {"type": "SAS", "sasToken": "{{secrets.AZURE_SAS_TOKEN}}", "sasUrl": f"{address}/{container}"},
        "operationDiscriminator": operation,
        "operation": {"container": container, "fileName": name, **more},
    }


async def test_a_text_goes_up_and_comes_down(azure: ConnectorUnderTest, azurite: Azurite):
    container, name = azurite.container("orders"), "2026/ä b.txt"
    uploaded = await azure.result(call(azurite.address, "uploadBlob", name, document="hällo"))
    link = f"{azurite.address}/orders/2026/%C3%A4%20b.txt"
    assert uploaded == {"container": "orders", "fileName": name, "link": link}
    found = container.download_blob(name)
    assert (found.readall(), found.properties.content_settings.content_type) == ("hällo".encode(), "text/plain; charset=utf-8")
    again = await azure.result(call(azurite.address, "uploadBlob", name, document="other"))
    assert again == uploaded
    downloaded = await azure.result(call(azurite.address, "downloadBlob", name, asFile=False))
    assert downloaded == {"container": "orders", "fileName": name, "element": "other"}


async def test_a_document_keeps_its_name_and_type_on_the_way_up_and_down(
    azure: ConnectorUnderTest, azurite: Azurite, store: DocumentServer
):
    container = azurite.container("orders")
    reference = store.put(b"\x00pdf" * 2_000_000, name="invoice.pdf")
    assert (await azure.result(call(azurite.address, "uploadBlob", document=reference)))["fileName"] == "invoice.pdf"
    assert container.download_blob("invoice.pdf").readall() == b"\x00pdf" * 2_000_000
    element = (await azure.result(call(azurite.address, "downloadBlob", "invoice.pdf", asFile=True)))["element"]
    content, kept = store.documents[element["documentId"]]
    assert (content, kept["metadata"]["fileName"]) == (b"\x00pdf" * 2_000_000, "invoice.pdf")


async def test_the_signature_may_be_in_the_url_and_names_may_have_other_capitals(azure: ConnectorUnderTest, azurite: Azurite):
    azurite.container("orders").upload_blob("url.json", b'{"a": 1}', overwrite=True)
    given = call(azurite.address, "downloadBlob", "url.json")
    given["authentication"] = {"SASUrl": f"{azurite.address}/orders?{azurite.token('orders')}", "SASToken": None, "type": "sas"}
    assert (await azure.result(given))["element"] == base64.b64encode(b'{"a": 1}').decode()


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"fileName": "nothing"}, "BlobNotFound"),
        ({"fileName": "nothing", "container": "nowhere"}, "AuthorizationFailure"),
    ],
)
async def test_what_is_not_there_has_azures_code(azure: ConnectorUnderTest, azurite: Azurite, operation: Any, code: str):
    azurite.container("orders")
    given = call(azurite.address, "downloadBlob")
    given["operation"] |= operation
    job = await azure.job(given)
    found = job.result["error"]["code"]
    assert (found, job.retries) == (code, 0 if code == "BlobNotFound" else 2), job.error_message
    assert "sig=" not in job.error_message


async def test_a_signature_that_has_ended_is_tried_again_and_told_to_nobody(azure: ConnectorUnderTest, azurite: Azurite):
    ended = azurite.token("orders", expired=True)
    given = call(azurite.address, "downloadBlob", "x")
    given["authentication"]["sasToken"] = ended
    job = await azure.job(given)
    assert (job.result["error"]["code"], job.retries) == ("AuthorizationFailure", 2), job.error_message
    assert ended.partition("sig=")[2] not in job.error_message


async def test_a_file_too_large_for_a_variable_is_refused(azure: ConnectorUnderTest, azurite: Azurite):
    azurite.container("orders").upload_blob("big", b"x" * 1_000_001, overwrite=True)
    job = await azure.job(call(azurite.address, "downloadBlob", "big"))
    assert (job.state, "create a document" in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_the_rest_of_what_broke_off_is_asked_for_and_what_is_no_answer_of_azure_has_a_code(azure: ConnectorUnderTest):
    half = Answer(206, b"whole", (("Content-Range", "bytes 0-4/5"),), cut_after=2)
    async with RecordingServer({"half": [half], "other": [Answer(200, b"whole")]}) as server:
        for account, asked, code in (("half", 3, "NO_ANSWER"), ("other", 1, "UNKNOWN")):
            job = await azure.job(call(server.base(account), "downloadBlob", "x"))
            assert (job.result["error"]["code"], job.retries) == (code, 2), job.error_message
            assert len(server.requests[account]) == asked


async def test_jobs_share_a_connection_and_a_pod_that_ends_hangs_up(gateway: ZeebeGateway, secrets: Path):
    part = (("Content-Range", "bytes 0-4/5"), ("Content-Type", "text/plain"))
    async with RecordingServer({"account": [Answer(206, b"whole", part)]}) as server:
        async with connector_under_test(gateway, "azure-blobstorage", "azure-ending", secrets=secrets) as connector:
            for _ in range(3):
                assert (await connector.result(call(server.base("account"), "downloadBlob", "x")))["element"] == "whole"
            assert (server.connections, server.open_connections) == (1, 1)
        await server.until_hung_up()


async def test_a_forbidden_place_is_not_called(azure: ConnectorUnderTest):
    job = await azure.job(call("http://169.254.169.254/a", "downloadBlob", "x"))
    assert (job.state, "spec.egress.allowedRanges" in job.error_message) == (JobState.INCIDENT, True), job.error_message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operation": {"container": "orders", "document": "x"}}, "operation.fileName is empty"),
        ({"operation": {"container": "orders", "fileName": "x"}}, "operation.document: it must be a document or a text"),
        ({"operation": {"container": "", "fileName": "x"}}, "operation.container"),
        ({"operationDiscriminator": "listBlobs"}, "operationDiscriminator"),
        ({"authentication": {"sasUrl": "orders", "sasToken": "x"}}, "cannot use authentication.sasUrl"),
        ({"authentication": {"sasUrl": "http://127.0.0.1/a/orders", "sasToken": ""}}, "set authentication.sasToken"),
        ({"authentication": {"type": "OAuth", "sasUrl": "https://x"}}, "authentication.type"),
    ],
)
async def test_bad_input_is_named(azure: ConnectorUnderTest, azurite: Azurite, change: dict[str, Any], message: str):
    given = call(azurite.address, "uploadBlob", "x", document="x") | change
    job = await azure.job(given)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message

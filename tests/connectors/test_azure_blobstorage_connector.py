"""Azure Blob Storage against Azurite: texts and documents go up and come down, and refusals have Azure's codes."""

import base64
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import orjson
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
        "authentication": {"type": "SAS", "SASToken": "{{secrets.AZURE_SAS_TOKEN}}", "SASUrl": f"{address}/{container}"},
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
    assert downloaded == {"container": "orders", "fileName": name, "document": None, "content": "other"}


async def test_a_document_keeps_its_name_and_type_on_the_way_up_and_down(
    azure: ConnectorUnderTest, azurite: Azurite, store: DocumentServer
):
    container = azurite.container("orders")
    reference = store.put(b"\x00pdf" * 2_000_000, name="invoice.pdf")
    assert (await azure.result(call(azurite.address, "uploadBlob", document=reference)))["fileName"] == "invoice.pdf"
    assert container.download_blob("invoice.pdf").readall() == b"\x00pdf" * 2_000_000
    downloaded = await azure.result(call(azurite.address, "downloadBlob", "invoice.pdf", asFile=True))
    content, kept = store.documents[downloaded["document"]["documentId"]]
    assert downloaded["content"] is None
    assert (content, kept["metadata"]["fileName"]) == (b"\x00pdf" * 2_000_000, "invoice.pdf")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [({"encoding": "ISO-8859-1"}, '{"ä": 1}'), ({"encoding": ""}, '{"\N{REPLACEMENT CHARACTER}": 1}')],
)
async def test_a_text_that_is_wanted_has_the_wanted_encoding(
    azure: ConnectorUnderTest, azurite: Azurite, wanted: dict[str, str], text: str
):
    azurite.container("orders").upload_blob("latin.json", '{"ä": 1}'.encode("latin-1"), overwrite=True)
    wanted = {"choice": "TEXT", **wanted}
    found = await azure.result(call(azurite.address, "downloadBlob", "latin.json") | {"documentReturnFormat": wanted})
    assert (found["content"], found["document"]) == (text, None)


async def test_a_document_that_is_wanted_is_stored_whatever_older_diagrams_would_say(
    azure: ConnectorUnderTest, azurite: Azurite, store: DocumentServer
):
    azurite.container("orders").upload_blob("a.txt", b"x", overwrite=True)
    given = call(azurite.address, "downloadBlob", "a.txt", asFile=False) | {"documentReturnFormat": {"choice": "DOCUMENT"}}
    found = await azure.result(given)
    assert (store.documents[found["document"]["documentId"]][0], found["content"]) == (b"x", None)


async def test_what_is_wanted_as_json_and_is_none_is_an_incident(azure: ConnectorUnderTest, azurite: Azurite):
    azurite.container("orders").upload_blob("list", b"[1]", overwrite=True)
    wanted = {"documentReturnFormat": {"choice": "JSON"}}
    assert (await azure.result(call(azurite.address, "downloadBlob", "list") | wanted))["content"] == [1]
    azurite.container("orders").upload_blob("list", b"[1", overwrite=True)
    job = await azure.job(call(azurite.address, "downloadBlob", "list") | wanted)
    assert (job.state, "cannot return the content as JSON" in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_the_signature_may_be_in_the_url_and_older_diagrams_name_no_kind(azure: ConnectorUnderTest, azurite: Azurite):
    azurite.container("orders").upload_blob("url.json", b'{"a": 1}', overwrite=True)
    given = call(azurite.address, "downloadBlob", "url.json")
    given["authentication"] = {"SASUrl": f"{azurite.address}/orders?{azurite.token('orders')}", "SASToken": None}
    assert (await azure.result(given))["content"] == base64.b64encode(b'{"a": 1}').decode()
    given["authentication"] = {"sasUrl": f"{azurite.address}/orders", "sasToken": "{{secrets.AZURE_SAS_TOKEN}}"}
    assert (await azure.result(given))["content"] == base64.b64encode(b'{"a": 1}').decode()


async def test_an_application_of_entra_id_logs_in_once_for_all_jobs(gateway: ZeebeGateway, monkeypatch: pytest.MonkeyPatch):
    granted = orjson.dumps({"access_token": storage_token(), "expires_in": 3599})
    async with RecordingServer({"login": [Answer(200, granted)]}) as login:
        settings = {"loginUrl": login.base("login")}
        with azurite_server(tls=True) as azurite:
            trust(monkeypatch, azurite)
            container = azurite.container("orders")
            async with connector_under_test(gateway, "azure-blobstorage", "azure-entra", settings=settings) as connector:
                await connector.result(as_application(azurite.address, "uploadBlob", document="x", timeout=30))
                downloaded = await connector.result(as_application(azurite.address, "downloadBlob"))
            assert (downloaded["content"], container.download_blob("a.txt").readall()) == ("x", b"x")
    (request,) = login.requests["login"]
    assert (request.line, parse_qs(request.body.decode())) == (
        "POST /login/a-tenant/oauth2/v2.0/token",
        {
            "grant_type": ["client_credentials"], "client_id": ["an-application"], "client_secret": ["s3cret"],
            "scope": ["https://storage.azure.com/.default"],
        },
    )  # fmt: skip


def storage_token() -> str:
    """What Entra ID makes for Azure's storage; Azurite looks at everything but who signed it."""
    now = int(time.time())
    claims = {
        "iss": "https://sts.windows.net/a-tenant/",
        "aud": "https://storage.azure.com",
        "iat": now,
        "nbf": now - 60,
        "exp": now + 3600,
    }
    return jwt.encode(claims, "any key of the length that HMAC wants", algorithm="HS256")


def trust(monkeypatch: pytest.MonkeyPatch, azurite: Azurite) -> None:
    """The HTTP client read its authorities when it was imported, as it does in a pod."""
    context = ssl.create_default_context(cafile=str(azurite.authority))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)


def as_application(account: str, operation: str, **more: Any) -> dict[str, Any]:
    """The variables of a job as the official element template makes them."""
    kind = {"type": "oAuth-client-credentials-flow"}
    known = {"tenantId": "a-tenant", "clientId": "an-application", "clientSecret": "s3cret", "accountUrl": account}
    return call(account, operation, "a.txt", **more) | {"authentication": {**kind, **known}}


async def test_an_upload_ends_when_its_time_is_over(azure: ConnectorUnderTest):
    async with RecordingServer({"account": [Answer(201, delay=0.7)]}) as server:
        job = await azure.job(call(server.base("account"), "uploadBlob", "x", document="x", timeout=0.05))
        assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message


async def test_a_refused_login_has_a_code(gateway: ZeebeGateway):
    async with RecordingServer(
        {"login": [Answer(401, b'{"error": "invalid_client", "error_description": "no such secret"}')]}
    ) as login:
        settings = {"loginUrl": login.base("login")}
        async with connector_under_test(gateway, "azure-blobstorage", "azure-login", settings=settings) as connector:
            job = await connector.job(as_application("https://shop.blob.core.windows.net", "downloadBlob"))
    assert (job.result["error"]["code"], job.retries, "no such secret" in job.error_message) == ("LOGIN", 2, True)


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
    given["authentication"]["SASToken"] = ended
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
                assert (await connector.result(call(server.base("account"), "downloadBlob", "x")))["content"] == "whole"
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
        ({"authentication": {"SASUrl": "orders", "SASToken": "x"}}, "cannot use authentication.SASUrl"),
        ({"authentication": {"SASUrl": "http://127.0.0.1/a/orders", "SASToken": ""}}, "set authentication.SASToken"),
        ({"authentication": {"type": "OAuth", "SASUrl": "https://x"}}, "authentication"),
        (as_application("http://127.0.0.1/a", "uploadBlob", document="x"), "cannot use authentication.accountUrl"),
        ({"documentReturnFormat": {"choice": "TEXT", "encoding": "UTF-9"}}, "documentReturnFormat.encoding"),
    ],
)
async def test_bad_input_is_named(azure: ConnectorUnderTest, azurite: Azurite, change: dict[str, Any], message: str):
    given = call(azurite.address, "uploadBlob", "x", document="x") | change
    job = await azure.job(given)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message

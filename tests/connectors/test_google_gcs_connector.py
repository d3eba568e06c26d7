"""Google Cloud Storage against an emulator: files go up and come down with a service account's token; refusals as codes."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from connector_clouds import GRANTED
from connector_gcs import Gcs, gcs_server, service_account_key
from connector_job import ConnectorUnderTest, connector_under_test
from document_server import DocumentServer
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:google-gcs:1"
pytestmark = pytest.mark.timeout(600)  # the first test may have to fetch the emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Gcs]:
    with gcs_server() as server:
        server.make_bucket("orders")
        yield server


@pytest.fixture
async def google() -> AsyncIterator[RecordingServer]:
    """Where tokens come from, and a storage that answers as a test says."""
    async with RecordingServer({"token": [GRANTED], "storage": [Answer()]}) as server:
        yield server


@pytest.fixture
async def store() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as server:
        yield server


@pytest.fixture
def secrets(google: RecordingServer, tmp_path: Path) -> Path:
    """The folder of the Connector's secrets."""
    folder = tmp_path / "gcs-secrets"
    folder.mkdir()
    (folder / "GCS").write_text(service_account_key(google.base("token")))
    return folder


@pytest.fixture
async def gcs(gateway: ZeebeGateway, emulator: Gcs, secrets: Path, store: DocumentServer) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(
        gateway, "google-gcs", JOB_TYPE, settings={"baseUrl": emulator.address}, secrets=secrets, rest=store.address
    ) as connector:
        yield connector


def call(operation: str, name: str | None = None, bucket: str = "orders", **more: Any) -> dict[str, Any]:
    return {
        "authentication": {"jsonKey": "{{secrets.GCS}}"},
        "operationDiscriminator": operation,
        "operation": {"bucket": bucket, "fileName": name, **more},
    }


async def test_a_text_goes_up_and_comes_down(gcs: ConnectorUnderTest, emulator: Gcs):
    name = "2026/ä b.txt"
    uploaded = await gcs.result(call("uploadObject", name, document="hällo"))
    assert uploaded == {"bucket": "orders", "fileName": name, "link": f"{emulator.address}/orders/2026/%C3%A4%20b.txt"}
    content, kind = emulator.get("orders", name)
    assert (content, kind) == ("hällo".encode(), "text/plain; charset=utf-8")
    downloaded = await gcs.result(call("downloadObject", name, asDocument=False))
    assert downloaded == {"bucket": "orders", "fileName": name, "document": None, "content": "hällo"}


async def test_a_document_keeps_its_name_and_type_on_the_way_up_and_down(
    gcs: ConnectorUnderTest, emulator: Gcs, store: DocumentServer
):
    reference = store.put(b"\x00pdf" * 2_000_000, name="invoice.pdf")
    assert (await gcs.result(call("uploadObject", document=reference)))["fileName"] == "invoice.pdf"
    assert emulator.get("orders", "invoice.pdf")[0] == b"\x00pdf" * 2_000_000
    emulator.put("orders", "2026/x.pdf", b"%PDF", "application/pdf")
    downloaded = await gcs.result(call("downloadObject", "2026/x.pdf", asDocument=True))
    content, kept = store.documents[downloaded["document"]["documentId"]]
    assert (content, kept["metadata"]["fileName"], kept["metadata"]["contentType"]) == (b"%PDF", "x.pdf", "application/pdf")
    assert downloaded["content"] is None


@pytest.mark.parametrize(
    ("wanted", "member"),
    [
        ({"documentReturnFormat": {"choice": "JSON"}}, "content"),
        ({"documentReturnFormat": {"choice": "TEXT", "encoding": "UTF-8"}}, "content"),
        ({"documentReturnFormat": {"choice": "DOCUMENT"}}, "document"),
    ],
)
async def test_a_return_format_says_what_the_content_becomes(
    gcs: ConnectorUnderTest, emulator: Gcs, wanted: dict[str, Any], member: str
):
    emulator.put("orders", "list", b"[1]", "text/plain")
    found = await gcs.result(call("downloadObject", "list") | wanted)
    assert [name for name in ("document", "content") if found[name] is not None] == [member]
    if wanted["documentReturnFormat"]["choice"] != "DOCUMENT":
        assert found["content"] == ([1] if wanted["documentReturnFormat"]["choice"] == "JSON" else "[1]")


async def test_version_1_of_our_template_has_another_name_for_documents(gcs: ConnectorUnderTest, emulator: Gcs):
    emulator.put("orders", "a.txt", b"x", "text/plain")
    assert (await gcs.result(call("downloadObject", "a.txt", asFile=True)))["document"]["camunda.document.type"] == "camunda"


async def test_the_account_signs_for_a_token_once_every_call_carries_it_and_the_end_of_the_pod_hangs_up(
    gateway: ZeebeGateway, secrets: Path, google: RecordingServer
):
    settings = {"baseUrl": google.base("storage")}
    async with connector_under_test(gateway, "google-gcs", "gcs-token", settings=settings, secrets=secrets) as connector:
        for number in range(3):
            await connector.result(call("uploadObject", f"{number}.txt", document="x"))
    await google.until_hung_up()
    (asked,) = google.requests["token"]
    form = parse_qs(asked.body.decode())
    assertion = jwt.decode(form["assertion"][0], options={"verify_signature": False})
    assert (assertion["iss"], assertion["aud"]) == ("shop@test.iam.gserviceaccount.com", google.base("token"))
    assert len(google.requests["storage"]) == 3
    assert all(("Authorization", "Bearer granted") in request.headers for request in google.requests["storage"])
    assert google.connections <= 2


async def test_what_is_not_there_is_an_incident(gcs: ConnectorUnderTest):
    for given in (call("downloadObject", "nothing"), call("downloadObject", "x", "nowhere")):
        job = await gcs.job(given)
        assert (job.result["error"]["code"], job.state) == ("NOT_FOUND", JobState.INCIDENT), job.error_message


async def test_a_file_too_large_for_a_variable_is_refused_before_it_is_read(gcs: ConnectorUnderTest, emulator: Gcs):
    emulator.put("orders", "big", b"x" * 1_000_001, "text/plain")
    job = await gcs.job(call("downloadObject", "big"))
    assert (job.state, "create a document" in job.error_message) == (JobState.INCIDENT, True), job.error_message


REFUSED = json.dumps({"error": {"code": 403, "message": "shop@test does not have storage.objects.create access"}}).encode()
OTHER_KIND = {"type": "external_account", "credential_source": {"file": "/etc/passwd"}}
WITHOUT_KEY = json.loads(service_account_key("http://127.0.0.1:9")) | {"private_key": "x"}


async def test_why_google_refuses_is_said(gateway: ZeebeGateway, secrets: Path, google: RecordingServer):
    google.answers = {"token": [GRANTED], "storage": [Answer(403, REFUSED)]}
    settings = {"baseUrl": google.base("storage")}
    async with connector_under_test(gateway, "google-gcs", "gcs-refused", settings=settings, secrets=secrets) as connector:
        job = await connector.job(call("uploadObject", "x", document="x"))
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2), job.error_message
    assert "does not have storage" in job.error_message


async def test_an_account_that_nobody_knows_is_asked_for_once_and_tried_again(
    gateway: ZeebeGateway, secrets: Path, google: RecordingServer
):
    unknown = b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'
    google.answers = {"token": [Answer(400, unknown)]}
    settings = {"baseUrl": google.base("storage")}
    async with connector_under_test(gateway, "google-gcs", "gcs-unknown", settings=settings, secrets=secrets) as connector:
        job = await connector.job(call("uploadObject", "x", document="x"))
    assert (job.result["error"]["code"], job.retries, len(google.requests["token"])) == ("LOGIN", 2, 1), job.error_message
    assert "Invalid JWT Signature." in job.error_message
    assert "PRIVATE KEY" not in str(job)


async def test_a_forbidden_place_is_not_called(gateway: ZeebeGateway, secrets: Path):
    settings = {"baseUrl": "http://169.254.169.254"}
    async with connector_under_test(gateway, "google-gcs", "gcs-forbidden", settings=settings, secrets=secrets) as connector:
        job = await connector.job(call("downloadObject", "x"))
    assert (job.state, "spec.egress.allowedRanges" in job.error_message) == (JobState.INCIDENT, True), job.error_message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operation": {"bucket": "orders", "document": "x"}}, "operation.fileName is empty"),
        ({"operation": {"bucket": "orders", "fileName": "x"}}, "operation.document: it must be a document or a text"),
        ({"operation": {"bucket": "../b/other", "fileName": "x", "document": "x"}}, "operation.bucket"),
        ({"operationDiscriminator": "listObjects"}, "operationDiscriminator"),
        ({"authentication": {"jsonKey": "no json"}}, "must be the JSON key of a service account"),
        ({"authentication": {"jsonKey": json.dumps(OTHER_KIND)}}, "must be the JSON key of a service account"),
        ({"authentication": {"jsonKey": json.dumps(WITHOUT_KEY)}}, "its private key cannot sign"),
    ],
)
async def test_bad_input_is_named(gcs: ConnectorUnderTest, change: dict[str, Any], message: str):
    job = await gcs.job(call("uploadObject", "x", document="x") | change)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message

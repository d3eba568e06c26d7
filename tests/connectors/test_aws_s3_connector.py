"""S3 against moto's server: texts and documents go up and come down, and refusals have AWS's codes."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_moto import Moto, access
from document_server import DocumentServer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:aws-s3:1"
REGION = {"LocationConstraint": "eu-central-1"}


@pytest.fixture
def bucket(moto: Moto) -> Any:
    """AWS's own client to look at the bucket `orders`."""
    client = moto.client("s3")
    client.create_bucket(Bucket="orders", CreateBucketConfiguration=REGION)
    return client


@pytest.fixture
async def store() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as server:
        yield server


@pytest.fixture
async def s3(gateway: ZeebeGateway, moto: Moto, aws_keys: Path, store: DocumentServer) -> AsyncIterator[ConnectorUnderTest]:
    settings = {"endpoint": moto.address}
    async with connector_under_test(
        gateway, "aws-s3", JOB_TYPE, settings=settings, secrets=aws_keys, rest=store.address
    ) as connector:
        yield connector


def call(operation: str, key: str | None = None, bucket: str = "orders", **more: Any) -> dict[str, Any]:
    return {**access(), "actionDiscriminator": operation, "action": {"bucket": bucket, "key": key, **more}}


async def test_a_text_goes_up_comes_down_and_goes_away(s3: ConnectorUnderTest, bucket: Any, moto: Moto):
    key = "2026/ä b.txt"
    uploaded = await s3.result(call("uploadObject", key, document="hällo"))
    assert uploaded == {"bucket": "orders", "key": key, "link": f"{moto.address}/orders/2026/%C3%A4%20b.txt"}
    assert bucket.get_object(Bucket="orders", Key=key)["Body"].read() == "hällo".encode()
    downloaded = await s3.result(call("downloadObject", key, asFile=False))
    assert downloaded == {"bucket": "orders", "key": key, "element": "hällo"}
    assert await s3.result(call("deleteObject", key)) == {"bucket": "orders", "key": key}
    assert "Contents" not in bucket.list_objects_v2(Bucket="orders")


async def test_a_document_keeps_its_name_and_type_on_the_way_up_and_down(
    s3: ConnectorUnderTest, bucket: Any, store: DocumentServer
):
    reference = store.put(b"\x00pdf", name="invoice.pdf")
    assert (await s3.result(call("uploadObject", document=reference)))["key"] == "invoice.pdf"
    found = bucket.get_object(Bucket="orders", Key="invoice.pdf")
    assert (found["Body"].read(), found["ContentType"]) == (b"\x00pdf", "application/octet-stream")
    bucket.put_object(Bucket="orders", Key="2026/x.pdf", Body=b"%PDF", ContentType="application/pdf")
    element = (await s3.result(call("downloadObject", "2026/x.pdf", asFile=True)))["element"]
    content, kept = store.documents[element["documentId"]]
    assert (content, element["camunda.document.type"], element["metadata"]["fileName"]) == (b"%PDF", "camunda", "x.pdf")
    assert kept["metadata"]["contentType"] == "application/pdf"


async def test_a_return_format_says_what_the_element_is(s3: ConnectorUnderTest, bucket: Any, store: DocumentServer):
    bucket.put_object(Bucket="orders", Key="k", Body='[1, "ä"]'.encode("latin-1"), ContentType="image/png")
    for wanted, element in (
        ({"choice": "TEXT", "encoding": "ISO-8859-1"}, '[1, "ä"]'),
        ({"choice": "DOCUMENT"}, None),
    ):
        found = (await s3.result(call("downloadObject", "k") | {"documentReturnFormat": wanted}))["element"]
        assert found == element or store.documents[found["documentId"]][0] == '[1, "ä"]'.encode("latin-1")
    job = await s3.job(call("downloadObject", "k") | {"documentReturnFormat": {"choice": "JSON"}})
    assert (job.state, "cannot return the content as JSON" in job.error_message) == (JobState.INCIDENT, True), job.error_message


@pytest.mark.parametrize(
    ("body", "kind", "element"),
    [
        (b'{"a": [1]}', "application/json", {"a": [1]}),
        (b"not json", "application/json; charset=utf-8", "not json"),
        (b"a,b", "text/csv", "a,b"),
        (b"\x00\xff", "application/pdf", base64.b64encode(b"\x00\xff").decode()),
    ],
)
async def test_content_without_a_document_is_json_a_text_or_base64(
    s3: ConnectorUnderTest, bucket: Any, body: bytes, kind: str, element: Any
):
    bucket.put_object(Bucket="orders", Key="k", Body=body, ContentType=kind)
    assert (await s3.result(call("downloadObject", "k")))["element"] == element


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (call("downloadObject", "nothing"), "NoSuchKey"),
        (call("downloadObject", "k", "nowhere-at-all"), "NoSuchBucket"),
        (call("uploadObject", "k", "nowhere-at-all", document="x"), "NoSuchBucket"),
    ],
)
async def test_what_is_not_there_is_an_incident_with_awss_code(s3: ConnectorUnderTest, given: Any, code: str):
    job = await s3.job(given)
    assert (job.result["error"]["code"], job.state) == (code, JobState.INCIDENT), job.error_message


async def test_a_file_too_large_for_a_variable_is_refused_before_it_is_read(s3: ConnectorUnderTest, bucket: Any):
    bucket.put_object(Bucket="orders", Key="big", Body=b"x" * 1_000_001, ContentType="text/plain")
    job = await s3.job(call("downloadObject", "big"))
    assert (job.state, "create a document" in job.error_message) == (JobState.INCIDENT, True), job.error_message
    assert (await s3.result(call("downloadObject", "big", asFile=True)))["element"]["metadata"]["size"] == 1_000_001


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (call("uploadObject", document="x"), "action.key is empty"),
        (call("uploadObject", "k"), "action.document: it must be a document or a text"),
        (call("uploadObject", "k", document={"camunda.document.type": "camunda"}), "cannot use this document"),
        (call("downloadObject"), "action.key is empty"),
        (call("copyObject", "k"), "actionDiscriminator"),
        (call("uploadObject", "k", "no/bucket", document="x"), "bucket"),
    ],
)
async def test_bad_input_is_named(s3: ConnectorUnderTest, given: Any, message: str):
    job = await s3.job(given)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_a_document_that_is_gone_has_a_code(s3: ConnectorUnderTest):
    reference = {"camunda.document.type": "camunda", "storeId": "in-memory", "documentId": "gone"}
    job = await s3.job(call("uploadObject", "k", document=reference))
    assert (job.result["error"]["code"], job.state) == ("DOCUMENT_NOT_FOUND", JobState.INCIDENT)

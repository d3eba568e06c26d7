"""Worker pods that misbehave, on real connections."""

import asyncio
import gzip
import json

import kube_objects as make
import pytest
from aiohttp import web
from loopback_server import listening

from connector_operator.cluster import pods
from connector_operator.cluster.pods import PodClient, PodTemplates, PodUnreachable
from connector_operator.domain.reports import read_status

STATUS = {"version": 1, "configHash": "0123456789", "gateway": {"state": "Connected", "message": ""}, "connectors": {}}


@pytest.fixture
async def pod():
    """A pod whose answers a test decides: `pod.answer` takes the request."""

    class Pod:
        answer = None
        asked: list[str]

    pod = Pod()
    pod.asked = []

    async def handle(request):
        pod.asked.append(request.raw_path)
        return await pod.answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with listening(app, handler_cancellation=True, shutdown_timeout=0.1) as port:
        pod.port = port
        yield pod


@pytest.fixture
async def client(pod):
    async with PodClient(port=pod.port) as client:
        yield client


def answering(**response):
    async def answer(_request):
        return web.Response(**response)

    return answer


async def test_a_status_is_fetched_and_can_be_read(pod, client):
    pod.answer = answering(body=json.dumps(STATUS).encode())
    report = read_status("main-1", await client.fetch_status("127.0.0.1"))
    assert report.document.config_hash == "0123456789"
    assert pod.asked == ["/status"]


async def test_a_slow_pod_is_given_up(pod, client, monkeypatch):
    monkeypatch.setattr(pods, "DEADLINE_SECONDS", 0.1)

    async def dribble(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    pod.answer = dribble
    with pytest.raises(PodUnreachable, match="no complete answer within"):
        await client.fetch_status("127.0.0.1")


async def test_an_endless_answer_is_cut_at_the_limit(pod, client):
    sent = 0

    async def flood(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)
            sent += 65536

    pod.answer = flood
    with pytest.raises(PodUnreachable, match="longer than 1048576 bytes"):
        await client.fetch_status("127.0.0.1")
    assert sent < 64 * 1024 * 1024


async def test_element_templates_may_be_longer_than_a_status(pod, client):
    pod.answer = answering(body=b"x" * (2 * 1024 * 1024))
    assert len(await client.fetch_element_templates("127.0.0.1", "crm")) == 2 * 1024 * 1024
    with pytest.raises(PodUnreachable):
        await client.fetch_status("127.0.0.1")


async def test_a_redirect_is_not_followed(pod, client):
    pod.answer = answering(status=302, headers={"Location": "http://127.0.0.1:1/metadata"})
    with pytest.raises(PodUnreachable, match="302 instead of 200"):
        await client.fetch_status("127.0.0.1")
    assert pod.asked == ["/status"]


async def test_an_error_page_is_no_status(pod, client):
    pod.answer = answering(status=503, text="starting")
    with pytest.raises(PodUnreachable, match="503"):
        await client.fetch_status("127.0.0.1")


async def test_a_compressed_answer_is_refused_unread(pod, client):
    pod.answer = answering(body=gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(PodUnreachable, match="compressed"):
        await client.fetch_status("127.0.0.1")


async def test_html_is_a_report_without_a_document_that_says_so(pod, client):
    pod.answer = answering(text="<html>hello</html>", content_type="text/html")
    report = read_status("main-1", await client.fetch_status("127.0.0.1"))
    assert report.document is None
    assert "cannot read the status of pod 'main-1'" in report.problem


@pytest.mark.parametrize("address", ["", "localhost", "example.com/x", "127.0.0.1/../x"])
async def test_only_an_address_is_asked_never_a_name(pod, client, address):
    with pytest.raises(PodUnreachable):
        await client.fetch_status(address)
    assert pod.asked == []


async def test_a_closed_port_is_told_in_a_sentence(client, unused_tcp_port):
    async with PodClient(port=unused_tcp_port) as nobody:
        with pytest.raises(PodUnreachable, match="cannot get '/status': "):
            await nobody.fetch_status("127.0.0.1")


async def test_a_connectors_name_cannot_leave_its_path(pod, client):
    pod.answer = answering(body=b"[]")
    await client.fetch_element_templates("127.0.0.1", "../status")
    assert pod.asked == ["/element-templates/..%2Fstatus"]


async def test_element_templates_come_as_the_objects_they_are(pod, client):
    templates = [{"id": "io.acme.crm", "version": 2, "name": "CRM ü"}]
    pod.answer = answering(body=json.dumps(templates).encode())
    assert await PodTemplates(client).fetch(make.pod(), "crm") == templates


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"[1]", b'["x"]', b"[{}", b'[{"a": NaN}]', b'[{"name": "\\ud800"}]', b"[" * 100_000, b"\xff"],
    ids=["nothing", "object", "null", "number", "text", "cut", "nan", "half a surrogate", "deep", "no text"],
)
async def test_what_is_no_list_of_publishable_objects_is_refused(pod, client, body):
    pod.answer = answering(body=body)
    with pytest.raises(PodUnreachable, match="cannot read the element templates of Connector 'crm'"):
        await PodTemplates(client).fetch(make.pod(), "crm")


async def test_a_pod_without_an_address_has_no_element_templates(client):
    pod = make.pod()
    del pod["status"]
    with pytest.raises(PodUnreachable):
        await PodTemplates(client).fetch(pod, "crm")

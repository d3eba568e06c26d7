"""SOAP against a service with a WSDL: what is sent is what zeep makes of the WSDL; faults, users and broken answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_services import untrusted_server
from connector_soap import ORDERS, PASSWORD, SOAP, USER, WSDL, SoapShop
from lxml import etree
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, ZeebeGateway
from zeep import Client

JOB_TYPE = "io.camunda:soap:1"
CHECK = {"o:check": {"o:id": 4711, "o:item": ["tea", "salt & <pepper>"]}}
TEMPLATE = "<o:check><o:id>{{order.id}}</o:id><o:item>{{ first }}</o:item><o:item>{{second}}</o:item></o:check>"
VALUES = {"order": {"id": 4711}, "first": "tea", "second": "salt & <pepper>"}


@pytest.fixture
async def shop() -> AsyncIterator[SoapShop]:
    async with SoapShop().running() as shop:
        yield shop


@pytest.fixture
async def soap(gateway: ZeebeGateway, tmp_path: Path) -> AsyncIterator[ConnectorUnderTest]:
    secrets = tmp_path / "soap-secrets"
    secrets.mkdir()
    (secrets / "SOAP").write_text(PASSWORD)
    async with connector_under_test(gateway, "soap", JOB_TYPE, secrets=secrets) as connector:
        yield connector


def call(address: str, body: Any = None, version: str = "1.1", **more: Any) -> dict[str, Any]:
    return {
        "serviceUrl": address,
        "authentication": {"authentication": "none"},
        "soapVersion": {"version": version, "soapAction": f"{ORDERS}/check"},
        "header": {"type": "none"},
        "body": body or {"type": "json", "json": CHECK},
        "namespaces": {"o": ORDERS},
        **more,
    }


@pytest.mark.parametrize("body", [{"type": "json", "json": CHECK}, {"type": "template", "template": TEMPLATE, "context": VALUES}])
async def test_json_and_a_template_make_the_message_that_the_wsdl_asks_for(
    soap: ConnectorUnderTest, shop: SoapShop, tmp_path: Path, body: dict[str, Any]
):
    result = await soap.result(call(shop.address, body))
    assert result == {"Envelope": {"Header": "", "Body": {"checked": {"total": {"@currency": "EUR", "#text": "2"}}}}}
    (tmp_path / "orders.wsdl").write_text(WSDL)
    client = Client(str(tmp_path / "orders.wsdl"))
    wanted = client.create_message(client.service, "check", id="4711", item=["tea", "salt & <pepper>"])
    path = f"{{{SOAP['text/xml']}}}Body/{{{ORDERS}}}check"
    made = etree.fromstring(shop.bodies[0]).find(path)
    assert etree.tostring(made, method="c14n", exclusive=True).replace(b"o:", b"").replace(b":o=", b"=") == etree.tostring(
        wanted.find(path), method="c14n", exclusive=True
    ).replace(b"ns0:", b"").replace(b":ns0=", b"=")
    assert shop.actions == [f'"{ORDERS}/check"']


async def test_soap_1_2_has_its_own_envelope_and_its_action_in_the_content_type(soap: ConnectorUnderTest, shop: SoapShop):
    result = await soap.result(call(shop.address, version="1.2"))
    assert result["Envelope"]["Body"]["checked"]["total"]["#text"] == "2"
    assert shop.actions == [f'"{ORDERS}/check"']
    assert SOAP["application/soap+xml"].encode() in shop.bodies[0]


async def test_a_header_stands_before_the_body(soap: ConnectorUnderTest, shop: SoapShop):
    header = {"type": "template", "template": "<o:trace>{{id}}</o:trace>", "context": {"id": "a<b"}}
    await soap.result(call(shop.address, header=header))
    root = etree.fromstring(shop.bodies[0])
    assert [etree.QName(child).localname for child in root] == ["Header", "Body"]
    assert root.findtext(f"{{{SOAP['text/xml']}}}Header/{{{ORDERS}}}trace") == "a<b"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("encoded", [True, False])
async def test_a_user_proves_to_know_the_password_in_text_or_digest(
    soap: ConnectorUnderTest, shop: SoapShop, version: str, encoded: bool
):
    shop.needs_user = True
    user = {"authentication": "usernameToken", "username": USER, "password": "{{secrets.SOAP}}", "encoded": encoded}
    await soap.result(call(shop.address, version=version, authentication=user))
    assert (PASSWORD.encode() in shop.bodies[0]) is not encoded
    job = await soap.job(call(shop.address, version=version, authentication={**user, "password": "canary-wrong"}))
    assert (job.result["error"]["code"], job.state) == ("CLIENT_FAULT", JobState.INCIDENT)
    assert "canary" not in job.error_message


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_faults_tell_whose_they_are(soap: ConnectorUnderTest, shop: SoapShop, version: str):
    broken = {"type": "json", "json": {"o:check": {"o:id": "broken"}}}
    job = await soap.job(call(shop.address, broken, version))
    assert (job.result["error"]["code"], job.retries) == ("FAULT", 2), job.error_message
    assert "the database is away" in job.error_message
    wrong = {"type": "json", "json": {"o:other": None}}
    job = await soap.job(call(shop.address, wrong, version))
    assert (job.result["error"]["code"], job.state) == ("CLIENT_FAULT", JobState.INCIDENT)
    fault = job.result["error"]["variables"]["fault"]
    assert (fault["faultstring"] if version == "1.1" else fault["Reason"]["Text"]["#text"]) == "there is no check"


ENVELOPE = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
NIL = b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b i:nil="true"/><b>1</b><b><c> x </c></b><d/></a>'


@pytest.mark.parametrize(
    ("inside", "body"),
    [
        (NIL, {"a": {"b": [None, "1", {"c": " x "}], "d": ""}}),
        (b"<a><b>\xc3\xa4</b><!-- no --><b><![CDATA[<x>]]></b></a>", {"a": {"b": ["ä", "<x>"]}}),
        (b"", ""),
        (b"<a>" + b"<i>1</i>" * 20_000 + b"</a>", {"a": {"i": ["1"] * 20_000}}),
    ],
)
async def test_an_answer_becomes_json(soap: ConnectorUnderTest, inside: bytes, body: Any):
    async with RecordingServer({"s": [Answer(200, ENVELOPE % inside)]}) as server:
        assert (await soap.result(call(server.base("s"))))["Envelope"]["Body"] == body


@pytest.mark.parametrize(
    ("answer", "retries", "code"),
    [
        (Answer(200, b"<html/>"), 2, "UNEXPECTED_ANSWER"),
        (Answer(200, b"{}"), 2, "UNEXPECTED_ANSWER"),
        (Answer(200, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + ENVELOPE % b"&e;"), 2, "UNEXPECTED_ANSWER"),
        (Answer(200, ENVELOPE % (b"<a>" * 300 + b"</a>" * 300)), 2, "UNEXPECTED_ANSWER"),
        (Answer(200, ENVELOPE % b"<a/>", cut_after=40), 2, "NO_ANSWER"),
        (Answer(503, b"<html>", (("Retry-After", "7"),)), 3, "LIMIT"),
        (Answer(500, b"<html>"), 2, "UNAVAILABLE"),
        (Answer(401, b""), 2, "LOGIN"),
        (Answer(404, b"nothing here"), 0, "REFUSED"),
        (Answer(200, ENVELOPE % (b"<a>" + b"x" * (16 * 1024 * 1024) + b"</a>")), 0, None),
        (Answer(200, ENVELOPE % b"<a/>", delay=5.0), 2, "NO_ANSWER"),
    ],
)
async def test_what_is_no_soap_has_a_code_and_a_number_of_retries(
    soap: ConnectorUnderTest, answer: Answer, retries: int, code: str | None
):
    async with RecordingServer({"s": [answer]}) as server:
        job = await soap.job(call(server.base("s"), connectionTimeoutInSeconds=1))
    assert (job.result["error"].get("code"), job.retries) == (code, retries), job.error_message


async def test_nobody_a_stranger_and_forbidden_places_are_told_apart(
    soap: ConnectorUnderTest, tmp_path: Path, unused_tcp_port: int
):
    async with untrusted_server(tmp_path) as stranger:
        for address in (f"http://127.0.0.1:{unused_tcp_port}", stranger.base("x")):
            job = await soap.job(call(address))
            assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message
    job = await soap.job(call("http://169.254.169.254/latest"))
    assert (job.state, "spec.egress.allowedRanges" in job.error_message) == (JobState.INCIDENT, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"body": {"type": "json", "json": {}}}, "set body.template or body.json"),
        ({"body": {"type": "template", "template": ""}}, "set body.template or body.json"),
        ({"body": {"type": "template", "template": "<o:a>", "context": {}}}, "cannot use body: it is no XML"),
        ({"body": {"type": "template", "template": "text<o:a/>", "context": {}}}, "begins with text"),
        ({"body": {"type": "template", "template": "<p:a/>", "context": {}}}, "whose namespaces are given"),
        ({"body": {"type": "template", "template": "<o:a>{{x.y}}</o:a>", "context": {"x": 1}}}, "its context has no 'x.y'"),
        ({"body": {"type": "json", "json": {"o:a><b": 1}}}, "'o:a><b' is not the name of an XML element"),
        ({"body": {"type": "json", "json": {"o:a": "\x00"}}}, "cannot use body"),
        ({"namespaces": {'o" x="': "u"}}, "cannot use namespaces"),
        ({"serviceUrl": "ftp://x"}, "serviceUrl"),
        ({"serviceUrl": "http://x:y/"}, "cannot use serviceUrl"),
        ({"soapVersion": {"version": "2.0"}}, "soapVersion.version"),
        ({"authentication": {"authentication": "signature"}}, "authentication"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_sent(
    soap: ConnectorUnderTest, shop: SoapShop, change: dict[str, Any], message: str
):
    job = await soap.job(call(shop.address) | change)
    assert (job.state, message in job.error_message, shop.bodies) == (JobState.INCIDENT, True, []), job.error_message

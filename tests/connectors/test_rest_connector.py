"""HTTP REST through a job: certificates, tokens and files; the contract tests compare what else goes over the wire."""

import asyncio
import gzip
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from connector_rest import Rest, header, rest_under_test
from connector_server import certificates
from connector_services import tls_of
from document_server import DocumentServer
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, ZeebeGateway

from local_cluster.certificates import CertificateAuthority, CertificateRequest

TOKEN = Answer(200, b'{"access_token": "first", "expires_in": 3600}')
SECOND = Answer(200, b'{"access_token": "second", "expires_in": 3600}')


@pytest.fixture
async def rest(gateway: ZeebeGateway) -> AsyncIterator[Rest]:
    async with rest_under_test(gateway) as rest:
        yield rest


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    authority = certificates(tmp_path)
    authority.issue([CertificateRequest("ada", "/CN=ada"), CertificateRequest("bob", "/CN=bob")])
    return authority


def tls(authority: CertificateAuthority, name: str, **more: Any) -> dict[str, Any]:
    """An input's `clientTls`."""
    pem = {"clientCertificate": authority.certificate(name).read_text(), "clientPrivateKey": authority.key(name).read_text()}
    return pem | {"trustedCertificate": authority.certificate("ca").read_text()} | more


async def test_a_server_that_wants_a_certificate_gets_the_jobs_own(rest: Rest, authority: CertificateAuthority):
    async with RecordingServer({"tls": (Answer(),)}, tls=tls_of(authority, asks=True)) as server:
        url = f"https://localhost:{server.port}/tls"
        for _ in range(3):
            assert (await rest.connector.result({"url": url, "clientTls": tls(authority, "ada")}))["status"] == 200
        assert (server.connections, len(server.requests["tls"])) == (1, 3)
        await rest.connector.result({"url": url, "clientTls": tls(authority, "bob")})
        assert server.connections == 2


async def test_one_jobs_certificate_does_not_serve_another_job(rest: Rest, authority: CertificateAuthority):
    trusted = {"trustedCertificate": authority.certificate("ca").read_text()}
    async with RecordingServer({"tls": (Answer(),)}, tls=tls_of(authority, asks=True)) as server:
        url = f"https://localhost:{server.port}/tls"
        await rest.connector.result({"url": url, "clientTls": tls(authority, "ada")})
        job = await rest.connector.job({"url": url, "clientTls": trusted})
        assert (job.result["error"]["code"], len(server.requests["tls"])) == ("408", 1)


async def test_a_private_key_may_have_a_password(rest: Rest, authority: CertificateAuthority):
    command = ["openssl", "ec", "-in", str(authority.key("ada")), "-aes256", "-passout", "pass:open sesame"]
    encrypted = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    async with RecordingServer({"tls": (Answer(),)}, tls=tls_of(authority, asks=True)) as server:
        given = {"url": f"https://localhost:{server.port}/tls"}
        with_password = tls(authority, "ada", clientPrivateKey=encrypted, privateKeyPassword="open sesame")
        assert (await rest.connector.result({**given, "clientTls": with_password}))["status"] == 200
        for password in ("wrong", ""):
            job = await rest.connector.job({**given, "clientTls": with_password | {"privateKeyPassword": password}})
            assert (job.state, job.retries) == (JobState.INCIDENT, 0)
            assert job.error_message.startswith("cannot use clientTls: ")
            assert "PRIVATE KEY" not in str(job.result)


async def test_a_certificate_and_another_ones_key_are_refused(rest: Rest, authority: CertificateAuthority):
    mixed = tls(authority, "ada") | {"clientPrivateKey": authority.key("bob").read_text()}
    job = await rest.connector.job({"url": "https://localhost:1/", "clientTls": mixed})
    assert job.state is JobState.INCIDENT
    assert "check that certificate, key and password belong together" in job.error_message


def oauth(rest: Rest, **members: Any) -> dict[str, Any]:
    """A client of the case's own, so that no other test has its token already."""
    endpoint = {"oauthTokenEndpoint": f"{rest.url}/token", "clientId": rest.url, "clientSecret": "s"}
    return {"type": "oauth-client-credentials-flow", "clientAuthentication": "credentialsBody"} | endpoint | members


def bearers(rest: Rest) -> list[str | None]:
    """What the requests that were no token requests authorized themselves with."""
    return [header(request, "Authorization") for request in rest.requests if "token" not in request.line]


async def test_jobs_that_wait_for_the_same_token_ask_for_it_once(rest: Rest):
    rest.answers_with(Answer(200, TOKEN.body, delay=0.3), Answer())
    variables = {"url": rest.url, "authentication": oauth(rest)}
    await asyncio.gather(*(rest.connector.result(variables) for _ in range(8)))
    assert rest.lines.count("POST /token") == 1
    assert bearers(rest) == ["Bearer first"] * 8


async def test_a_token_that_the_server_refuses_is_fetched_anew_at_the_next_try(rest: Rest):
    rest.answers_with(TOKEN, Answer(401), SECOND, Answer())
    variables = {"url": rest.url, "authentication": oauth(rest)}
    assert (await rest.connector.job(variables)).result["error"]["code"] == "401"
    await rest.connector.result(variables)
    assert bearers(rest) == ["Bearer first", "Bearer second"]


async def test_a_token_that_expires_at_once_is_not_kept(rest: Rest):
    rest.answers_with(Answer(200, b'{"access_token": "first", "expires_in": 10}'), Answer(), SECOND, Answer())
    for _ in range(2):
        await rest.connector.result({"url": rest.url, "authentication": oauth(rest)})
    assert bearers(rest) == ["Bearer first", "Bearer second"]


async def test_a_refresh_token_is_exchanged_and_its_successor_used_the_next_time(rest: Rest):
    first = Answer(200, b'{"access_token": "first", "expires_in": 1, "refresh_token": "newer"}')
    rest.answers_with(first, Answer(), SECOND, Answer())
    given = {"oauthTokenEndpoint": f"{rest.url}/token", "clientId": rest.url, "refreshToken": "old", "scopes": "read"}
    for _ in range(2):
        await rest.connector.result({"url": rest.url, "authentication": {"type": "oauth-refresh-token", **given}})
    asked = [dict(parse_qsl(request.body.decode())) for request in rest.requests if "token" in request.line]
    form = {"client_id": rest.url, "scope": "read", "grant_type": "refresh_token"}
    assert asked == [form | {"refresh_token": "old"}, form | {"refresh_token": "newer"}]
    assert bearers(rest) == ["Bearer first", "Bearer second"]


@pytest.fixture
async def store() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as store:
        yield store


@pytest.fixture
async def filing(gateway: ZeebeGateway, store: DocumentServer) -> AsyncIterator[Rest]:
    async with rest_under_test(gateway, documents=store.address) as rest:
        yield rest


def parts_of(rest: Rest) -> list[tuple[str | None, str | None, str, bytes]]:
    """Name, file name, type and content of each part of the first request."""
    request = rest.requests[0]
    message = message_from_bytes(f"Content-Type: {header(request, 'Content-Type')}\r\n\r\n".encode() + request.body)
    named = [
        (str(part.get_param("name", header="content-disposition")), part) for part in message.walk() if not part.is_multipart()
    ]
    return [(name, part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for name, part in named]  # type: ignore[misc] - bytes, with decode


async def test_documents_are_files_of_a_multipart_body(filing: Rest, store: DocumentServer):
    binary = bytes(range(256))
    body = {
        "note": "hello",
        "none": None,
        "one": store.put(binary, name="a b.png"),
        "many": [store.put(b"1"), store.put(b"2"), "x"],
    }
    headers = {"Content-Type": "multipart/form-data"}
    await filing.connector.result({"url": filing.url, "method": "POST", "headers": headers, "body": body})
    file = "application/octet-stream"
    assert parts_of(filing) == [
        ("note", None, "text/plain", b"hello"),
        ("one", "a b.png", file, binary),
        ("many", "a.bin", file, b"1"),
        ("many", "a.bin", file, b"2"),
        ("many", None, "text/plain", b"x"),
    ]


async def test_documents_are_base64_in_a_json_body(filing: Rest, store: DocumentServer):
    body = {"name": "x", "files": [store.put(b"one"), {"nested": store.put(b"two")}]}
    await filing.connector.result({"url": filing.url, "method": "PUT", "body": body})
    one, two = b64encode(b"one").decode(), b64encode(b"two").decode()
    assert orjson.loads(filing.requests[0].body) == {"name": "x", "files": [one, {"nested": two}]}


async def test_an_answer_may_be_stored_as_a_document(filing: Rest, store: DocumentServer):
    disposition = ("Content-Disposition", 'attachment; filename="report.pdf"')
    filing.answers_with(Answer(200, b"%PDF", (("Content-Type", "application/pdf; x=y"), disposition)))
    result = await filing.connector.result({"url": filing.url, "storeResponse": True})
    content, reference = store.documents[result["document"]["documentId"]]
    assert (result["body"], result["document"]["camunda.document.type"], content) == (None, "camunda", b"%PDF")
    assert (reference["metadata"]["fileName"], reference["metadata"]["contentType"]) == ("report.pdf", "application/pdf")


@pytest.mark.parametrize(
    ("wanted", "body"),
    [
        ({"choice": "JSON"}, {"name": "\N{LATIN SMALL LETTER A WITH DIAERESIS}"}),
        ({"choice": "TEXT"}, '{"name": "ä"}'),
        ({"choice": "TEXT", "encoding": "ISO-8859-1"}, '{"name": "ä"}'.encode().decode("latin-1")),
        ({"choice": "DOCUMENT"}, None),
    ],
)
async def test_a_return_format_says_what_the_body_is(filing: Rest, store: DocumentServer, wanted: dict[str, str], body: Any):
    answer = '{"name": "ä"}'.encode()
    filing.answers_with(Answer(200, answer))
    result = await filing.connector.result({"url": filing.url, "documentReturnFormat": wanted})
    assert (result["body"], [content for content, _ in store.documents.values()]) == (body, [] if body else [answer])


async def test_an_answer_that_is_wanted_as_json_and_is_none_is_an_incident(rest: Rest):
    wanted = {"url": rest.url, "documentReturnFormat": {"choice": "JSON", "encoding": None}}
    rest.answers_with(Answer(204, b""))
    assert (await rest.connector.result(wanted))["body"] is None
    rest.answers_with(Answer(200, b"<html>"))
    job = await rest.connector.job(wanted)
    assert (job.state, job.retries, "choice to TEXT" in job.error_message) == (JobState.INCIDENT, 0, True), job.error_message


async def test_an_answer_that_is_an_error_is_not_stored(filing: Rest, store: DocumentServer):
    filing.answers_with(Answer(404, b'{"why": "gone"}'))
    job = await filing.connector.job({"url": filing.url, "storeResponse": True})
    assert (job.result["error"]["variables"]["response"]["body"], store.documents) == ({"why": "gone"}, {})


async def test_a_document_without_a_store_is_an_incident_that_says_what_to_set(rest: Rest, store: DocumentServer):
    for variables in ({"method": "POST", "body": {"a": store.put(b"x")}}, {"storeResponse": True}):
        job = await rest.connector.job({"url": rest.url, **variables})
        assert (job.state, job.retries) == (JobState.INCIDENT, 0)
        assert "set spec.camunda.restAddress of the ConnectorRuntime" in job.error_message


async def test_a_reference_that_is_incomplete_is_an_incident(filing: Rest):
    job = await filing.connector.job({"url": filing.url, "method": "POST", "body": {"a": {"camunda.document.type": "camunda"}}})
    assert (job.state, filing.requests) == (JobState.INCIDENT, [])
    assert "cannot send a document" in job.error_message


async def test_a_packed_answer_is_unpacked(rest: Rest):
    rest.answers_with(
        Answer(200, gzip.compress(b'{"a": 1}'), (("Content-Encoding", "gzip"), ("Content-Type", "application/json")))
    )
    assert (await rest.connector.result({"url": rest.url}))["body"] == {"a": 1}


async def test_credentials_do_not_follow_a_redirect_to_another_server(rest: Rest):
    async with RecordingServer({"other": (Answer(),)}) as other:
        rest.answers_with(Answer(302, b"", (("Location", other.base("other")),)))
        token = {"type": "bearer", "token": "t"}
        await rest.connector.result({"url": rest.url, "followRedirects": True, "authentication": token})
        assert header(rest.requests[0], "Authorization") == "Bearer t"
        assert header(other.requests["other"][0], "Authorization") is None


def credential(authentication: dict[str, Any], url: str | None) -> dict[str, Any]:
    """What the engine makes of a diagram's reference to a credential of the cluster."""
    return {"authenticationConfiguration": {"authentication": authentication, "url": url}}


async def test_a_credential_brings_its_authentication_and_its_address(rest: Rest):
    await rest.connector.result({"method": "GET"} | credential({"type": "bearer", "token": "t"}, f"{rest.url}/own"))
    assert (rest.lines, header(rest.requests[0], "Authorization")) == (["GET /own"], "Bearer t")


async def test_a_credential_for_any_address_leaves_the_elements(rest: Rest):
    rest.answers_with(TOKEN, Answer())
    await rest.connector.result({"url": f"{rest.url}/elements"} | credential(oauth(rest), None))
    assert (rest.lines, bearers(rest)) == (["POST /token", "GET /elements"], ["Bearer first"])


@pytest.mark.parametrize(
    ("authentication", "own", "url", "text"),
    [
        ({"type": "bearer", "token": "canary"}, "http://127.0.0.1:1/", "http://127.0.0.1:1/x", "remove the element's"),
        ({"type": "bearer", "token": "canary"}, None, "http://127.0.0.1:1/x", "the credential has no url"),
        ({"type": "noAuth"}, "http://127.0.0.1:1/", None, "authenticates somehow"),
        ({"type": "basic", "username": "u"}, "http://127.0.0.1:1/", None, "password"),
    ],
)
async def test_a_credential_that_may_not_be_used_here_is_an_incident(
    rest: Rest, authentication: dict[str, Any], own: str | None, url: str | None, text: str
):
    job = await rest.connector.job({"url": url} | credential(authentication, own))
    assert (job.state, job.retries) == (JobState.INCIDENT, 0)
    assert text in job.error_message
    assert "canary" not in str(job.result)


async def test_an_address_without_a_path_is_asked_for_the_root(rest: Rest):
    for url, query in ((f"http://127.0.0.1:{rest.server.port}", None), (f"http://127.0.0.1:{rest.server.port}", {"a": 1})):
        await rest.connector.job({"url": url, "queryParameters": query})
    assert [request.line for request in rest.server.requests[""]] == ["GET /", "GET /?a=1"]

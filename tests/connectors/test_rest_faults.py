"""What a server, its network or its credentials may do wrong, and what becomes of a REST call's job."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_faults import silent_server
from connector_rest import Rest, header, rest_under_test
from connector_server import certificates
from connector_services import tls_of
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

SECRET = "canary-4711-secret"
TOO_MUCH = b" " * (16 * 1024 * 1024 + 1)


@pytest.fixture
async def rest(gateway: ZeebeGateway, tmp_path: Path) -> AsyncIterator[Rest]:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "TOKEN").write_text(SECRET)
    async with rest_under_test(gateway, secrets=folder) as rest:
        yield rest


async def failed(rest: Rest, **variables: Any) -> tuple[int, str | None]:
    """How many of three retries are left after a call, and the code that its error expression saw."""
    job = await rest.connector.job({"url": rest.url, "readTimeoutInSeconds": 1, **variables})
    assert SECRET not in str(job.result) + job.error_message
    return job.retries, job.result["error"].get("code")


def wait_of(job: JobRecord) -> float:
    return job.failures[0].retryBackOff / 1000


async def test_a_server_that_is_down_costs_a_retry(rest: Rest):
    assert await failed(rest, url="http://127.0.0.1:1/") == (2, "408")


async def test_a_name_that_nobody_knows_costs_a_retry(rest: Rest):
    assert await failed(rest, url="http://nobody.invalid/") == (2, "408")


async def test_a_server_that_says_nothing_is_waited_for_as_long_as_the_input_says(rest: Rest):
    async with silent_server() as port:
        assert await failed(rest, url=f"http://127.0.0.1:{port}/") == (2, "408")


@pytest.mark.parametrize(
    "says", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"\0\1\2\r\n\r\n"]
)
async def test_half_an_answer_or_none_costs_a_retry(rest: Rest, says: bytes):
    async with silent_server(says=says, hangs_up=True) as port:
        assert await failed(rest, url=f"http://127.0.0.1:{port}/") == (2, "408")


async def test_an_answer_whose_packing_is_broken_costs_a_retry(rest: Rest):
    rest.answers_with(Answer(200, b"no gzip", (("Content-Encoding", "gzip"),)))
    assert await failed(rest) == (2, "500")


async def test_redirects_without_end_cost_a_retry(rest: Rest):
    rest.answers_with(Answer(302, b"", (("Location", "{base}"),)))
    assert await failed(rest, followRedirects=True) == (2, "500")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500, 502])
async def test_a_refusal_has_its_status_as_code(rest: Rest, status: int):
    rest.answers_with(Answer(status, b'{"why": "because"}'))
    token = {"type": "bearer", "token": "{{secrets.TOKEN}}"}
    assert await failed(rest, authentication=token) == (2, str(status))
    assert header(rest.requests[0], "Authorization") == f"Bearer {SECRET}"


async def test_an_error_expression_sees_the_servers_answer(rest: Rest):
    rest.answers_with(Answer(422, b'{"field": "city"}'))
    expression = '=if error.code = "422" then bpmnError("INVALID", error.variables.response.body.field) else null'
    job = await rest.connector.job({"url": rest.url}, {"errorExpression": expression})
    assert (job.state, job.error_code, job.error_message) == (JobState.ERROR_THROWN, "INVALID", "city")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "waits"), [("7", 7), ("999999", 3600), ("0", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 3600)])
async def test_a_server_that_asks_for_patience_gets_it(rest: Rest, status: int, asked: str, waits: int):
    """Beyond an hour, or without a number of seconds, the element's own back-off counts, which is an hour here."""
    rest.answers_with(Answer(status, b"", (("Retry-After", asked),)))
    job = await rest.connector.job({"url": rest.url})
    assert (job.retries, job.result["error"]["code"], wait_of(job)) == (2, str(status), waits)
    assert len(rest.requests) == 1


def client_credentials(endpoint: str) -> dict[str, Any]:
    client = {"clientId": "a", "clientSecret": "{{secrets.TOKEN}}"}
    return {"type": "oauth-client-credentials-flow", "oauthTokenEndpoint": endpoint, **client}


async def test_a_token_endpoint_that_refuses_the_client_has_its_status_as_code(rest: Rest):
    rest.answers_with(Answer(401, b'{"error": "invalid_client"}'))
    oauth = client_credentials(f"{rest.url}/token")
    assert await failed(rest, authentication=oauth) == (2, "401")
    assert rest.lines == ["POST /token"]


async def test_a_token_endpoint_that_is_down_costs_a_retry(rest: Rest):
    oauth = client_credentials("http://127.0.0.1:1/")
    assert await failed(rest, authentication=oauth) == (2, "408")
    assert rest.requests == []


async def test_an_answer_that_is_too_large_is_an_incident(rest: Rest):
    rest.answers_with(Answer(200, TOO_MUCH))
    assert await failed(rest, readTimeoutInSeconds=20) == (0, None)


async def test_a_small_answer_that_unpacks_into_a_large_one_is_an_incident(rest: Rest):
    rest.answers_with(Answer(200, gzip.compress(TOO_MUCH), (("Content-Encoding", "gzip"),)))
    assert await failed(rest, readTimeoutInSeconds=20) == (0, None)


async def test_an_answer_that_is_too_large_for_zeebe_is_an_incident_that_says_what_to_do(rest: Rest):
    rest.answers_with(Answer(200, b'"' + b"x" * 2_000_000 + b'"'))
    job = await rest.connector.job({"url": rest.url})
    assert (job.state, job.retries) == (JobState.INCIDENT, 0)
    assert "select less in the result" in job.error_message


async def test_a_server_that_no_known_authority_vouches_for_gets_no_request(rest: Rest, tmp_path: Path):
    async with RecordingServer({}, tls=tls_of(certificates(tmp_path))) as server:
        assert await failed(rest, url=server.base("tls")) == (2, "408")
        assert server.requests == {}


async def test_a_server_under_another_name_than_its_certificates_gets_no_request(rest: Rest, tmp_path: Path):
    trusted = {"trustedCertificate": certificates(tmp_path).certificate("ca").read_text()}
    async with RecordingServer({}, tls=tls_of(certificates(tmp_path))) as server:
        assert await failed(rest, url=server.base("tls"), clientTls=trusted) == (2, "408")
        assert server.requests == {}


async def test_a_server_that_wants_a_certificate_and_gets_none_costs_a_retry(rest: Rest, tmp_path: Path):
    trusted = {"trustedCertificate": certificates(tmp_path).certificate("ca").read_text()}
    async with RecordingServer({}, tls=tls_of(certificates(tmp_path), asks=True)) as server:
        assert await failed(rest, url=f"https://localhost:{server.port}/", clientTls=trusted) == (2, "408")
        assert server.requests == {}


async def test_plain_http_to_a_tls_port_and_tls_to_a_plain_one_cost_a_retry(rest: Rest, tmp_path: Path):
    async with RecordingServer({}, tls=tls_of(certificates(tmp_path))) as server:
        assert await failed(rest, url=server.base("tls").replace("https", "http")) == (2, "408")
    assert await failed(rest, url=rest.url.replace("http", "https"), connectionTimeoutInSeconds=1) == (2, "408")

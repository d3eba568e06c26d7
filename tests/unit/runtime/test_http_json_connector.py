"""HTTP REST against a real server: requests as Camunda's connector sends them, results as it gives them."""

import base64
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from loopback_server import listening

from connector_runtime.documents import DocumentStore
from connector_runtime.egress import UNRESTRICTED
from connector_runtime.execution import Equipment, Execution
from connector_runtime.gateway import ActivatedJob
from connector_runtime.headers import JobHeaders
from connector_runtime.outgoing import open_http_client
from connector_runtime.secrets import MountedSecrets
from connector_sdk import ConnectorError, HttpClient, InputError
from connector_sdk.exchange import MAX_ANSWER_BYTES
from connectors import http_json as module


class Server:
    """Echoes requests, and answers a few paths in odd ways."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens = 0
        self.token_requests: list[tuple[str | None, dict[str, str]]] = []
        self.seen: list[web.Request] = []

    async def echo(self, request: web.Request) -> web.Response:
        document = {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        }
        return web.json_response(document, status=int(request.query.get("status", 200)))

    async def token(self, request: web.Request) -> web.Response:
        self.tokens += 1
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_requests.append((request.headers.get("Authorization"), form))
        if form.get("audience") == "forbidden":
            return web.Response(status=401)
        return web.json_response({"access_token": f"token-{self.tokens}", "expires_in": 3600})

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        answers = {
            "text": web.Response(text="grüße", headers={"X-One": "1"}),
            "empty": web.Response(status=204),
            "number": web.Response(body=b"42"),
            "broken-json": web.Response(body=b'{"a": NaN', content_type="application/json"),
            "redirect": web.Response(status=302, headers={"Location": "/answer/text"}),
            "huge": web.Response(body=b"x" * (MAX_ANSWER_BYTES + 1)),
            "cookie": web.Response(text=request.headers.get("Cookie", "none")),
        }
        answers["cookie"].headers.extend([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return answers[name]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/echo{tail:.*}", server.echo)
    app.router.add_post("/token", server.token)
    app.router.add_get("/answer/{name}", server.answer)
    async with listening(app) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with open_http_client(UNRESTRICTED) as client:
        yield client


async def called(client: HttpClient, **variables: Any) -> Any:
    """Run the connector as the runtime does, from variables to JSON."""
    secrets = MountedSecrets(Path("/nonexistent"), ())
    with ThreadPoolExecutor(1) as threads:
        execution = Execution(module.http_json, Equipment("http", {}, secrets, client, threads, DocumentStore(None, client)))
        job = ActivatedJob(1, "t", json.dumps(variables), "{}", 3, 0, "p", 1, 1, 1, "e", 1, "")
        return await execution.run(job, JobHeaders({}), timedelta(seconds=30))


async def test_a_call_gives_status_headers_body_and_reason(server: Server, client: HttpClient) -> None:
    result = await called(client, url=f"{server.url}/echo")
    assert (result["status"], result["reason"]) == (200, "OK")
    assert result["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert (result["body"]["method"], result["body"]["body"]) == ("GET", "")


async def test_the_official_templates_inputs_are_taken_as_modeler_writes_them(server: Server, client: HttpClient) -> None:
    result = await called(
        client,
        authentication={"type": "noAuth"},
        method="POST",
        url=f"{server.url}/echo?a=1",
        headers={"X-N": 7, "X-Null": None},
        queryParameters={"q": "ä b", "n": 2, "list": ["x", "y"], "none": None},
        connectionTimeoutInSeconds="20",
        readTimeoutInSeconds=20,
        writeTimeoutInSeconds=None,
        storeResponse=False,
        body={"n": 1, "text": "abc"},
    )
    echo = result["body"]
    assert echo["path"] == "/echo?a=1&q=%C3%A4%20b&n=2&list=x&list=y&none"
    assert echo["headers"]["x-n"] == "7"
    assert "x-null" not in echo["headers"]
    assert echo["headers"]["content-type"] == "application/json"
    assert json.loads(echo["body"]) == {"n": 1, "text": "abc"}


@pytest.mark.parametrize(
    ("body", "content_type", "sent"),
    [
        ({"a": 1}, None, ("application/json", '{"a":1}')),
        ([1, None], None, ("application/json", "[1,null]")),
        ("plain", None, ("application/json", "plain")),
        ("plain", "text/plain", ("text/plain", "plain")),
        (None, None, ("text/plain; charset=UTF-8", "")),
        (
            {"a": "x y", "b": 2, "c": True},
            "application/x-www-form-urlencoded",
            ("application/x-www-form-urlencoded", "a=x+y&b=2&c=true"),
        ),
        ({"a": 1}, "application/vnd.api+json", ("application/vnd.api+json", '{"a":1}')),
    ],
)
async def test_a_body_is_sent_as_its_type_and_header_say(
    server: Server, client: HttpClient, body: Any, content_type: str | None, sent: tuple[str, str]
) -> None:
    headers = {"content-TYPE": content_type} if content_type else None
    for method in ("POST", "PUT", "PATCH"):
        result = await called(client, method=method, url=f"{server.url}/echo", headers=headers, body=body)
        assert (result["body"]["headers"]["content-type"], result["body"]["body"]) == sent


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_method_without_a_body_sends_none(server: Server, client: HttpClient, method: str) -> None:
    result = await called(client, method=method, url=f"{server.url}/echo", body={"a": 1})
    assert (result["body"]["method"], result["body"]["body"]) == (method, "")


async def test_multipart_bodies_are_built_from_the_objects_members(server: Server, client: HttpClient) -> None:
    result = await called(
        client, method="POST", url=f"{server.url}/echo", headers={"Content-Type": "multipart/form-data"}, body={"a": "x", "b": 2}
    )
    assert result["body"]["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="a"\r\n\r\nx\r\n' in result["body"]["body"]
    assert 'name="b"\r\n\r\n2\r\n' in result["body"]["body"]


async def test_members_without_a_value_are_left_out_when_asked_for(server: Server, client: HttpClient) -> None:
    body = {"a": None, "b": {"c": None, "d": [None, {"e": None}]}}
    result = await called(client, method="POST", url=f"{server.url}/echo", body=body, ignoreNullValues=True)
    assert json.loads(result["body"]["body"]) == {"b": {"d": [None, {}]}}


@pytest.mark.parametrize(
    ("authentication", "header", "value"),
    [
        (
            {"type": "basic", "username": "ü", "password": "p:w"},
            "authorization",
            "Basic " + base64.b64encode("ü:p:w".encode()).decode(),
        ),
        ({"type": "basic", "username": "u", "password": 123}, "authorization", "Basic " + base64.b64encode(b"u:123").decode()),
        ({"type": "bearer", "token": "t"}, "authorization", "Bearer t"),
        ({"type": "apiKey", "apiKeyLocation": "headers", "name": "X-Key", "value": "k"}, "x-key", "k"),
    ],
)
async def test_credentials_go_into_headers(
    server: Server, client: HttpClient, authentication: Any, header: str, value: str
) -> None:
    result = await called(client, url=f"{server.url}/echo", authentication=authentication)
    assert result["body"]["headers"][header] == value


async def test_an_api_key_may_go_into_the_query(server: Server, client: HttpClient) -> None:
    key = {"type": "apiKey", "apiKeyLocation": "query", "name": "key", "value": "k&1"}
    result = await called(client, url=f"{server.url}/echo?a=1", authentication=key)
    assert result["body"]["path"] == "/echo?a=1&key=k%261"


def oauth(server: Server, **members: Any) -> dict[str, Any]:
    return {
        "type": "oauth-client-credentials-flow",
        "oauthTokenEndpoint": f"{server.url}/token",
        "clientId": "client",
        "clientSecret": "secret",
        "clientAuthentication": "credentialsBody",
        **members,
    }


async def test_an_oauth_token_is_fetched_once_and_kept(server: Server, client: HttpClient) -> None:
    for _ in range(3):
        result = await called(client, url=f"{server.url}/echo", authentication=oauth(server, audience="api", scopes="a b"))
        assert result["body"]["headers"]["authorization"] == "Bearer token-1"
    assert server.token_requests == [
        (
            None,
            {
                "grant_type": "client_credentials",
                "audience": "api",
                "scope": "a b",
                "client_id": "client",
                "client_secret": "secret",
            },
        )
    ]


async def test_client_credentials_may_go_into_a_basic_header(server: Server, client: HttpClient) -> None:
    await called(client, url=f"{server.url}/echo", authentication=oauth(server, clientAuthentication="basicAuthHeader"))
    basic = "Basic " + base64.b64encode(b"client:secret").decode()
    assert server.token_requests == [(basic, {"grant_type": "client_credentials"})]


async def test_a_token_endpoint_that_refuses_is_an_error_with_its_status(server: Server, client: HttpClient) -> None:
    with pytest.raises(ConnectorError, match="the token endpoint refused the client") as refusal:
        await called(client, url=f"{server.url}/echo", authentication=oauth(server, audience="forbidden"))
    assert refusal.value.code == "401"


@pytest.mark.parametrize("path", ["echo", "answer/text"])
async def test_an_answer_that_is_no_token_is_an_input_error(server: Server, client: HttpClient, path: str) -> None:
    endpoint = oauth(server, oauthTokenEndpoint=f"{server.url}/{path}")
    with pytest.raises((InputError, ConnectorError)):
        await called(client, url=f"{server.url}/echo", authentication=endpoint)


@pytest.mark.parametrize(
    ("name", "body"),
    [("text", "grüße"), ("empty", None), ("number", "42"), ("broken-json", '{"a": NaN')],
)
async def test_a_body_is_its_json_or_its_text_or_null(server: Server, client: HttpClient, name: str, body: Any) -> None:
    assert (await called(client, url=f"{server.url}/answer/{name}"))["body"] == body


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_a_status_of_400_or_more_is_an_error_whose_code_is_the_status(
    server: Server, client: HttpClient, status: int
) -> None:
    with pytest.raises(ConnectorError) as failure:
        await called(client, url=f"{server.url}/echo?status={status}")
    assert failure.value.code == str(status)
    assert failure.value.message == httpx.codes.get_reason_phrase(status)
    response = failure.value.variables["response"]
    assert response["body"]["path"] == f"/echo?status={status}"
    assert response["headers"]["Content-Type"].startswith("application/json")


async def test_redirects_are_followed_only_when_asked_for(server: Server, client: HttpClient) -> None:
    assert (await called(client, url=f"{server.url}/answer/redirect"))["status"] == 302
    followed = await called(client, url=f"{server.url}/answer/redirect", followRedirects=True)
    assert (followed["status"], followed["body"]) == (200, "grüße")


async def test_cookies_of_one_call_do_not_reach_the_next(server: Server, client: HttpClient) -> None:
    for _ in range(2):
        assert (await called(client, url=f"{server.url}/answer/cookie"))["body"] == "none"


async def test_cookie_headers_are_a_list_when_asked_for(server: Server, client: HttpClient) -> None:
    grouped = await called(client, url=f"{server.url}/answer/cookie", groupSetCookieHeaders=True)
    assert grouped["headers"]["Set-Cookie"] == ["a=1", "b=2"]
    assert (await called(client, url=f"{server.url}/answer/cookie"))["headers"]["Set-Cookie"] == "a=1"


async def test_an_answer_without_end_is_refused(server: Server, client: HttpClient) -> None:
    with pytest.raises(InputError, match="the answer is larger than 16777216 bytes"):
        await called(client, url=f"{server.url}/answer/huge")


async def test_a_header_that_would_end_before_its_time_is_an_input_error(server: Server, client: HttpClient) -> None:
    with pytest.raises(InputError, match="cannot send this request: LocalProtocolError"):
        await called(client, url=f"{server.url}/echo", headers={"X-A": "1\r\nX-B: 2"})


async def test_a_server_that_is_not_there_is_error_408(client: HttpClient) -> None:
    with pytest.raises(ConnectorError, match="no answer, or the connection broke: ConnectError") as failure:
        await called(client, url="http://127.0.0.1:1/")
    assert failure.value.code == "408"


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "url: is missing"),
        ({"url": "ftp://x"}, "url: string should match pattern"),
        ({"url": "http://x", "method": "TRACE"}, "method: input should be 'GET'"),
        ({"url": "http://x", "readTimeoutInSeconds": -1}, "readTimeoutInSeconds: input should be greater than or equal to 0"),
        ({"url": "http://x", "headers": "no"}, "headers: input should be a valid dictionary"),
        (
            {"url": "http://x", "clientTls": {"clientCertificate": "x"}},
            "clientCertificate and clientPrivateKey are needed together",
        ),
        ({"url": "https://x", "clientTls": {"trustedCertificate": "x"}}, "cannot use clientTls: "),
        ({"url": "http://x", "authentication": {"type": "digest"}}, "authentication: input tag 'digest'"),
        ({"url": "http://x", "authentication": {"type": "basic"}}, "authentication.basic.username: is missing"),
        ({"url": "http://x:port"}, "cannot use url: Invalid port: 'port'"),
        ({"url": "http://127.0.0.1:1", "headers": {"X": "ä"}}, "cannot send header 'X': only ASCII"),
    ],
)
async def test_a_bad_input_is_an_input_error_that_names_the_field(client: HttpClient, variables: Any, text: str) -> None:
    with pytest.raises(InputError) as refusal:
        await called(client, **variables)
    assert text in str(refusal.value)

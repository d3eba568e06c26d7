"""HTTP REST: `io.camunda:http-json:1`, with the inputs and results of Camunda's REST connector.

https://docs.camunda.io/docs/components/connectors/protocol/rest/
"""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, cast
from urllib.parse import quote, quote_plus

import httpx
import orjson
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from connector_sdk import ConnectorError, Context, InputError, RetryError, TemplateHint, connector
from connectors._http_authentication import Authentication, NoAuthentication, authenticate

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
LATER = frozenset({429, 503})
MOST_PATIENCE = timedelta(hours=1)


class HttpMethod(Enum):
    """The request methods that the connector offers."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


WITH_BODY = {HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH}
ENDPOINT = TemplateHint(group="endpoint")
TIMEOUT = TemplateHint(group="timeout")
HAS_BODY = {"property": "method", "oneOf": ["POST", "PUT", "PATCH"]}
HIDDEN = TemplateHint(hidden=True)
BODY = TemplateHint(group="payload", type="Text", feel="optional", condition=HAS_BODY)
MAP = TemplateHint(group="endpoint", feel="required", type="Text")


class HttpRequest(BaseModel):
    """The input of one call."""

    model_config = ConfigDict(alias_generator=AliasGenerator(to_camel), populate_by_name=True, coerce_numbers_to_str=True)

    authentication: Authentication = Field(default_factory=NoAuthentication)
    method: Annotated[HttpMethod, ENDPOINT] = HttpMethod.GET
    url: Annotated[str, TemplateHint(group="endpoint", pattern_message="Must be an http:// or https:// address")] = Field(
        title="URL",
        description="Address to call",
        pattern=r"^(http://|https://).+$",
        examples=["https://api.example.com/customers"],
    )
    headers: Annotated[dict[str, Any] | None, MAP] = Field(
        default=None, description="HTTP headers of the request", examples=['={"Accept": "application/json"}']
    )
    query_parameters: Annotated[dict[str, Any] | None, MAP] = Field(
        default=None, description="Query parameters to add to the URL", examples=["={page: 1}"]
    )
    follow_redirects: Annotated[bool, ENDPOINT] = Field(default=False, description="Follow answers that point elsewhere")
    connection_timeout_in_seconds: Annotated[int, TIMEOUT] = Field(
        default=20, ge=0, title="Connection timeout", description="Seconds to wait for a connection; 0 waits for ever"
    )
    read_timeout_in_seconds: Annotated[int, TIMEOUT] = Field(
        default=20, ge=0, title="Read timeout", description="Seconds to wait for data of the answer; 0 waits for ever"
    )
    write_timeout_in_seconds: Annotated[int | None, HIDDEN] = Field(default=None, ge=0)
    body: Annotated[Any, BODY] = Field(
        default=None,
        title="Request body",
        description="Payload of the request: a text, or an object that is sent as JSON",
        examples=['={name: "Ada"}'],
    )
    ignore_null_values: Annotated[bool, TemplateHint(group="payload", condition=HAS_BODY)] = Field(
        default=False, description="Leave members of the body without a value out"
    )
    skip_encoding: Annotated[bool, HIDDEN] = False
    store_response: Annotated[bool, HIDDEN] = False
    client_tls: Annotated[dict[str, Any] | None, HIDDEN] = None
    group_set_cookie_headers: Annotated[bool, HIDDEN] = False

    @field_validator("method", mode="before")
    @classmethod
    def _in_capitals(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _asks_for_what_there_is(self) -> "HttpRequest":
        if self.store_response:
            msg = "storeResponse is not supported: this runtime has no document store, switch it off"
            raise ValueError(msg)
        if self.client_tls:
            msg = "clientTls is not supported, remove it"
            raise ValueError(msg)
        return self


class HttpResult(BaseModel):
    """What the process gets."""

    status: int
    headers: dict[str, Any]
    body: Any = Field(description="The parsed JSON of the answer, or its text, or null")
    reason: str | None
    document: None = Field(default=None, description="Always null: there is no document store")


class RetryLaterError(RetryError):
    """The server asks for patience: the next try waits for as long as its Retry-After says."""

    def __init__(self, status: int, message: str, variables: dict[str, Any], wait: timedelta) -> None:
        super().__init__(message, backoff=wait)
        self.code = str(status)
        self.variables = variables


@connector(
    id="io.camunda:http-json:1",
    name="HTTP REST",
    version=1,
    description="Call an HTTP API",
    documentation="https://docs.camunda.io/docs/components/connectors/protocol/rest/",
)
async def http_json(request: HttpRequest, context: Context) -> HttpResult:
    """Send one HTTP request; an answer of 400 or more is an error whose code is the status."""
    result = await _send(request, context.http)
    if result.status >= 400:
        variables = {"response": {"headers": result.headers, "body": result.body}}
        message, wait = result.reason or "[no reason]", _asked_patience(result)
        if wait is not None:
            raise RetryLaterError(result.status, message, variables, wait)
        raise ConnectorError(str(result.status), message, variables)
    return result


def _asked_patience(result: HttpResult) -> timedelta | None:
    """The Retry-After of an answer that is for later; at most MOST_PATIENCE. Dates depend on two clocks and are not followed."""
    if result.status not in LATER:
        return None
    text = next((str(value) for name, value in result.headers.items() if name.lower() == "retry-after"), "")
    return min(timedelta(seconds=int(text)), MOST_PATIENCE) if text.isascii() and text.isdigit() and len(text) < 9 else None


async def _send(request: HttpRequest, client: httpx.AsyncClient) -> HttpResult:
    try:
        message = await _message(request, client)
        response = await client.send(message, stream=True, follow_redirects=request.follow_redirects)
        try:
            content = await _content(response)
        finally:
            await response.aclose()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        msg = f"cannot send this request: {_text(error)}"
        raise InputError(msg) from error
    except (httpx.DecodingError, httpx.TooManyRedirects) as error:
        raise ConnectorError("500", f"cannot use the answer: {_text(error)}") from error
    except httpx.TransportError as error:
        raise ConnectorError("408", f"no answer, or the connection broke: {_text(error)}") from error
    return HttpResult(
        status=response.status_code,
        headers=_headers(response, group_cookies=request.group_set_cookie_headers),
        body=_body(content),
        reason=response.reason_phrase or None,
    )


def _text(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()


async def _message(request: HttpRequest, client: httpx.AsyncClient) -> httpx.Request:
    given = {name: _scalar(value) for name, value in (request.headers or {}).items() if value is not None}
    headers = httpx.Headers({name: value.strip() for name, value in given.items()})
    timeout = _timeout(request)
    credentials = await authenticate(request.authentication, client, timeout)
    headers.update(credentials.headers)
    url = _url(request, [*(request.query_parameters or {}).items(), *credentials.parameters])
    content = _request_body(request, headers)
    message = client.build_request(request.method.value, url, headers=headers, timeout=timeout, **content)
    if "accept" not in headers:
        del message.headers["accept"]  # httpx's own; some servers answer differently to it than to none
    return message


def _url(request: HttpRequest, parameters: list[tuple[str, Any]]) -> httpx.URL:
    """The address with its own query as it was written, and the parameters after it."""
    url = httpx.URL(request.url)
    encoded = _pairs(parameters, str if request.skip_encoding else _percent_encoded)
    query = "&".join(filter(None, (url.query.decode("ascii"), encoded)))
    return url.copy_with(query=query.encode()) if encoded else url


def _percent_encoded(text: str) -> str:
    return quote(text, safe="")


def _pairs(parameters: list[tuple[str, Any]], encode: Callable[[str], str]) -> str:
    """A query or a form; a list gives its parameter several times, null gives the name alone."""
    pairs: list[str] = []
    for name, value in parameters:
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        pairs += [encode(name) if item is None else f"{encode(name)}={encode(_scalar(item))}" for item in values]
    return "&".join(pairs)


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _timeout(request: HttpRequest) -> httpx.Timeout:
    connect = request.connection_timeout_in_seconds or None
    read = request.read_timeout_in_seconds or None
    write = read if request.write_timeout_in_seconds is None else request.write_timeout_in_seconds or None
    return httpx.Timeout(connect=connect, read=read, write=write, pool=connect)


def _request_body(request: HttpRequest, headers: httpx.Headers) -> dict[str, Any]:
    """The part of the request that carries the body, in the form that its Content-Type asks for."""
    if request.method not in WITH_BODY:
        return {}
    body = _without_nulls(request.body) if request.ignore_null_values else request.body
    if body is None:
        headers.setdefault("Content-Type", "text/plain; charset=UTF-8")
        return {"content": b""}
    kind = headers.setdefault("Content-Type", "application/json").partition(";")[0].strip().lower()
    if isinstance(body, str):
        return {"content": body.encode()}
    if isinstance(body, dict):
        return _form(cast("dict[str, Any]", body), kind, headers)
    return {"content": orjson.dumps(body)}


def _form(body: dict[str, Any], kind: str, headers: httpx.Headers) -> dict[str, Any]:
    if kind == "application/x-www-form-urlencoded":
        return {"content": _pairs(list(body.items()), quote_plus).encode()}
    if kind == "multipart/form-data":
        if "boundary=" not in headers["Content-Type"]:
            del headers["Content-Type"]  # httpx writes it together with its boundary
        return {"files": [(name, (None, _scalar(value).encode())) for name, value in body.items() if value is not None]}
    return {"content": orjson.dumps(body)}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: _without_nulls(member) for name, member in members.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[Any]", value)]
    return value


async def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            msg = f"the answer is larger than {MAX_RESPONSE_BYTES} bytes"
            raise InputError(msg)
    return bytes(content)


def _headers(response: httpx.Response, *, group_cookies: bool) -> dict[str, Any]:
    """The headers with their names as the server wrote them; of a repeated one the first value counts."""
    headers: dict[str, Any] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if group_cookies and name.lower() == "set-cookie":
            headers.setdefault(name, []).append(value)
        else:
            headers.setdefault(name, value)
    return headers


def _body(content: bytes) -> Any:
    """Objects and lists are read; everything else that a server may write is its text."""
    if not content.strip():
        return None
    try:
        value: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = None
    return cast("Any", value) if isinstance(value, dict | list) else content.decode(errors="replace")

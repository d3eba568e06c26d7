"""HTTP REST: `io.camunda:http-json:1`, with the inputs and results of Camunda's REST connector.

https://docs.camunda.io/docs/components/connectors/protocol/rest/
"""

from enum import Enum
from typing import Annotated, Any, cast
from urllib.parse import urlencode

import httpx
import orjson
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from connector_sdk import ConnectorError, Context, InputError, TemplateHint, connector
from connectors._http_authentication import Authentication, NoAuthentication, authenticate

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
UNLIMITED = 0


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
    store_response: Annotated[bool, HIDDEN] = False
    client_tls: Annotated[dict[str, Any] | None, HIDDEN] = None
    group_set_cookie_headers: Annotated[bool, HIDDEN] = False

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
        raise ConnectorError(str(result.status), result.reason or "[no reason]", variables)
    return result


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
    headers = httpx.Headers({name: str(value) for name, value in (request.headers or {}).items() if value is not None})
    parameters = [(name, value) for name, value in (request.query_parameters or {}).items() if value is not None]
    timeout = _timeout(request)
    credentials = await authenticate(request.authentication, client, timeout)
    headers.update(credentials.headers)
    url = httpx.URL(request.url).copy_merge_params(_flat([*parameters, *credentials.parameters]))
    content = _request_body(request, headers)
    return client.build_request(request.method.value, url, headers=headers, timeout=timeout, **content)


def _flat(parameters: list[tuple[str, Any]]) -> list[tuple[str, str | int | float | bool | None]]:
    """A list gives its parameter several times."""
    flat: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in parameters:
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        flat += [(name, _scalar(item)) for item in values]
    return flat


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
    kind = headers.setdefault("Content-Type", "application/json").partition(";")[0].strip().lower()
    body = _without_nulls(request.body) if request.ignore_null_values else request.body
    if body is None:
        return {"content": b""}
    if isinstance(body, str):
        return {"content": body.encode()}
    if isinstance(body, dict):
        return _form(cast("dict[str, Any]", body), kind, headers)
    return {"content": orjson.dumps(body)}


def _form(body: dict[str, Any], kind: str, headers: httpx.Headers) -> dict[str, Any]:
    if kind == "application/x-www-form-urlencoded":
        return {"content": urlencode(_flat(list(body.items()))).encode()}
    if kind == "multipart/form-data":
        if "boundary=" not in headers["Content-Type"]:
            del headers["Content-Type"]  # httpx writes it together with its boundary
        return {"files": [(name, (None, _scalar(value).encode())) for name, value in body.items()]}
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
    if not content.strip():
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")

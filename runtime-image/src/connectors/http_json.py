"""HTTP REST: `io.camunda:http-json:1`, with the inputs and results of Camunda's REST connector.

https://docs.camunda.io/docs/components/connectors/protocol/rest/
"""

from enum import Enum
from typing import Annotated, Any

import httpx
from pydantic import BaseModel, Field, field_validator, model_validator

from connector_sdk import ConnectorError, Context, Exchange, InputError, TemplateHint, connector
from connectors._http_address import address, scalar
from connectors._http_authentication import NOTHING, Authentication, Credentials, NoAuthentication, authenticate, with_credential
from connectors._http_body import request_body, without_nulls
from connectors._http_sending import HttpResult, Understood, sent
from connectors._http_tls import ClientTls
from connectors._http_tokens import forget
from connectors._return_format import ReturnFormat, wants_document
from connectors._spelling import CAMEL_TEXTS


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

    model_config = CAMEL_TEXTS

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
    store_response: Annotated[bool, ENDPOINT] = Field(
        default=False, description="Put the answer's body into the document store, for large answers and files"
    )
    document_return_format: Annotated[ReturnFormat | None, HIDDEN] = None
    authentication_configuration: Annotated[Any, HIDDEN] = None
    client_tls: Annotated[ClientTls | None, TemplateHint(group="certificates")] = None
    group_set_cookie_headers: Annotated[bool, ENDPOINT] = Field(
        default=False, title="Group Set-Cookie headers", description="Give all of them as a list, not only the first"
    )

    @model_validator(mode="before")
    @classmethod
    def _with_credential(cls, given: Any) -> Any:
        return with_credential(given)

    @field_validator("method", mode="before")
    @classmethod
    def _in_capitals(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


@connector(
    id="io.camunda:http-json:1",
    name="HTTP REST",
    version=3,
    description="Call an HTTP API",
    documentation="https://docs.camunda.io/docs/components/connectors/protocol/rest/",
)
async def http_json(request: HttpRequest, context: Context) -> HttpResult:
    """Send one HTTP request; an answer of 400 or more is an error whose code is the status."""
    return await call(request, context)


async def call(request: HttpRequest, context: Context) -> HttpResult:
    """Send one request on behalf of a job, of this connector or of one that rides on it."""
    credentials = await _credentials(request, context)
    exchange = await _exchange(request, credentials, context)
    wanted = request.document_return_format
    store = wants_document(wanted, older=request.store_response)
    try:
        return await sent(exchange, context, group_cookies=request.group_set_cookie_headers, store=store, wanted=wanted)
    except ConnectorError as error:
        if error.code == "401" and credentials.grant is not None:
            forget(credentials.grant)
        raise


async def _credentials(request: HttpRequest, context: Context) -> Credentials:
    if isinstance(request.authentication, NoAuthentication):
        return NOTHING
    connect, read = request.connection_timeout_in_seconds or None, request.read_timeout_in_seconds or None
    with Understood():
        timeout = httpx.Timeout(connect=connect, read=read, write=read, pool=connect)
        return await authenticate(request.authentication, context.http, timeout)


async def _exchange(request: HttpRequest, credentials: Credentials, context: Context) -> Exchange:
    headers = {name: scalar(value).strip() for name, value in (request.headers or {}).items() if value is not None}
    for name, value in credentials.headers.items():
        _set(headers, name, value)
    body = b""
    if request.method in WITH_BODY:
        content = without_nulls(request.body) if request.ignore_null_values else request.body
        body, content_type = await request_body(content, _get(headers, "Content-Type"), context.documents)
        _set(headers, "Content-Type", content_type)
    _check(headers)
    parameters = [*(request.query_parameters or {}).items(), *credentials.parameters]
    return Exchange(
        method=request.method.value,
        url=_address(request, parameters),
        headers=headers,
        body=body,
        connect_seconds=request.connection_timeout_in_seconds or None,
        read_seconds=request.read_timeout_in_seconds or None,
        follow_redirects=request.follow_redirects,
        tls=request.client_tls.context() if request.client_tls else None,
    )


def _address(request: HttpRequest, parameters: list[tuple[str, Any]]) -> str:
    try:
        return address(request.url, parameters, skip_encoding=request.skip_encoding)
    except (httpx.InvalidURL, UnicodeError) as error:
        msg = f"cannot use url: {error}"
        raise InputError(msg) from error


def _get(headers: dict[str, str], wanted: str) -> str | None:
    if wanted in headers:
        return headers[wanted]
    return next((value for name, value in headers.items() if name.lower() == wanted.lower()), None)


def _set(headers: dict[str, str], wanted: str, value: str) -> None:
    """Set a header under the name that it has already, whatever its case."""
    if wanted not in headers:
        wanted = next((name for name in headers if name.lower() == wanted.lower()), wanted)
    headers[wanted] = value


def _check(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if not (name.isascii() and value.isascii()):
            msg = f"cannot send header '{name}': only ASCII goes into headers, encode it as the server expects"
            raise InputError(msg)

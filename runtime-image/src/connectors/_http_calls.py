"""One HTTP call of a connector that speaks a service's own API: its answer, or its refusal as one of a few codes."""

from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from connector_sdk import ConnectorError, Context, InputError, RetryError
from connectors._patience import asked_patience

MOST_ANSWER_BYTES = 16 * 1024 * 1024
PATIENCE = timedelta(seconds=30)


class CallErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    NO_ANSWER = "NO_ANSWER"
    """No connection, no trusted certificate, or it broke before the answer was complete. Tried again."""
    LIMIT = "LIMIT"
    """It answered 429, or 503 with a Retry-After. Tried again: after the time that it names, without using up a retry."""
    LOGIN = "LOGIN"
    """The service answered 401 or 403. Tried again: a rotated secret may be under way."""
    REFUSED = "REFUSED"
    """The service answered another 4xx: the request is wrong. Not tried again."""
    UNAVAILABLE = "UNAVAILABLE"
    """The service answered 5xx. Tried again."""
    UNEXPECTED_ANSWER = "UNEXPECTED_ANSWER"
    """The answer is not what the service's API promises. Tried again."""
    TOO_LARGE = "TOO_LARGE"
    """The answer has more than 16 MiB. Not tried again."""


class ServiceSettings(BaseModel):
    """Of a Connector whose service may be asked at another address, such as a region's or a proxy's."""

    model_config = ConfigDict(alias_generator=AliasGenerator(to_camel), populate_by_name=True)

    base_url: str = Field(pattern=r"^https?://[^/?#]+[^?#]*$")
    timeout_seconds: float = Field(default=20, gt=0, le=600, description="For a connection, and for each piece of the answer")


async def answered(context: Context, service: str, request: httpx.Request) -> httpx.Response:
    """The complete answer of a service that accepted the request; otherwise a ConnectorError with a CallErrorCode."""
    answer = await complete(context, service, request)
    if not answer.is_success:
        raise refusal(context, service, answer)
    return answer


async def complete(context: Context, service: str, request: httpx.Request) -> httpx.Response:
    """Whatever the service answers, to its end; a ConnectorError with a CallErrorCode when it does not come that far."""
    try:
        response = await context.http.send(request, stream=True)
        try:
            content = await _content(response, service)
        finally:
            await response.aclose()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        msg = f"cannot send this request to {service}: {type(error).__name__} {error}".strip()
        raise InputError(msg) from error
    except httpx.TransportError as error:
        text = f"cannot reach {service}: {type(error).__name__} {error}".strip()
        raise ConnectorError(CallErrorCode.NO_ANSWER, text) from error
    return httpx.Response(response.status_code, headers=_decoded_headers(response), content=content, request=request)


def json_object(response: httpx.Response, service: str) -> dict[str, Any]:
    """The answer as a JSON object; ConnectorError when it is something else."""
    try:
        document: Any = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        text = f"cannot use the answer of {service}: it is not a JSON object"
        raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text)
    return document  # pyright: ignore[reportUnknownVariableType] - JSON of unknown shape


def segment(text: str, field: str) -> str:
    """A part of a path, encoded: what a process writes into `field` leads to no other path. InputError when that cannot be."""
    if text.strip() in ("", ".", ".."):
        msg = f"cannot use '{text}' as {field}: give an id or a name"
        raise InputError(msg)
    return quote(text.strip(), safe=":@")


async def _content(response: httpx.Response, service: str) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MOST_ANSWER_BYTES:
            text = f"the answer of {service} is larger than {MOST_ANSWER_BYTES} bytes"
            raise RetryError(text, retries=0, code=CallErrorCode.TOO_LARGE)
    return bytes(content)


def _decoded_headers(response: httpx.Response) -> httpx.Headers:
    headers = httpx.Headers(response.headers)
    headers.pop("content-encoding", None)  # the content is no longer encoded
    return headers


def refusal(context: Context, service: str, response: httpx.Response) -> ConnectorError:
    """The error of a job whose request was not accepted."""
    status = response.status_code
    text = f"{service} answered {status}: {_reason(response)}"
    variables = {"status": status, "body": _body(response)}
    wait = _asked_patience(response)
    if wait is not None:
        left = context.job.retries
        return RetryError(text, retries=left, backoff=wait, code=CallErrorCode.LIMIT, variables=variables)
    if status in (401, 403):
        return ConnectorError(CallErrorCode.LOGIN, text, variables)
    if status >= 500:
        return ConnectorError(CallErrorCode.UNAVAILABLE, text, variables)
    if status < 400:
        return ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text, variables)
    return RetryError(text, retries=0, code=CallErrorCode.REFUSED, variables=variables)


def _asked_patience(response: httpx.Response) -> timedelta | None:
    """How long the service asks to wait; None when it does not."""
    named = asked_patience(response.headers.get("Retry-After"))
    if response.status_code == 429:
        return PATIENCE if named is None else named
    return named if response.status_code == 503 else None


def _body(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return response.text[:1000] or None


def _reason(response: httpx.Response) -> str:
    """What the service says in the usual places of a JSON answer, or the phrase of the status."""
    body = _body(response)
    found = [text for text in _messages(body) if text]
    return "; ".join(found)[:500] if found else response.reason_phrase or "no reason given"


def _messages(body: Any) -> list[str]:
    match body:
        case {"error": {"message": str() as text, **rest}}:
            code = rest.get("code")
            return [f"{code}: {text}" if isinstance(code, str) else text]
        case {"errors": [*errors]}:
            return [text for error in errors for text in _messages(error)]
        case {"error_description": str() as text} | {"detail": str() as text} | {"message": str() as text}:
            return [text]
        case _:
            return []

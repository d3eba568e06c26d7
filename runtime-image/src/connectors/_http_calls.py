"""One HTTP call of a connector that speaks a service's own API: its answer, or its refusal as one of a few codes."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast
from urllib.parse import quote

import orjson
from pydantic import BaseModel, Field

from connector_sdk import Answer, ConnectorError, Context, Exchange, InputError, RetryError
from connectors._http_address import SERVICE_ADDRESS
from connectors._http_failures import FAILURES, Failure, failure_of, said
from connectors._patience import patience_after
from connectors._spelling import CAMEL

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


class ServiceSettings(BaseModel):
    """Of a Connector whose service may be asked at another address, such as a region's or a proxy's."""

    model_config = CAMEL

    base_url: str = Field(pattern=SERVICE_ADDRESS)
    timeout_seconds: float = Field(default=20, gt=0, le=600, description="For a connection, and for each piece of the answer")


def posted(url: str, headers: Mapping[str, str], document: Any, seconds: float) -> Exchange:
    """A POST of JSON that waits so many seconds for a connection and for each piece of the answer."""
    named = {**headers, "Content-Type": "application/json"}
    return Exchange("POST", url, named, orjson.dumps(document), connect_seconds=seconds, read_seconds=seconds)


async def answered(context: Context, service: str, request: Exchange) -> Answer:
    """The complete answer of a service that accepted the request; otherwise a ConnectorError with a CallErrorCode."""
    answer = await complete(context, service, request)
    if not is_success(answer):
        raise refusal(context, service, answer)
    return answer


def is_success(answer: Answer) -> bool:
    """Whether the service accepted the request."""
    return 200 <= answer.status < 300


async def complete(context: Context, service: str, request: Exchange) -> Answer:
    """Whatever the service answers, to its end; a ConnectorError with a CallErrorCode when it does not come that far."""
    try:
        return await context.http.exchange(request)
    except FAILURES as error:
        match failure_of(error):
            case Failure.REQUEST:
                msg = f"cannot send this request to {service}: {said(error)}"
                raise InputError(msg) from error
            case Failure.ANSWER:
                text = f"cannot unpack the answer of {service}: {error}"
                raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text) from error
            case Failure.CONNECTION:
                raise ConnectorError(CallErrorCode.NO_ANSWER, f"cannot reach {service}: {said(error)}") from error
            case None:
                raise


def json_object(answer: Answer, service: str) -> dict[str, Any]:
    """The answer as a JSON object; ConnectorError when it is something else."""
    document = _body(answer)
    if not isinstance(document, dict):
        text = f"cannot use the answer of {service}: it is not a JSON object"
        raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text)
    return cast("dict[str, Any]", document)


def segment(text: str, field: str) -> str:
    """A part of a path, encoded: what a process writes into `field` leads to no other path. InputError when that cannot be."""
    if text.strip() in ("", ".", ".."):
        msg = f"cannot use '{text}' as {field}: give an id or a name"
        raise InputError(msg)
    return quote(text.strip(), safe=":@")


def refusal(context: Context, service: str, answer: Answer) -> ConnectorError:
    """The error of a job whose request was not accepted."""
    status = answer.status
    text = f"{service} answered {status}: {_reason(answer)}"
    variables = {"status": status, "body": _body(answer)}
    wait = patience_after(status, answer.header("Retry-After"), unnamed=PATIENCE)
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


def _body(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer.body.decode(errors="replace")[:1000] or None


def _reason(answer: Answer) -> str:
    """What the service says in the usual places of a JSON answer, or the phrase of the status."""
    found = [text for text in _messages(_body(answer)) if text]
    return "; ".join(found)[:500] if found else answer.reason or "no reason given"


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

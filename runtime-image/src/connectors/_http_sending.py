"""One HTTP request on behalf of a job: its result as a process sees it, and what each way to fail means."""

from datetime import timedelta
from email.message import Message
from enum import StrEnum
from typing import Any, cast

import orjson
from pydantic import BaseModel, Field

from connector_sdk import Answer, ConnectorError, Context, Document, Exchange, InputError, RetryError
from connectors._http_failures import Failure, failure_of, said
from connectors._patience import asked_patience
from connectors._return_format import ReturnFormat

LATER = frozenset({429, 503})


class HttpErrorCode(StrEnum):
    """What `error.code` is when no answer arrived that could be used; otherwise it is the answer's status, such as `404`."""

    NO_ANSWER = "408"
    """There is no answer, or the connection broke, or TLS was refused by either side. Tried again."""
    UNUSABLE = "500"
    """The answer cannot be read, or redirects without end. Tried again."""


class HttpResult(BaseModel):
    """What the process gets."""

    status: int
    headers: dict[str, Any]
    body: Any = Field(description="The parsed JSON of the answer, or its text, or null")
    reason: str | None
    document: Document | None = Field(
        default=None, description="The answer's body, where it was to be stored; `body` is null then"
    )


async def sent(
    request: Exchange, context: Context, *, group_cookies: bool = False, store: bool = False, wanted: ReturnFormat | None = None
) -> HttpResult:
    """Send a request; an answer of 400 or more is an error whose code is the status and which holds the answer.

    Its body is stored, or else what is wanted, or else what it looks like.
    """
    with Understood():
        answer = await context.http.exchange(request)
    headers = _headers(answer, group_cookies=group_cookies)
    if answer.status >= 400:
        raise _refusal(answer, headers)
    document = await _stored(answer, context) if store else None
    body = None if store else wanted.read(answer.body) if wanted else _body(answer.body)
    # Validation would cost as much as the rest, and finds nothing in what was just made.
    return HttpResult.model_construct(
        status=answer.status, headers=headers, body=body, reason=answer.reason or None, document=document
    )


class Understood:
    """Makes what httpx raises inside errors of the job: of its input, or of the outside with a HttpErrorCode."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match failure_of(error):
            case Failure.REQUEST:
                msg = f"cannot send this request: {said(error)}"
                raise InputError(msg) from error
            case Failure.ANSWER:
                raise ConnectorError(HttpErrorCode.UNUSABLE, f"cannot use the answer: {said(error)}") from error
            case Failure.CONNECTION:
                text = f"no answer, or the connection broke: {said(error)}"
                raise ConnectorError(HttpErrorCode.NO_ANSWER, text) from error
            case None:
                return


def _refusal(answer: Answer, headers: dict[str, Any]) -> ConnectorError:
    """The server's own words; where it asks for patience the next try waits for as long as its Retry-After says."""
    code, message = str(answer.status), answer.reason or "[no reason]"
    variables = {"response": {"headers": headers, "body": _body(answer.body)}}
    wait = _asked_patience(answer)
    if wait is None:
        return ConnectorError(code, message, variables)
    return RetryError(message, backoff=wait, code=code, variables=variables)


def _asked_patience(answer: Answer) -> timedelta | None:
    """The Retry-After of an answer that is for later."""
    return asked_patience(answer.header("Retry-After")) if answer.status in LATER else None


async def _stored(answer: Answer, context: Context) -> Document:
    described = Message()
    described["Content-Disposition"] = answer.header("Content-Disposition") or ""
    kind = (answer.header("Content-Type") or "").partition(";")[0].strip()
    return await context.documents.create(answer.body, name=described.get_filename(), content_type=kind or None)


def _headers(answer: Answer, *, group_cookies: bool) -> dict[str, Any]:
    """The headers with their names as the server wrote them; of a repeated one the first value counts."""
    headers: dict[str, Any] = {}
    for name, value in answer.headers:
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

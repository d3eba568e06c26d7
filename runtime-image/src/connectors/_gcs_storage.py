"""Clients of Google Cloud Storage, which the jobs of a pod share, and what Google refuses as errors of a job.

https://cloud.google.com/storage/docs/json_api/v1/status-codes
"""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import aiohttp
import orjson

from connector_sdk import ConnectorError, Context, InputError, RetryError, SharedClients
from connectors._egress import Egress, egress_of
from connectors._extras import extra
from connectors._guarded_sessions import open_session
from connectors._one_line import one_line
from connectors._patience import patience_after

with extra("gcs"):
    from gcloud.aio.auth import Token
    from gcloud.aio.storage import SCOPES, Storage
    from jwt import PyJWTError

PATIENCE = timedelta(seconds=10)


class GcsErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    NOT_FOUND = "NOT_FOUND"
    """There is no such bucket or object. Not tried again."""
    LOGIN = "LOGIN"
    """Google does not know the key, or it may not do this. Tried again: a rotated secret may be under way."""
    LIMIT = "LIMIT"
    """429, or 503 with a Retry-After. Tried again: after the time that Google names, or 10 s, without using up a retry."""
    REFUSED = "REFUSED"
    """Another 4xx: the request is wrong. Not tried again."""
    UNAVAILABLE = "UNAVAILABLE"
    """5xx. Tried again."""
    NO_ANSWER = "NO_ANSWER"
    """No connection, no trusted certificate, or it broke before the answer was complete. Tried again."""


@dataclass(frozen=True, slots=True)
class _Place:
    address: str
    key: str
    seconds: float
    egress: Egress = field(compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class _Opened:
    storage: Any
    session: aiohttp.ClientSession


class _Token(Token):
    """One that asks once: Zeebe tries again, and says so in Operate."""

    async def acquire_access_token(self, timeout: int = 10) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]  # noqa: ASYNC109 - theirs is decorated
        ask: Any = getattr(Token.acquire_access_token, "__wrapped__")  # noqa: B009 - without the library's five tries
        await ask(self, timeout)


async def _open(place: _Place) -> _Opened:
    session = open_session(place.egress, place.seconds)
    try:
        token = _Token(service_file=io.StringIO(place.key), session=session, scopes=SCOPES)
        await token.ensure_token()  # here no job's cancellation can take it away from the others
        storage: Any = Storage(token=token, session=session, api_root=place.address, api_is_dev=False)
    except BaseException:
        await session.close()
        raise
    return _Opened(storage, session)


async def _close(opened: _Opened) -> None:
    await opened.storage.close()
    await opened.session.close()


_clients: SharedClients[_Place, _Opened] = SharedClients(_open, _close)
close_clients = _clients.close


def checked_key(text: str) -> str:
    """A service account's key; InputError for anything else, such as a configuration that names files of the pod."""
    try:
        document: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    needed = ("client_email", "private_key", "token_uri")
    match document:
        case {"type": "service_account", **members} if all(isinstance(members.get(name), str) for name in needed):
            return text
        case _:
            msg = "cannot use authentication.jsonKey: it must be the JSON key of a service account"
            raise InputError(msg)


@asynccontextmanager
async def gcs_storage(context: Context, address: str, key: str, seconds: float) -> AsyncGenerator[Any]:
    """A client on behalf of a service account; its errors become ConnectorErrors."""
    place = _Place(address.rstrip("/"), key, seconds, egress_of(context))
    try:
        async with _clients.use(place) as opened:
            yield opened.storage
    except aiohttp.ClientResponseError as error:
        raise _refusal(context, error, place) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        text = f"cannot reach Google: {type(error).__name__} {one_line(error)}".strip()
        raise ConnectorError(GcsErrorCode.NO_ANSWER, text) from None
    except (PyJWTError, ValueError) as error:  # the text of either may hold a piece of the key
        msg = f"cannot use authentication.jsonKey: its private key cannot sign ({type(error).__name__})"
        raise InputError(msg) from None


def _refusal(context: Context, error: aiohttp.ClientResponseError, place: _Place) -> ConnectorError:
    status = error.status
    text = f"Google answered {status}: {_reason(error.message)}"
    variables = {"status": status}
    wait = patience_after(status, (error.headers or {}).get("Retry-After"), unnamed=PATIENCE)
    if wait is not None:
        return RetryError(text, retries=context.job.retries, backoff=wait, code=GcsErrorCode.LIMIT, variables=variables)
    if status in (401, 403) or (status < 500 and not str(error.request_info.url).startswith(place.address)):  # or at the login
        return ConnectorError(GcsErrorCode.LOGIN, text, variables)
    if status >= 500 or status < 400:
        return ConnectorError(GcsErrorCode.UNAVAILABLE, text, variables)
    code = GcsErrorCode.NOT_FOUND if status == 404 else GcsErrorCode.REFUSED
    return RetryError(text, retries=0, code=code, variables=variables)


def _reason(message: str) -> str:
    """What Google says in `<phrase>: <JSON>`."""
    phrase, _, body = message.partition(": ")
    try:
        document: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    match document:
        case {"error": {"message": str() as text}} | {"error_description": str() as text}:
            return one_line(text)
        case _:
            return phrase

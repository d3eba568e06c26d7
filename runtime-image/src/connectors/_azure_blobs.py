"""Clients of Azure's blob containers, which the jobs of a pod share, and what Azure refuses as errors of a job.

https://learn.microsoft.com/en-us/rest/api/storageservices/blob-service-error-codes
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from connector_sdk import ConnectorError, Context, InputError, RetryError, SharedClients
from connectors._egress import Egress, egress_of
from connectors._extras import extra
from connectors._guarded_sessions import CONNECT_SECONDS, open_session
from connectors._http_calls import CallErrorCode
from connectors._one_line import one_line
from connectors._patience import patience_after

with extra("azure"):
    from azure.core.credentials import AccessToken
    from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.storage.blob.aio import ContainerClient

PATIENCE = timedelta(seconds=10)
TOKEN_SECONDS = 300
"""More than the margin within which a client asks for the next token."""
ONE_PIECE = 4 * 1024 * 1024


class AzureErrorCode(StrEnum):
    """Beside Azure's own codes, what an error expression may compare `error.code` with."""

    UNKNOWN = "UNKNOWN"
    """Azure answered what its client cannot read. Tried again."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token, as Azure's clients want one."""

    token: str

    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        """The token; who asks next time brings the next one."""
        return AccessToken(self.token, int(time.time()) + TOKEN_SECONDS)


@dataclass(frozen=True, slots=True)
class _Place:
    container_url: str
    credential: str | Bearer
    seconds: float
    egress: Egress = field(compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class _Opened:
    container: Any
    session: aiohttp.ClientSession


async def _open(place: _Place) -> _Opened:
    session = open_session(place.egress, place.seconds)
    container: Any = ContainerClient.from_container_url(
        place.container_url,
        credential=cast("Any", place.credential),
        transport=AioHttpTransport(
            session=session,
            session_owner=False,
            connection_timeout=min(CONNECT_SECONDS, place.seconds),
            read_timeout=place.seconds,
        ),
        retry_total=0,  # Zeebe tries again, and says so in Operate
        max_single_get_size=ONE_PIECE,
    )
    return _Opened(container, session)


async def _close(opened: _Opened) -> None:
    await opened.container.close()
    await opened.session.close()


_clients: SharedClients[_Place, _Opened] = SharedClients(_open, _close)
close_clients = _clients.close


def container_url(url: str, container: str, field: str, *, schemes: tuple[str, ...] = ("http", "https")) -> tuple[str, str]:
    """The address of a container without its query, and the token that the query holds or an empty text.

    The URL in `field` is that of an account, of a container, or of a blob in it. InputError when it is none.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in schemes or not parts.hostname:
        msg = f"cannot use {field}: it must begin with https:// and name a storage account"
        raise InputError(msg)
    segments = [text for text in parts.path.split("/") if text]
    # What is not at Azure itself has the account's name in the path.
    account = segments[:1] if not parts.hostname.endswith((".windows.net", ".chinacloudapi.cn", ".usgovcloudapi.net")) else []
    return urlunsplit((parts.scheme, parts.netloc, "/".join(["", *account, container]), "", "")), parts.query


@asynccontextmanager
async def azure_container(context: Context, url: str, credential: str | Bearer, seconds: float) -> AsyncGenerator[Any]:
    """A client of a container; its errors become ConnectorErrors."""
    place = _Place(url, credential, seconds, egress_of(context))
    try:
        async with _clients.use(place) as opened:
            yield opened.container
    except HttpResponseError as error:
        raise _refusal(context, error) from None
    except (ServiceRequestError, ServiceResponseError, aiohttp.ClientError, TimeoutError) as error:
        text = f"cannot reach Azure: {type(error).__name__} {one_line(error)}".strip()
        raise ConnectorError(CallErrorCode.NO_ANSWER, text) from None
    except (AzureError, ValueError) as error:  # a ValueError is about headers that are missing
        raise ConnectorError(AzureErrorCode.UNKNOWN, f"cannot read the answer of Azure: {one_line(error)}") from None


def _refusal(context: Context, error: HttpResponseError) -> ConnectorError:
    status = error.status_code
    if status is None:  # of an answer that ended before its end
        return ConnectorError(CallErrorCode.NO_ANSWER, f"cannot read the answer of Azure: {one_line(error)}")
    said: object = getattr(error, "error_code", None)
    code = str(said.value if isinstance(said, Enum) else said or AzureErrorCode.UNKNOWN)
    text = f"Azure refused: {code} ({status} {error.reason or ''}".rstrip() + ")"
    variables = {"status": status}
    headers: Any = getattr(cast("Any", error.response), "headers", {})
    wait = patience_after(status, headers.get("Retry-After"), unnamed=PATIENCE, throttled=code == "ServerBusy")
    if wait is not None:
        return RetryError(text, retries=context.job.retries, backoff=wait, code=code, variables=variables)
    if status in (401, 403) or status >= 500 or status < 400:
        return ConnectorError(code, text, variables)
    return RetryError(text, retries=0, code=code, variables=variables)

"""How the pod proves to the gateway who it is: the value of `authorization` for each call.

The files are mounted Secrets that may be absent now and change at any time; a missing one is told, not died of.
"""

import asyncio
import base64
import contextlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from connector_runtime.config import Basic, Camunda, OAuth
from connector_runtime.gateway.backoff import Backoff
from connector_runtime.gateway.faults import GatewayError, GatewayFault

TOKEN_SECONDS = 10.0
"""For how long the token endpoint may think."""
REFRESH_SHARE = 0.75
"""Of a token's life after which a new one is fetched, while the old one still serves."""
EXPIRY_MARGIN_SECONDS = 5.0
DEFAULT_LIFETIME = 300.0
SOONEST_RETRY_SECONDS = 5.0
"""A token younger than this is not the reason why it is refused."""


class Credentials(Protocol):
    """Gives the `authorization` of the next call."""

    async def authorization(self) -> str | None:
        """The value, or None when none is needed; raises GatewayError (Unauthenticated) that says what is missing."""
        ...

    def refused(self, authorization: str) -> None:
        """The gateway did not accept this value."""
        ...

    async def close(self) -> None:
        """Give up what is open."""
        ...


def credentials_of(camunda: Camunda) -> Credentials:
    """The credentials that the configuration asks for."""
    match camunda.auth:
        case OAuth():
            return OAuthCredentials(camunda.auth, ca_file=camunda.tls.ca_file)
        case Basic():
            return BasicCredentials(camunda.auth.directory)
        case None:
            return NoCredentials()


class NoCredentials:
    """For gateways that ask nobody."""

    async def authorization(self) -> str | None:
        return None

    def refused(self, authorization: str) -> None:
        del authorization

    async def close(self) -> None:
        pass


class BasicCredentials:
    """User name and password, read anew at most once a second."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._value: str | None = None
        self._read_at = 0.0

    async def authorization(self) -> str | None:
        if self._value is None or time.monotonic() - self._read_at > 1:
            name, password = (mounted(self._directory / file) for file in ("username", "password"))
            self._value = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
            self._read_at = time.monotonic()
        return self._value

    def refused(self, authorization: str) -> None:
        if authorization == self._value:
            self._value = None

    async def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    fetched: float
    lifetime: float

    @property
    def refresh_at(self) -> float:
        return self.fetched + self.lifetime * REFRESH_SHARE

    @property
    def expires(self) -> float:
        return self.fetched + self.lifetime - min(EXPIRY_MARGIN_SECONDS, self.lifetime / 4)


class OAuthCredentials:
    """Client credentials: one token for all calls, fetched by one task at a time and renewed before it expires."""

    def __init__(self, oauth: OAuth, *, ca_file: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._oauth = oauth
        self._ca_file = ca_file
        self._clock = clock
        self._token: _Token | None = None
        self._fetch: asyncio.Task[_Token] | None = None
        self._backoff = Backoff(first=0.5, top=30.0)
        self._failure: GatewayError | None = None
        self._not_before = 0.0
        self._http: httpx.AsyncClient | None = None

    async def authorization(self) -> str | None:
        token, now = self._token, self._clock()
        if token is not None and now < token.refresh_at:
            return token.value
        fetch = self._fetching(now)
        if token is not None and now < token.expires:
            return token.value
        if fetch is None:
            raise self._failure or GatewayError(GatewayFault.UNAUTHENTICATED, "waiting to fetch a token again")
        return (await asyncio.shield(fetch)).value

    def refused(self, authorization: str) -> None:
        token = self._token
        if token is not None and token.value == authorization and self._clock() - token.fetched > SOONEST_RETRY_SECONDS:
            self._token = None

    async def close(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
            with contextlib.suppress(asyncio.CancelledError, GatewayError):
                await self._fetch
        if self._http is not None:
            await self._http.aclose()

    def _fetching(self, now: float) -> asyncio.Task[_Token] | None:
        """The one fetch under way, begun unless the last failure is too young."""
        if self._fetch is None and now >= self._not_before:
            self._fetch = asyncio.create_task(self._fetch_token(), name="gateway token")
            self._fetch.add_done_callback(self._fetched)
        return self._fetch

    def _fetched(self, task: asyncio.Task[_Token]) -> None:
        self._fetch = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._token, self._failure = task.result(), None
            self._backoff.reset()
        else:
            self._failure = error if isinstance(error, GatewayError) else None
            self._not_before = self._clock() + self._backoff.next()

    async def _fetch_token(self) -> _Token:
        directory, oauth = self._oauth.directory, self._oauth
        client = mounted(directory / "clientId"), mounted(directory / "clientSecret")
        form = {"grant_type": "client_credentials", "client_id": client[0], "client_secret": client[1]}
        form |= {name: value for name, value in (("audience", oauth.audience), ("scope", oauth.scope)) if value}
        try:
            response = await self._client().post(oauth.token_url, data=form)
        except (httpx.HTTPError, OSError) as error:
            msg = f"cannot fetch a token from '{oauth.token_url}': {type(error).__name__} {error}".rstrip()
            raise GatewayError(GatewayFault.UNAUTHENTICATED, msg) from error
        return self._read(response)

    def _read(self, response: httpx.Response) -> _Token:
        url = self._oauth.token_url
        if response.status_code != 200:
            msg = f"cannot fetch a token: '{url}' answered {response.status_code}; check clientId and clientSecret"
            raise GatewayError(GatewayFault.UNAUTHENTICATED, msg)
        try:
            document: dict[str, Any] = response.json()
            lifetime = float(document.get("expires_in") or DEFAULT_LIFETIME)
            return _Token(f"Bearer {document['access_token']}", self._clock(), lifetime)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"cannot use the answer of '{url}': it is not a JSON object with access_token"
            raise GatewayError(GatewayFault.UNAUTHENTICATED, msg) from error

    def _client(self) -> httpx.AsyncClient:
        """Identity providers are named by the operator's users and not by processes: no egress rules here."""
        if self._http is None:
            context: ssl.SSLContext = httpx.create_ssl_context()
            if self._ca_file is not None and self._ca_file.is_file():
                context.load_verify_locations(self._ca_file)
            self._http = httpx.AsyncClient(verify=context, timeout=TOKEN_SECONDS)
        return self._http


def mounted(path: Path) -> str:
    """The text of a mounted file; raises GatewayError that names it."""
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        msg = f"cannot read the credential '{path}': {reason}; the Secret that spec.camunda names must have this key"
        raise GatewayError(GatewayFault.UNAUTHENTICATED, msg) from error
    return text

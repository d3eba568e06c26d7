"""The HTTP client that connector functions share: httpx's interface on aiohttp's connections.

aiohttp parses in C and costs a third of httpx's own transport per request, and its resolver hook is where the egress rules
belong: the addresses that were checked are those that are connected to, for redirects as for first requests.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connector_runtime.egress import EgressRules, literal

TIMEOUT_SECONDS = 20
MAX_IDLE_SECONDS = 30
CHUNK_BYTES = 64 * 1024
# httpx has already written all headers that a request needs.
AUTOMATIC_HEADERS = frozenset({"Accept", "Accept-Encoding", "User-Agent", "Content-Type"})


def open_http_client(egress: EgressRules) -> httpx.AsyncClient:
    """Open a client that keeps connections and nothing else: one job's cookies must not reach the next job's request."""
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    # Proxies of the environment are aiohttp's matter here: a proxy resolves names itself, by its own rules.
    return httpx.AsyncClient(transport=_Transport(egress), timeout=TIMEOUT_SECONDS, cookies=no_cookies, trust_env=False)


class _CheckedResolver(AbstractResolver):
    """Gives only addresses that may be connected to."""

    def __init__(self, egress: EgressRules) -> None:
        self._egress = egress
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        self._egress.check(host, [entry["host"] for entry in found])
        return found

    async def close(self) -> None:
        await self._resolver.close()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it arrives."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK_BYTES):
                yield chunk
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        # A body that was read to its end has given its connection back already; any other is in the way.
        self._response.close()


class _Transport(httpx.AsyncBaseTransport):
    """Sends one request at a time over a kept or new connection."""

    def __init__(self, egress: EgressRules) -> None:
        self._egress = egress
        self._opened: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (address := literal(request.url.host)) is not None:
            self._egress.check(request.url.host, [address])
        try:
            response = await self._session().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=await _content(request),
                timeout=_timeout(request.extensions.get("timeout") or {}),
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _translated(error, request) from error
        return httpx.Response(
            response.status,
            headers=list(response.raw_headers),
            stream=_Body(response),
            extensions={"reason_phrase": (response.reason or "").encode("latin-1", "replace")},
        )

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """A session belongs to an event loop, the client is opened before there may be one."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=MAX_IDLE_SECONDS,
                resolver=_CheckedResolver(self._egress),
                ssl=httpx.create_ssl_context(),
            )
            self._opened = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=AUTOMATIC_HEADERS,
                # Where there is a proxy aiohttp looks for it in threads, for each request anew: twice the cost of a request.
                trust_env=bool(getproxies()),
            )
        return self._opened


async def _content(request: httpx.Request) -> bytes | AsyncIterator[bytes] | None:
    """A body that httpx has whole, or None when there is none; or its pieces."""
    if isinstance(request.stream, httpx.SyncByteStream):
        return b"".join(request.stream) or None
    return aiter(request.stream)


def _timeout(given: dict[str, Any]) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=given.get("pool"), sock_connect=given.get("connect"), sock_read=given.get("read")
    )


def _translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """The exception that httpx raises in the same case."""
    text = str(error) or type(error).__name__
    kind: type[httpx.TransportError] = httpx.ReadError
    match error:
        case aiohttp.ConnectionTimeoutError():
            kind = httpx.ConnectTimeout
        case asyncio.TimeoutError():
            kind = httpx.ReadTimeout
        case aiohttp.ClientProxyConnectionError():
            kind = httpx.ProxyError
        case aiohttp.ClientConnectorError():
            kind = httpx.ConnectError
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            kind = httpx.UnsupportedProtocol
        case aiohttp.ClientResponseError():
            kind = httpx.RemoteProtocolError
        case ValueError():
            kind = httpx.LocalProtocolError
        case _:
            pass
    return kind(text, request=request)

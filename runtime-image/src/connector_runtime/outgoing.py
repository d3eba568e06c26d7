"""The HTTP client that connector functions share: httpx's interface on aiohttp's connections, and a short way past httpx.

aiohttp parses in C and costs a third of httpx's own transport per request, and its resolver hook is where the egress rules
belong: the addresses that were checked are those that are connected to, for redirects as for first requests.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connector_runtime.egress import EgressRules, literal
from connector_sdk import Answer, Exchange, HttpClient, InputError

TIMEOUT_SECONDS = 20
MAX_IDLE_SECONDS = 30
CHUNK_BYTES = 64 * 1024
ADDED = ("Accept-Encoding", "User-Agent")
"""What the short way adds to a request that does not have it."""
MOST_PASSED = 1_000
TLS = "tls"
"""The extension of a request that carries its own SSL context through httpx."""
# All headers that a request needs have been written before aiohttp sees it.
AUTOMATIC_HEADERS = frozenset({"Accept", "Accept-Encoding", "User-Agent", "Content-Type"})


def open_http_client(egress: EgressRules) -> HttpClient:
    """Open a client that keeps connections and nothing else: one job's cookies must not reach the next job's request."""
    return _Client(_Transport(egress))


class _Client(HttpClient):
    def __init__(self, transport: "_Transport") -> None:
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
        # Proxies of the environment are aiohttp's matter here: a proxy resolves names itself, by its own rules.
        super().__init__(transport=transport, timeout=TIMEOUT_SECONDS, cookies=no_cookies, trust_env=False)
        self._short_way = transport
        self._added = {name: self.headers[name] for name in ADDED}

    @property
    def egress(self) -> EgressRules:
        return self._short_way.egress

    async def exchange(self, request: Exchange) -> Answer:
        given = set(map(str.lower, request.headers))
        headers = {name: value for name, value in self._added.items() if name.lower() not in given} | dict(request.headers)
        if request.follow_redirects:
            # Which method, body and credentials the next request may have is httpx's to know.
            return await self._exchange_by_httpx(request, headers)
        return await self._short_way.exchange(request, headers)

    async def _exchange_by_httpx(self, request: Exchange, headers: dict[str, str]) -> Answer:
        connect, read = request.connect_seconds, request.read_seconds
        message = self.build_request(
            request.method,
            request.url,
            headers=headers,
            content=request.body,
            timeout=httpx.Timeout(connect=connect, read=read, write=read, pool=connect),
            extensions={TLS: request.tls},
        )
        if "accept" not in map(str.lower, headers):
            del message.headers["accept"]  # httpx's own; some servers answer differently to it than to none
        response = await self.send(message, stream=True, follow_redirects=True)
        return await _unpacked(response, request.max_bytes)


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
            raise httpx.ReadTimeout(str(error)) from _frameless(error)
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from _frameless(error)

    async def aclose(self) -> None:
        # A body that was read to its end has given its connection back already; any other is in the way.
        self._response.close()


class _Transport(httpx.AsyncBaseTransport):
    """Sends each request over a kept or new connection."""

    def __init__(self, egress: EgressRules) -> None:
        self.egress = egress
        self._passed: set[str] = set()
        """Hosts that are names, which the resolver checks, or addresses that may be connected to."""
        self._opened: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts: dict[str, float | None] = request.extensions.get("timeout") or {}
        try:
            response = await self._request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=await _content(request),
                timeout=_timeout(timeouts.get("pool"), timeouts.get("connect"), timeouts.get("read")),
                ssl=request.extensions.get(TLS) or True,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _translated(error, request) from error
        return _as_httpx(response)

    async def exchange(self, request: Exchange, headers: dict[str, str]) -> Answer:
        """Send a request that has all its headers; the answer is that of this server, redirects too."""
        try:
            response = await self._request(
                request.method,
                URL(request.url, encoded=True),
                headers=headers,
                data=request.body or None,
                timeout=_timeout(request.connect_seconds, request.connect_seconds, request.read_seconds),
                ssl=request.tls or True,
            )
            if "Content-Encoding" in response.headers:
                return await _unpacked(_as_httpx(response), request.max_bytes)
            body = await _read(response, request.max_bytes)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _translated(error) from _frameless(error)
        found = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
        return Answer(response.status, response.reason or "", found, body)

    async def _request(self, method: str, url: URL, **options: Any) -> aiohttp.ClientResponse:
        host = url.raw_host or ""
        if host not in self._passed:
            self._check_literal(host)
        return await self._session().request(method, url, allow_redirects=False, **options)

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _check_literal(self, host: str) -> None:
        """Check a host that is an address: no resolver will see it. The rules stay the same, so what passed once passes."""
        if (address := literal(host)) is not None:
            self.egress.check(host, [address])
        if len(self._passed) >= MOST_PASSED:
            self._passed.clear()
        self._passed.add(host)

    def _session(self) -> aiohttp.ClientSession:
        """A session belongs to an event loop, the client is opened before there may be one."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=MAX_IDLE_SECONDS,
                resolver=_CheckedResolver(self.egress),
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


def _as_httpx(response: aiohttp.ClientResponse) -> httpx.Response:
    return httpx.Response(
        response.status,
        headers=list(response.raw_headers),
        stream=_Body(response),
        extensions={"reason_phrase": (response.reason or "").encode("latin-1", "replace")},
    )


async def _unpacked(response: httpx.Response, most: int) -> Answer:
    """The answer with its body decompressed piece by piece, so that a small one cannot become a huge one unseen."""
    try:
        body = await _at_most(response.aiter_bytes(), most)
    finally:
        await response.aclose()
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    return Answer(response.status_code, response.reason_phrase, headers, body)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    try:
        length = response.content_length
        if length is not None and length <= most:
            return await response.read()
        return await _at_most(response.content.iter_any(), most)
    except BaseException:
        response.close()
        raise


async def _at_most(chunks: AsyncIterator[bytes], most: int) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > most:
            msg = f"the answer is larger than {most} bytes"
            raise InputError(msg)
    return bytes(content)


@lru_cache
def _timeout(pool: float | None, connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=pool, sock_connect=connect, sock_read=read)


def _frameless(error: Exception) -> Exception:
    """aiohttp keeps what ended a body at the body's reader; with frames that know the reader both wait for a collection."""
    return error.with_traceback(None)


def _translated(error: Exception, request: httpx.Request | None = None) -> httpx.TransportError:
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

"""One call to the API server: JSON out, JSON in, a deadline, and every failure as one of the port's errors."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from yarl import URL

from connector_operator.api.kinds import Kind
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.port import ApiConflict, ApiError, ApiGone, ApiRejected, ApiUnavailable
from connector_operator.domain.objects import ObjectRef, at, list_at

DEADLINE_SECONDS = 15.0
MAX_MESSAGE = 1_000
MAX_CONNECTIONS = 100
_PLAIN = "/"
"""What need not be quoted in a query."""
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What an observer is told after each call, in the words of RBAC."""

    verb: str
    kind: Kind
    subresource: str
    result: str
    """`ok`, `gone`, `conflict`, `rejected` or `unavailable`."""


Observer = Callable[[ApiCall], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One call as the API server is to see it; `verb` is RBAC's, `doing` is the word for an error's sentence."""

    verb: str
    ref: ObjectRef
    method: str
    path: str
    subresource: str = ""
    doing: str = ""
    query: Mapping[str, str | int] = field(default_factory=dict[str, str | int])
    body: Any = None
    content_type: str = JSON
    accept: str = JSON


_RESULTS: tuple[tuple[type[ApiError], str], ...] = (
    (ApiGone, "gone"),
    (ApiConflict, "conflict"),
    (ApiRejected, "rejected"),
    (ApiUnavailable, "unavailable"),
)


class Transport:
    """Sends requests over one pool of connections; `close` it when done.

    Reading the settings and making the TLS context are the Kubernetes client's business, sending is not: its way to one
    request copies the body, reads ~/.netrc in a thread and costs more than all the rest of a reconcile.
    """

    def __init__(self, connection: Connection, observer: Observer) -> None:
        self._connection = connection
        self._observer = observer
        self._session: aiohttp.ClientSession | None = None
        self._to_server: dict[str, Any] = {}

    async def open(self) -> None:
        """Load the settings and make the pool; raises `ConnectionSettingsError`. No call is made yet."""
        settings = await self._connection.load()
        self._to_server = _way(settings)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, ssl=RESTClientObject(settings).ssl_context),
            headers={"User-Agent": "connector-operator"},
            timeout=aiohttp.ClientTimeout(total=DEADLINE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the pool; calls under way end with an error."""
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Any:
        """Answer the decoded body, or raise an `ApiError`; the observer is told in either case."""
        result = "ok"
        try:
            return await self._send(request)
        except ApiError as error:
            result = next(name for kind, name in _RESULTS if isinstance(error, kind))
            raise
        except asyncio.CancelledError:
            result = "unavailable"
            raise
        finally:
            self._observer(ApiCall(request.verb, request.ref.kind, request.subresource, result))

    async def _send(self, request: Request) -> Any:
        status, headers, body = await self._exchange(request)
        if status == 401:
            # not carried out, so it may be sent again: with the token that the kubeconfig's program gives now
            await self._connection.load()
            status, headers, body = await self._exchange(request)
        if 200 <= status < 300:
            return _decode(request, status, body)
        raise _error(request, status, headers, body)

    async def _exchange(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            raise RuntimeError("cannot send a request: open() was not awaited")
        settings = self._connection.configuration
        headers = {"Accept": request.accept, "Content-Type": request.content_type}
        if token := await settings.get_api_key_with_prefix("BearerToken"):
            headers["Authorization"] = token
        query = f"?{urlencode(request.query, safe=_PLAIN)}" if request.query else ""
        # quoted by whoever made the path: quoted twice, a name would be another one
        url = URL(f"{settings.host}{request.path}{query}", encoded=True)
        body = None if request.body is None else _ENCODE(request.body).encode()
        try:
            async with self._session.request(request.method, url, data=body, headers=headers, **self._to_server) as answer:
                return answer.status, answer.headers, await answer.read()
        except TimeoutError as error:
            raise _unavailable(request, f"no answer within {DEADLINE_SECONDS:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _unavailable(request, f"{type(error).__name__}: {error}") from error


_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _way(settings: Configuration) -> dict[str, Any]:
    """How to reach the server that the settings name: the kubeconfig's proxy, else that of the environment, and its TLS name."""
    way: dict[str, Any] = {}
    server = urlsplit(settings.host)
    proxy = settings.proxy
    if not proxy and not proxy_bypass(server.hostname or ""):
        proxy = getproxies().get(server.scheme)
    if proxy:
        way |= {"proxy": proxy, "proxy_headers": settings.proxy_headers}
    if settings.tls_server_name:
        way["server_hostname"] = settings.tls_server_name
    return way


def _doing(request: Request) -> str:
    return request.doing or request.verb


def _unavailable(request: Request, message: str) -> ApiUnavailable:
    return ApiUnavailable(_doing(request), request.ref, message=message[:MAX_MESSAGE])


def _decode(request: Request, status: int, body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        message = "the answer is not JSON: is there a proxy in between?"
        raise ApiUnavailable(_doing(request), request.ref, status=status, message=message) from error


def _error(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    answer = _status_object(body)
    message = str(answer.get("message") or body[:200].decode(errors="replace").strip())[:MAX_MESSAGE]
    doing, ref = _doing(request), request.ref
    if status == 404:
        return ApiGone(doing, ref, status=status, message=message)
    if status == 409 or (status == 422 and _is_about_uid(answer)):
        return ApiConflict(doing, ref, status=status, message=message)
    if status in (400, 403, 413, 415, 422) or _is_malformed(status, message):
        return ApiRejected(doing, ref, status=status, message=message)
    return ApiUnavailable(doing, ref, status=status, message=message, retry_after=_retry_after(headers))


def _status_object(body: bytes) -> Mapping[str, Any]:
    """The `Status` that an API server sends with every error; empty when somebody else answered."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return at({"answer": answer}, "answer")


def _is_about_uid(answer: Mapping[str, Any]) -> bool:
    # an apply that names another uid is answered as if it wanted to change the uid
    return any(cause.get("field") == "metadata.uid" for cause in list_at(answer, "details", "causes"))


def _is_malformed(status: int, message: str) -> bool:
    # an applied field that the schema does not know may be answered with 500, yet asking again is of no use
    return status == 500 and "failed to create typed patch object" in message


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None

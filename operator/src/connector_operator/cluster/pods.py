"""Asks worker pods over HTTP what docs/worker-contract.md lets them answer, trusting none of them.

A pod runs code that users brought. Whatever it does (be slow, send too much, redirect, compress a bomb), it costs its own
Connectors a report and nobody else anything.
"""

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from connector_operator.domain.objects import Object, at

PORT = 9600
DEADLINE_SECONDS = 2.0
MAX_STATUS_BYTES = 1024 * 1024
MAX_TEMPLATES_BYTES = 4 * 1024 * 1024


class PodUnreachable(Exception):  # noqa: N818 - the state of the pod, as the contract with reconcile names it
    """A worker pod gave no usable answer; the text says which pod, what was asked and what came instead."""


class PodClient:
    """HTTP to pods by address. An async context manager; `port` is another one only in tests."""

    def __init__(self, *, port: int = PORT) -> None:
        self._port = port
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            # a poll every ten seconds is no reason to hold a socket to every pod of the cluster
            connector=aiohttp.TCPConnector(force_close=True, limit=64),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "connector-operator"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch_status(self, pod_ip: str) -> bytes:
        """The body of `GET /status`, at most 1 MiB; raises `PodUnreachable`."""
        return await self._get(pod_ip, "/status", MAX_STATUS_BYTES)

    async def fetch_element_templates(self, pod_ip: str, connector: str) -> bytes:
        """The body of `GET /element-templates/<connector>`, at most 4 MiB; raises `PodUnreachable`."""
        return await self._get(pod_ip, f"/element-templates/{quote(connector, safe='')}", MAX_TEMPLATES_BYTES)

    async def _get(self, pod_ip: str, path: str, limit: int) -> bytes:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await self._read(f"http://{_host(pod_ip)}:{self._port}{path}", limit)
        except TimeoutError as error:
            raise PodUnreachable(f"cannot get '{path}': no complete answer within {DEADLINE_SECONDS:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise PodUnreachable(f"cannot get '{path}': {reason[:300]}") from error

    async def _read(self, url: str, limit: int) -> bytes:
        if self._session is None:
            raise RuntimeError("cannot ask a pod: the client was not entered with `async with`")
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"the pod answered {answer.status} instead of 200")
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise ValueError("the pod sent a compressed answer although none was asked for")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > limit:
                    raise ValueError(f"the answer is longer than {limit} bytes")
            return bytes(body)


def _host(pod_ip: str) -> str:
    address = ipaddress.ip_address(pod_ip)
    return f"[{address}]" if address.version == 6 else str(address)


class PodTemplates:
    """Gets generated element templates from the pods that generated them."""

    def __init__(self, client: PodClient) -> None:
        self._client = client

    async def fetch(self, pod: Object, connector: str) -> list[Mapping[str, Any]]:
        """All element templates that one pod generated for one Connector, now; raises `PodUnreachable`.

        They are JSON objects whose text can be published; whether they are element templates is for `domain.catalogue` to say.
        """
        body = await self._client.fetch_element_templates(at(pod, "status").get("podIP", ""), connector)
        try:
            return _read_templates(body)
        except (ValueError, RecursionError) as error:
            reason = str(error)[:300]
            raise PodUnreachable(f"cannot read the element templates of Connector '{connector}': {reason}") from error


def _read_templates(body: bytes) -> list[Mapping[str, Any]]:
    templates: Any = json.loads(body, parse_constant=_refuse_constant)
    if not isinstance(templates, list) or not all(isinstance(one, dict) for one in templates):  # pyright: ignore[reportUnknownVariableType] - it is JSON that is being checked
        raise ValueError("not a JSON list of objects")
    # JSON can spell half of a surrogate pair, which no ConfigMap can hold
    json.dumps(templates, ensure_ascii=False).encode()
    return templates  # pyright: ignore[reportUnknownVariableType] - checked two lines above


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

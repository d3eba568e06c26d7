"""The pod's HTTP endpoints (docs/worker-contract.md §3 and §4)."""

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from connector_runtime.metrics import Metrics
from connector_runtime.templates import to_json

NOT_FOUND_TEXT = "cannot find Connector '{name}' in this pod"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the endpoints answer; a problem is a text for people, None means that all is well."""

    status: Callable[[], str]
    liveness_problem: Callable[[], str | None]
    readiness_problem: Callable[[], str | None]
    templates: Callable[[str], list[dict[str, Any]] | None]
    metrics: Metrics


class Server:
    """Serves the endpoints; `port` 0 takes a free one."""

    def __init__(self, endpoints: Endpoints, host: str | None, port: int) -> None:
        self._endpoints = endpoints
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        addresses: list[Any] = self._runner.addresses if self._runner else []
        return int(addresses[0][1]) if addresses else self._port

    @property
    def is_listening(self) -> bool:
        """Whether the endpoints can be reached."""
        return self._runner is not None and bool(self._runner.addresses)

    async def start(self) -> None:
        """Begin to listen; raises OSError when the port is taken."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/status", self._status),
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
                web.get("/element-templates/{connector}", self._templates),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.SockSite(self._runner, _listening_socket(self._host, self._port)).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _status(self, _: web.Request) -> web.Response:
        return _json(self._endpoints.status())

    async def _livez(self, _: web.Request) -> web.Response:
        return _health(self._endpoints.liveness_problem())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _health(self._endpoints.readiness_problem())

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._endpoints.metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _templates(self, request: web.Request) -> web.Response:
        name = request.match_info["connector"]
        templates = self._endpoints.templates(name)
        if templates is None:
            return web.Response(status=404, text=NOT_FOUND_TEXT.format(name=name))
        return _json(to_json(templates))


def _listening_socket(host: str | None, port: int) -> socket.socket:
    if host is not None:
        return socket.create_server((host, port))
    try:
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise
        return socket.create_server(("", port))  # a node without IPv6


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")


def _health(problem: str | None) -> web.Response:
    return web.Response(text="ok") if problem is None else web.Response(status=503, text=problem)

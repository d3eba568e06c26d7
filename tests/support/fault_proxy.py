"""An HTTP proxy between one operator and a real API server that answers, cuts, delays and kills where a plan says so.

Plain HTTP on loopback towards the operator, the administrator's TLS towards the API server.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web
from fault_server import ApiServer

ANSWERS = ("409", "422", "429", "500", "503", "504-after", "reset")
KILLS = ("kill-before", "kill-after")
WATCHES = ("drop", "duplicate", "delay", "reorder", "cut", "410", "in-500", "in-429", "half-line", "html", "silence")
_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the write or watch event number `at` (from 0) after the plan is armed, or for `at` stale lists."""

    what: str
    at: int
    revisions: int = 0
    """Of a stale list: from how many revisions ago."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that reached the API server."""

    method: str
    path: str
    status: int
    template: str
    """The digest of the pod template when it is a Deployment."""
    at: float
    """When it was answered, in the event loop's time."""


@dataclass(slots=True)
class FaultProxy:
    """An async context manager; `url` is what the operator's kubeconfig names."""

    server: ApiServer
    kill: Callable[[], None]
    writes: list[Write] = field(default_factory=list[Write])
    violations: list[str] = field(default_factory=list[str])
    """What must never happen to a worker on the way."""
    may_empty: bool = False
    """Whether the user has just asked for a worker without Connectors, or for other ones."""
    fired: list[Fault] = field(default_factory=list[Fault])
    url: str = ""
    _armed: list[Fault] = field(default_factory=list[Fault])
    _write_number: int = 0
    _event_number: int = 0
    _watches: set["asyncio.Task[Any]"] = field(default_factory=set["asyncio.Task[Any]"])
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await self._runner.cleanup()

    def arm(self, *faults: Fault) -> None:
        """Count from here."""
        self._armed = list(faults)
        self._write_number = self._event_number = 0

    def disarm(self) -> None:
        """Let everything pass from here."""
        self._armed.clear()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.query.get("watch") in ("true", "1"):
                return await self._remembered(self._watch(request))
            if request.method == "GET":
                return await self._read(request)
            if "/selfsubjectaccessreviews" in request.path or "/events" in request.path:
                return await self._pass(request)
            return await self._write(request)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            _abort(request)  # the API server is away: so is the connection to it
            raise web.HTTPBadGateway from None

    # --- writes ---

    async def _write(self, request: web.Request) -> web.StreamResponse:
        fault = self._take(self._write_number, (*ANSWERS, *KILLS))
        self._write_number += 1
        if fault and fault.what == "kill-before":
            self.kill()
            return _abort(request)
        if fault and fault.what not in ("kill-after", "504-after"):
            return _refuse(request, fault.what)
        answer = await self._pass(request)
        if fault and fault.what == "kill-after":
            self.kill()
            return _abort(request)
        return _refuse(request, "504") if fault else answer

    def _take(self, number: int, kinds: tuple[str, ...]) -> Fault | None:
        found = next((fault for fault in self._armed if fault.what in kinds and fault.at == number), None)
        if found:
            self._armed.remove(found)
            self.fired.append(found)
        return found

    async def _pass(self, request: web.Request, url: str = "") -> web.Response:
        sent = await request.read()
        target = url or self.server.url + request.path_qs
        headers, data = _headers(request), sent or None
        async with self.server.session.request(request.method, target, data=data, headers=headers) as answer:
            body = await answer.read()
            kept = {name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers}
            if request.method != "GET":
                self._note(request, answer.status, body)
            return web.Response(status=answer.status, body=body, headers=kept)

    def _note(self, request: web.Request, status: int, body: bytes) -> None:
        if "/selfsubjectaccessreviews" in request.path or "/events" in request.path:
            return
        at = asyncio.get_running_loop().time()
        template = ""
        if "/deployments/" in request.path and request.method == "PATCH" and status < 300:
            text = json.dumps(json.loads(body)["spec"]["template"], sort_keys=True)
            template = hashlib.sha256(text.encode()).hexdigest()
        if "/deployments/" in request.path and request.method == "DELETE":
            self.violations.append(f"deleted {request.path}")
        is_config = "/configmaps/" in request.path and "-config-" in request.path and request.method == "PATCH" and status < 300
        if is_config and not self.may_empty and not json.loads(json.loads(body)["data"]["config.json"])["connectors"]:
            self.violations.append(f"emptied the worker: {request.path}")
        self.writes.append(Write(request.method, request.path, status, template, at))

    # --- reads ---

    async def _read(self, request: web.Request) -> web.StreamResponse:
        stale = next((fault for fault in self._armed if fault.what == "stale"), None)
        is_list = "connectors.camunda.io/v1alpha1/" in request.path and request.path.endswith(
            ("/connectors", "/connectorruntimes")
        )
        if not stale or not is_list or "continue" in request.query:
            return await self._pass(request)
        self._event_number += 1
        if self._event_number >= stale.at:
            self._armed.remove(stale)
        self.fired.append(stale)
        now = int((await self.server.call("GET", f"{request.path}?limit=1"))["metadata"]["resourceVersion"])
        past = f"resourceVersion={max(1, now - stale.revisions)}&resourceVersionMatch=Exact"
        query = "&".join(part for part in request.query_string.split("&") if part and not part.startswith("resourceVersion"))
        return await self._pass(request, f"{self.server.url}{request.path}?{query}&{past}")

    async def _remembered(self, watch: Coroutine[Any, Any, web.StreamResponse]) -> web.StreamResponse:
        """A watch in a task of its own, so that it can be ended in good order."""
        task = asyncio.create_task(watch)
        self._watches.add(task)
        try:
            return await task
        finally:
            task.cancel()
            self._watches.discard(task)

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        url = self.server.url + request.path_qs
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.server.session.get(url, headers=_headers(request), timeout=timeout) as answer:
            stream = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
            await stream.prepare(request)
            async with aclosing(_lines(answer)) as lines, aclosing(self._spoiled(request, lines)) as spoilt:
                async for line in spoilt:
                    await stream.write(line)
            return stream

    async def _spoiled(self, request: web.Request, lines: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        held: list[bytes] = []
        async for line in lines:
            fault = None if b'"BOOKMARK"' in line[:40] else self._take(self._event_number, WATCHES)
            self._event_number += 1
            what = fault.what if fault else ""
            if what == "reorder":
                held.append(line)
                continue
            for piece in await _spoil(what, line):
                yield piece
            if what in ("cut", "half-line", "html"):
                _abort(request)
            while held:
                yield held.pop()


async def _spoil(what: str, line: bytes) -> list[bytes]:
    if what == "delay":
        await asyncio.sleep(2.0)
    if what == "silence":
        await asyncio.sleep(30.0)
    code = {"410": 410, "in-500": 500, "in-429": 429}.get(what)
    if code:
        return [json.dumps({"type": "ERROR", "object": _status(code)}).encode() + b"\n"]
    pieces = {
        "drop": [],
        "silence": [],
        "cut": [],
        "duplicate": [line, line],
        "half-line": [line[: len(line) // 2]],
        "html": [b"<html><body>Bad Gateway</body></html>\n"],
    }
    return pieces.get(what, [line])


async def _lines(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes]:
    rest = b""
    async for chunk in answer.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"


def _headers(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() not in _HOP}


def _abort(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


def _refuse(request: web.Request, what: str) -> web.Response:
    if what == "reset":
        return _abort(request)
    headers = {"Retry-After": "1"} if what == "429" else {}
    return web.json_response(_status(int(what)), status=int(what), headers=headers)


def _status(code: int) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "message": f"injected {code}", "reason": ""}

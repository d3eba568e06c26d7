"""The message part of Camunda's REST API, on loopback, as its public specification says.

https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/publish-message/
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from loopback_server import listening

MEMBERS = {
    "publication": {"name", "correlationKey", "timeToLive", "messageId", "variables", "tenantId"},
    "correlation": {"name", "correlationKey", "variables", "tenantId"},
}


@dataclass(slots=True)
class MessageServer:
    """Keeps what is sent, refuses what the specification does not know; keys are texts, as since version 8.7."""

    address: str = ""
    waiting: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """The instances that wait, by name and correlation key."""
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    refusal: int | None = None
    """Answers everything while it is set."""
    answer: Any = None
    """Is said instead of a message's key."""

    async def _send(self, request: web.Request) -> web.StreamResponse:
        how = request.match_info["how"]
        document: dict[str, Any] = await request.json()
        if self.refusal is not None:
            return _problem(self.refusal, "told to")
        if how not in MEMBERS or not document.get("name") or set(document) - MEMBERS[how]:
            return _problem(400, f"cannot read {sorted(document)} of a {how}")
        if how == "publication" and self._is_buffered(document):
            return _problem(409, "Expected to publish a new message, but a message with that id was already published")
        instance = self.waiting.get((document["name"], document.get("correlationKey", "")))
        if how == "correlation" and instance is None:
            return _problem(404, "Expected to find subscription for message, but none was found")
        self.sent.append((how, document))
        found: dict[str, Any] = {"messageKey": str(len(self.sent)), "tenantId": document.get("tenantId", "<default>")}
        if how == "correlation":
            found["processInstanceKey"] = str(instance)
        return web.json_response(found if self.answer is None else self.answer)

    def _is_buffered(self, document: dict[str, Any]) -> bool:
        """Whether one with the same id has time to live left; time stands still here."""
        same = (other for how, other in self.sent if how == "publication" and other.get("messageId"))
        return any(other["messageId"] == document.get("messageId") and other["timeToLive"] > 0 for other in same)

    @property
    def route(self) -> web.RouteDef:
        """Of an application."""
        return web.post("/v2/messages/{how}", self._send)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["MessageServer"]:
        """Listen until the block ends."""
        app = web.Application()
        app.add_routes([self.route])
        async with listening(app) as port:
            self.address = f"http://127.0.0.1:{port}"
            yield self


def _problem(status: int, detail: str) -> web.Response:
    return web.json_response({"type": "about:blank", "title": "refused", "status": status, "detail": detail}, status=status)

"""The document part of Camunda's REST API, on loopback, as its public specification says.

https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/create-document/
"""

import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from loopback_server import listening

STORE = "in-memory"
METADATA = {"contentType", "fileName", "expiresAt", "size", "processDefinitionId", "processInstanceKey", "customProperties"}


@dataclass(slots=True)
class DocumentServer:
    """Keeps what is uploaded and refuses what the specification does not know."""

    address: str = ""
    documents: dict[str, tuple[bytes, dict[str, Any]]] = field(default_factory=dict[str, tuple[bytes, dict[str, Any]]])
    """Content and reference by id."""
    authorizations: list[str | None] = field(default_factory=list[str | None])
    paths: list[str] = field(default_factory=list[str])
    """Of all requests, as they came."""
    refusal: int | None = None
    """Answers everything while it is set."""

    def put(self, content: bytes, *, name: str = "a.bin") -> dict[str, Any]:
        """Store a document past the API; the reference to it."""
        return self._keep(content, {"fileName": name, "contentType": "application/octet-stream"})

    def _keep(self, content: bytes, metadata: dict[str, Any]) -> dict[str, Any]:
        reference: dict[str, Any] = {
            "camunda.document.type": "camunda",
            "storeId": STORE,
            "documentId": f"document-{len(self.documents)}",
            "contentHash": hashlib.sha256(content).hexdigest(),
            "metadata": {"size": len(content), "expiresAt": None, "customProperties": {}} | metadata,
        }
        self.documents[reference["documentId"]] = (content, reference)
        return reference

    @web.middleware
    async def _observe(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.paths.append(request.rel_url.raw_path)
        self.authorizations.append(request.headers.get("Authorization"))
        return _problem(self.refusal, "told to") if self.refusal else await handler(request)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "multipart/form-data":
            return _problem(415, f"Content-Type '{request.content_type}' is not supported")
        content: bytes | None = None
        metadata: dict[str, Any] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "file":
                content = bytes(await part.read())
                metadata = {"fileName": part.filename, "contentType": part.headers.get("Content-Type")} | metadata
            elif part.name == "metadata" and part.headers.get("Content-Type", "").startswith("application/json"):
                metadata |= json.loads(await part.text())
            else:
                return _problem(400, f"unexpected part '{part.name}'")
        if content is None:
            return _problem(400, "Required part 'file' is not present.")
        if unknown := metadata.keys() - METADATA:
            return _problem(400, f"Unrecognized field {sorted(unknown)}")
        return web.json_response(self._keep(content, metadata), status=201)

    async def _read(self, request: web.Request) -> web.StreamResponse:
        found = self.documents.get(request.match_info["id"])
        if found is None or request.query.get("storeId", STORE) != STORE:
            return _problem(404, "document not found")
        content, reference = found
        if request.query.get("contentHash") != reference["contentHash"]:
            return _problem(400, "the content hash does not match")
        return web.Response(body=content)

    @asynccontextmanager
    async def running(self, *others: web.RouteDef) -> AsyncGenerator["DocumentServer"]:
        """Listen until the block ends; `others` are further parts of the API."""
        app = web.Application(middlewares=[self._observe], client_max_size=64 * 1024 * 1024)
        app.add_routes([web.post("/v2/documents", self._create), web.get("/v2/documents/{id}", self._read), *others])
        async with listening(app) as port:
            self.address = f"http://127.0.0.1:{port}"
            yield self


def _problem(status: int, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": "refused", "status": status, "detail": detail}
    return web.Response(text=json.dumps(body), status=status, content_type="application/problem+json")

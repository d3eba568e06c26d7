"""The document store of the cluster, over Camunda's REST API.

https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/create-document/
"""

import json
import mimetypes
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
from pydantic import ValidationError

from connector_runtime.rest_api import RestApi, RestError
from connector_sdk import ConnectorError, Document, InputError, RetryError
from connector_sdk.documents import MOST_BYTES

CREATED, OK, NOT_FOUND, SERVER_ERROR = 201, 200, 404, 500
SECONDS = 30.0
"""Between two signs of life of a transfer."""
SOME_TYPE = "application/octet-stream"
MOST_SHOWN = 300


class DocumentStore:
    """Implements the SDK's Documents; without an API it can only read what needs none."""

    def __init__(self, api: RestApi | None, http: httpx.AsyncClient) -> None:
        self._api = api if api is not None and api.address else None
        self._http = http
        """Of the connector functions: external documents obey the egress rules."""

    async def create(
        self,
        content: bytes,
        *,
        name: str | None = None,
        content_type: str | None = None,
        time_to_live: timedelta | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Document:
        """Store a document."""
        name = name or str(uuid4())
        kind = content_type or mimetypes.guess_type(name)[0] or SOME_TYPE
        metadata: dict[str, Any] = {"fileName": name, "contentType": kind}
        if time_to_live is not None:
            metadata["expiresAt"] = (datetime.now(UTC) + time_to_live).isoformat(timespec="seconds")
        if properties:
            metadata["customProperties"] = dict(properties)
        parts = {"file": (name, content, kind), "metadata": (None, json.dumps(metadata), "application/json")}
        try:
            async with self._reachable().answer("POST", "/v2/documents", seconds=SECONDS, files=parts) as answer:
                body = await answer.aread()
                if answer.status_code != CREATED:
                    raise _refusal("create a document", answer)
        except RestError as error:
            raise _unreachable("create a document", error) from error
        try:
            return Document.model_validate_json(body)
        except ValidationError as error:
            msg = f"cannot use what the document store answered: {error.error_count()} members of the reference are wrong"
            raise ConnectorError("DOCUMENT_STORE_ANSWER", msg) from error

    async def read(self, document: Document, *, most: int = MOST_BYTES) -> bytes:
        """The content of a document."""
        match document.kind:
            case "inline":
                return await _limited(_once(_inline(document.content)), most)
            case "external":
                return await self._external(document, most)
            case "camunda":
                return await self._stored(document, most)

    async def _stored(self, document: Document, most: int) -> bytes:
        # A store that keeps no hash takes none, and an empty parameter is a wrong one.
        query = {"storeId": document.store_id, "contentHash": document.content_hash}
        query = {name: value for name, value in query.items() if value}
        path = f"/v2/documents/{_path_segment(document.document_id or '')}"
        try:
            async with self._reachable().answer("GET", path, seconds=SECONDS, params=query) as answer:
                if answer.status_code != OK:
                    await answer.aread()
                    raise _refusal("read the document", answer)
                return await _limited(answer.aiter_bytes(), most)
        except RestError as error:
            raise _unreachable("read the document", error) from error

    async def _external(self, document: Document, most: int) -> bytes:
        try:
            async with self._http.stream("GET", document.url or "", timeout=SECONDS) as answer:
                if answer.status_code != OK:
                    await answer.aread()
                    raise _refusal("read the document", answer)
                return await _limited(answer.aiter_bytes(), most)
        except httpx.HTTPError as error:
            raise _unreachable("read the document", error) from error

    def _reachable(self) -> RestApi:
        if self._api is None:
            msg = "cannot reach a document store: set spec.camunda.restAddress of the ConnectorRuntime"
            raise InputError(msg)
        return self._api


def _inline(content: Any) -> bytes:
    return content.encode() if isinstance(content, str) else orjson.dumps(content)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _limited(pieces: AsyncIterator[bytes], most: int) -> bytes:
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > most:
            msg = f"cannot read the document: it has more than {most} bytes"
            raise InputError(msg)
    return bytes(content)


def _path_segment(text: str) -> str:
    """An id is data of the process: it must not reach another path."""
    return httpx.URL(path=text).raw_path.decode().replace("/", "%2F") if text not in (".", "..") else "%2E"


def _refusal(what: str, answer: httpx.Response) -> ConnectorError:
    """A read answer that is none of those hoped for."""
    msg = f"cannot {what}: the store answered {answer.status_code} {answer.text[:MOST_SHOWN]}"
    if answer.status_code == NOT_FOUND:
        return RetryError(msg, retries=0, code="DOCUMENT_NOT_FOUND")
    if answer.status_code >= SERVER_ERROR:
        return ConnectorError("DOCUMENT_STORE_UNAVAILABLE", msg)
    return RetryError(msg, retries=0, code="DOCUMENT_REFUSED")


def _unreachable(what: str, error: Exception) -> ConnectorError:
    return ConnectorError("DOCUMENT_STORE_UNAVAILABLE", f"cannot {what}: {error}")

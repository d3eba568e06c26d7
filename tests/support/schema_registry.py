"""A schema registry on loopback, as Confluent's answers: it gives each schema an id, and reads what carries one.

https://docs.confluent.io/platform/current/schema-registry/develop/api.html
"""

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web
from loopback_server import listening

AVRO: Any = pytest.importorskip("fastavro")
FIRST_ID = 100_001


@dataclass(slots=True)
class SchemaRegistry:
    """Knows one schema for each subject: whatever else comes is not compatible with it."""

    address: str = ""
    login: tuple[str, str] | None = None
    """Who alone is let in, while it is set."""
    refusal: int | None = None
    """Answers everything while it is set."""
    subjects: dict[str, int] = field(default_factory=dict[str, int])
    schemas: list[Any] = field(default_factory=list[Any])
    asked: int = 0

    async def register(self, request: web.Request) -> web.Response:
        """The id of a schema, the same as before for one that is known."""
        self.asked += 1
        if self.refusal is not None:
            return _problem(self.refusal, self.refusal * 100 + 1, "told to")
        if self.login is not None and request.headers.get("Authorization") != encode_basic_auth(*self.login):
            return _problem(401, 40101, "Unauthorized")
        document = await request.json()
        if set(document) != {"schema"} or not isinstance(document["schema"], str):
            return _problem(422, 42201, "Invalid schema: it must be a text")
        schema, subject = json.loads(document["schema"]), request.match_info["subject"]
        if schema not in self.schemas:
            self.schemas.append(schema)
        number = FIRST_ID + self.schemas.index(schema)
        if self.subjects.setdefault(subject, number) != number:
            return _problem(409, 409, "Schema being registered is incompatible with an earlier schema")
        return web.json_response({"id": number})

    def read(self, record: bytes) -> Any:
        """The value of a record; ValueError for one that is not framed as readers want it, to its last byte."""
        magic, number, body = record[:1], int.from_bytes(record[1:5], "big"), io.BytesIO(record[5:])
        if magic != b"\0" or len(record) < 5 or not 0 <= number - FIRST_ID < len(self.schemas):
            msg = f"no magic byte, or an id of no schema: {record[:5].hex()}"
            raise ValueError(msg)
        value = AVRO.schemaless_reader(body, AVRO.parse_schema(self.schemas[number - FIRST_ID]))
        if body.read():
            msg = "more bytes than the schema has"
            raise ValueError(msg)
        return value


@asynccontextmanager
async def schema_registry() -> AsyncGenerator[SchemaRegistry]:
    """Serve one that knows nothing."""
    registry = SchemaRegistry()
    app = web.Application()
    app.add_routes([web.post("/subjects/{subject}/versions", registry.register)])
    async with listening(app) as port:
        registry.address = f"http://127.0.0.1:{port}"
        yield registry


def _problem(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"error_code": code, "message": message}, status=status)

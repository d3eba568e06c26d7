"""The body of an HTTP request, in the form that its Content-Type asks for."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote_plus

import httpx
import orjson
from pydantic import ValidationError

from connector_sdk import Document, Documents, InputError
from connector_sdk.documents import DocumentMetadata
from connectors._http_address import pairs, scalar

KIND = b"camunda.document.type"
"""The member by which a reference to a document is known."""
Files = list[tuple[str, tuple[str | None, bytes, str | None] | tuple[None, bytes]]]


async def request_body(body: Any, content_type: str | None, documents: Documents) -> tuple[bytes, str]:
    """The bytes and their Content-Type; a document is a file of a multipart body, and base64 text elsewhere."""
    if body is None:
        return b"", content_type or "text/plain; charset=UTF-8"
    content_type = content_type or "application/json"
    if isinstance(body, str):
        return body.encode(), content_type
    kind = content_type.partition(";")[0].strip().lower()
    if isinstance(body, dict):
        members = cast("dict[str, Any]", body)
        if kind == "application/x-www-form-urlencoded":
            return pairs(list(members.items()), quote_plus).encode(), content_type
        if kind == "multipart/form-data":
            return await _multipart(members, content_type, documents)
    content = orjson.dumps(body)
    return orjson.dumps(await _with_contents(body, documents)) if KIND in content else content, content_type


def without_nulls(value: Any) -> Any:
    """The same without the members of objects that have no value, at every depth."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: without_nulls(member) for name, member in members.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[Any]", value)]
    return value


async def _multipart(body: Mapping[str, Any], content_type: str, documents: Documents) -> tuple[bytes, str]:
    """Each member is a part; a list gives its part several times, null gives none."""
    parts: Files = []
    for name, value in body.items():
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        parts += [(name, await _part(item, documents)) for item in values if item is not None]
    boundary = {"Content-Type": content_type} if "boundary=" in content_type else {}
    message = httpx.Request("POST", "http://unsent", files=parts, headers=boundary)
    return message.read(), message.headers["Content-Type"]


async def _part(value: Any, documents: Documents) -> tuple[str | None, bytes, str | None] | tuple[None, bytes]:
    document = _document(value)
    if document is None:
        return None, scalar(value).encode()
    known = document.metadata or DocumentMetadata()
    name = known.file_name or document.name or "document"
    return name, await documents.read(document), known.content_type or document.content_type or "application/octet-stream"


async def _with_contents(value: Any, documents: Documents) -> Any:
    if (document := _document(value)) is not None:
        return b64encode(await documents.read(document)).decode()
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: await _with_contents(member, documents) for name, member in members.items()}
    if isinstance(value, list):
        return [await _with_contents(item, documents) for item in cast("list[Any]", value)]
    return value


def _document(value: Any) -> Document | None:
    """The document that a value refers to; None when it is a value like any other."""
    if not isinstance(value, dict) or KIND.decode() not in value:
        return None
    try:
        return Document.model_validate(value)
    except ValidationError as error:
        msg = f"cannot send a document: its reference is incomplete: {error.errors()[0]['msg']}"
        raise InputError(msg) from None

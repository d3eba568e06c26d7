"""Files on their way between a job and a store: a document or a plain text in, a document or the content itself out."""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import orjson
from pydantic import Field, ValidationError

from connector_sdk import Context, Document, InputError
from connector_sdk.documents import KIND, MOST_BYTES
from connectors._return_format import ReturnFormat

MOST_INLINE_BYTES = 1_000_000
"""Of a file whose content becomes a variable: Zeebe takes messages of some 4 MB, all variables of a job together."""
SOME_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class File:
    """What is stored elsewhere."""

    content: bytes
    name: str | None = None
    content_type: str | None = None


DOCUMENT = "The document's reference, where one is created"
CONTENT = "JSON, a text, or other content as Base64, where no document is created"
ELEMENT = "The document's reference; or JSON, a text, or other content as Base64"


def document_field() -> Any:
    """The field of what is uploaded."""
    return Field(default=None, description="A document, or a text", examples=["=invoice"])


def as_file_field() -> Any:
    """The field that says what becomes of a download."""
    return Field(default=False, title="Create document", description="Off: the content becomes a variable")


def required_name(name: str | None, field: str) -> str:
    """The name under which a file is stored; InputError when there is none."""
    if not name:
        msg = f"cannot tell which file: {field} is empty"
        raise InputError(msg)
    return name


def stored_file(content: bytes, path: str, content_type: str | None) -> File:
    """What a store has under a path; its name is the path's last part."""
    return File(content, path.rpartition("/")[2] or path, content_type)


async def file_of(value: Any, context: Context, field: str) -> File:
    """The file that a process variable names or is; InputError for anything but a document or a text."""
    if isinstance(value, str):
        return File(value.encode(), content_type="text/plain; charset=utf-8")
    document = as_document(value)
    if document is None:
        msg = f"cannot use {field}: it must be a document or a text"
        raise InputError(msg)
    metadata = document.metadata
    name = (metadata.file_name if metadata else None) or document.name
    kind = (metadata.content_type if metadata else None) or document.content_type
    return File(await context.documents.read(document), name, kind)


async def files_of(value: Any, context: Context, field: str) -> AsyncIterator[File]:
    """The files of a document or a list of documents, read one by one, each with a name; InputError for anything but null."""
    if value is None or value == "":
        return
    documents = cast("list[Any]", value) if isinstance(value, list) else [value]
    if any(as_document(item) is None for item in documents):
        msg = f"cannot use {field}: it must be a document or a list of documents"
        raise InputError(msg)
    for place, item in enumerate(documents, start=1):
        file = await file_of(item, context, field)
        yield file if file.name else replace(file, name=f"attachment-{place}")


def as_document(value: Any) -> Document | None:
    """The document that a process variable names; a list of one is that one. InputError for half a reference."""
    if isinstance(value, list) and len(cast("list[Any]", value)) == 1:
        return as_document(value[0])
    if not isinstance(value, Mapping) or KIND not in value:
        return None
    try:
        return Document.model_validate(value)
    except ValidationError as error:
        msg = f"cannot use this document: {error.errors()[0]['msg']}"
        raise InputError(msg) from error


def check_size(size: int | None, *, as_document: bool) -> None:
    """InputError when a file is too large for what it is to become."""
    if size is None or size <= (MOST_BYTES if as_document else MOST_INLINE_BYTES):
        return
    if as_document:
        msg = f"cannot read a file of {size} bytes: more than {MOST_BYTES} are too many for one job"
    else:
        msg = f"cannot put a file of {size} bytes into a variable: more than {MOST_INLINE_BYTES} are too many, create a document"
    raise InputError(msg)


async def element_of(file: File, context: Context, *, as_document: bool, wanted: ReturnFormat | None = None) -> Any:
    """What the process gets: a reference to a new document, what is wanted, or by the file's type JSON, a text, or Base64."""
    check_size(len(file.content), as_document=as_document)
    if as_document:
        document = await context.documents.create(file.content, name=file.name, content_type=file.content_type)
        return document.model_dump(by_alias=True, exclude_none=True)
    if wanted is not None:
        return wanted.read(file.content)
    kind = (file.content_type or "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return _json(file.content)
    if kind.startswith("text/"):
        return file.content.decode(errors="replace")
    return base64.b64encode(file.content).decode()


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")

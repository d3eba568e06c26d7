"""What `createDocument(…)` in an expression becomes: a document in the store, and the reference to it in the variables.

An expression is judged at once and the store is asked in between: the first time it gives the contents to be stored, the
second time, with the references known, its result. As in Camunda's own runtime the value is Base64, or a context with it as
`content` or `data`, beside an optional `name` or `fileName` and a `contentType`.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from camunda_feel import DocumentToCreate
from connector_runtime.json_values import Json, is_object, kind_of
from connector_sdk import Documents, InputError


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Something to be stored; equal ones are one document."""

    content: bytes = field(repr=False)
    name: str | None = None
    content_type: str | None = None


StoredDocuments = Mapping[NewDocument, Json]


class NeedsDocumentsError(Exception):
    """An expression creates documents: judge again once these are stored."""

    def __init__(self, documents: list[NewDocument]) -> None:
        super().__init__(f"{len(documents)} documents")
        self.documents = documents


def with_references(result: Json, stored: StoredDocuments) -> Json:
    """The result of an expression, with references to its documents; raises NeedsDocumentsError, and InputError for others."""
    if isinstance(result, DocumentToCreate):
        msg = "cannot use a bare createDocument(…) as the result: give it a name, such as {file: createDocument(…)}"
        raise InputError(msg)
    if not is_object(result):
        return result
    missing: list[NewDocument] = []
    replaced = _replaced(result, stored, missing)
    if missing:
        raise NeedsDocumentsError(missing)
    return replaced


async def store(needed: NeedsDocumentsError, documents: Documents) -> StoredDocuments:
    """Store what is needed, one after the other; raises ConnectorError."""
    stored: dict[NewDocument, Json] = {}
    for new in needed.documents:
        if new not in stored:
            made = await documents.create(new.content, name=new.name, content_type=new.content_type)
            stored[new] = made.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return stored


def _replaced(value: Json, stored: StoredDocuments, missing: list[NewDocument]) -> Json:
    if isinstance(value, DocumentToCreate):
        new = _new_document(value.get("value"))
        if new in stored:
            return stored[new]
        missing.append(new)
        return None
    if isinstance(value, list):
        return [_replaced(item, stored, missing) for item in value]
    if is_object(value):
        return {name: _replaced(item, stored, missing) for name, item in value.items()}
    return value


def _new_document(value: Json) -> NewDocument:
    members: Mapping[str, Json] = value if is_object(value) else {"content": value}
    content = next((members[name] for name in ("content", "data") if isinstance(members.get(name), str)), None)
    if not isinstance(content, str):
        msg = f"cannot create a document from {kind_of(value)}: give Base64 text, or a context with it as 'content' or 'data'"
        raise InputError(msg)
    try:
        # Base64 of mails and many APIs is broken into lines.
        decoded = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"cannot create a document: its content is not Base64: {error}"
        raise InputError(msg) from error
    return NewDocument(decoded, _text(members, "name", "fileName"), _text(members, "contentType"))


def _text(members: Mapping[str, Json], *names: str) -> str | None:
    found = (members.get(name) for name in names)
    return next((text for text in found if isinstance(text, str) and text.strip()), None)

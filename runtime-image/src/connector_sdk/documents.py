"""Documents: files that process variables only refer to.

https://docs.camunda.io/docs/components/document-handling/getting-started/
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, Protocol, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

KIND = "camunda.document.type"
MOST_BYTES = 32 * 1024 * 1024
"""Of one document that is read: all jobs of a pod share its memory."""


class DocumentMetadata(BaseModel):
    """What is known about a stored document; more may come with newer versions."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")

    file_name: str | None = None
    content_type: str | None = None
    size: int | None = None


class Document(BaseModel):
    """A reference to a document, as a process variable holds it; as a function's result it becomes one.

    In the document store of the cluster (`camunda`), at an address (`external`), or with its content in it (`inline`), a text
    or any other value as JSON.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")

    # Version 8.6 of the API has another name for it.
    kind: Literal["camunda", "external", "inline"] = Field(
        validation_alias=AliasChoices(KIND, "documentType", "kind"), serialization_alias=KIND
    )
    store_id: str | None = None
    document_id: str | None = None
    content_hash: str | None = None
    metadata: DocumentMetadata | None = None
    url: str | None = None
    content: Any = None
    name: str | None = None
    content_type: str | None = None

    @model_validator(mode="after")
    def _names_its_content(self) -> Self:
        needed = {"camunda": "document_id", "external": "url", "inline": "content"}[self.kind]
        if getattr(self, needed) is None:
            msg = f"a document of the kind '{self.kind}' has '{to_camel(needed)}'"
            raise ValueError(msg)
        return self


class Documents(Protocol):
    """The document store, as a connector function sees it in `context.documents`."""

    async def create(
        self,
        content: bytes,
        *,
        name: str | None = None,
        content_type: str | None = None,
        time_to_live: timedelta | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Document:
        """Store a document and return the reference to it; without a type it is guessed by the name.

        Raises InputError where no document store is configured, and ConnectorError when it refuses or cannot be reached.
        """
        ...

    async def read(self, document: Document, *, most: int = MOST_BYTES) -> bytes:
        """The content of a document of any kind.

        Raises InputError when it has more than `most` bytes, and ConnectorError with the code `DOCUMENT_NOT_FOUND` when it
        is gone.
        """
        ...

"""How a process wants content that a connector was given: as a document, as a text, or as what its JSON means.

https://docs.camunda.io/docs/next/components/document-handling/send-document-to-external-system/#return-formats
"""

from enum import Enum
from typing import Any

import orjson
from pydantic import BaseModel, Field, field_validator

from connector_sdk import InputError
from connectors._spelling import CAMEL


class ReturnChoice(Enum):
    """What the content becomes."""

    DOCUMENT = "DOCUMENT"
    TEXT = "TEXT"
    JSON = "JSON"


class ReturnFormat(BaseModel):
    """What element templates since 8.10 ask for; older ones say only whether the content becomes a document."""

    model_config = CAMEL

    choice: ReturnChoice
    encoding: str = Field(default="UTF-8", description="Of a text")

    @field_validator("encoding", mode="before")
    @classmethod
    def _of_texts(cls, value: Any) -> Any:
        if value is None or value == "":
            return "UTF-8"
        try:
            b" ".decode(value, errors="replace")  # nothing at all is decoded by any name
        except (LookupError, TypeError) as error:
            msg = f"'{value}' is not the name of an encoding, such as UTF-8 or ISO-8859-1"
            raise ValueError(msg) from error
        return value

    def read(self, content: bytes) -> Any:
        """The text, or what the JSON means, null for none; InputError when it is no JSON."""
        if self.choice is ReturnChoice.TEXT:
            return content.decode(self.encoding, errors="replace")
        try:
            return orjson.loads(content) if content.strip() else None
        except orjson.JSONDecodeError as error:
            msg = f"cannot return the content as JSON: {error}; set documentReturnFormat.choice to TEXT or DOCUMENT"
            raise InputError(msg) from error


def wants_document(wanted: ReturnFormat | None, *, older: bool) -> bool:
    """Whether the content becomes a document; `older` is what a diagram says that names no format."""
    return older if wanted is None else wanted.choice is ReturnChoice.DOCUMENT

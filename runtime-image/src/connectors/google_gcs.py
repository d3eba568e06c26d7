"""Google Cloud Storage: `io.camunda:google-gcs:1`, with the inputs of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/google-cloud-storage/
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, cast
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, Field, SecretStr, model_validator

from connector_sdk import Context, TemplateHint, connector
from connectors._files import (
    CONTENT,
    DOCUMENT,
    SOME_TYPE,
    as_file_field,
    check_size,
    document_field,
    element_of,
    file_of,
    required_name,
    stored_file,
)
from connectors._gcs_storage import checked_key, close_clients, gcs_storage
from connectors._http_address import SERVICE_ADDRESS
from connectors._return_format import ReturnFormat, wants_document
from connectors._spelling import CAMEL


class Operation(Enum):
    """What to do with an object."""

    UPLOAD = "uploadObject"
    DOWNLOAD = "downloadObject"


_UPLOAD = {"property": "operationDiscriminator", "equals": Operation.UPLOAD.value}
_DOWNLOAD = {"property": "operationDiscriminator", "equals": Operation.DOWNLOAD.value}
_CHOICES = {"uploadObject": "Upload document", "downloadObject": "Download document"}


class ServiceAccount(BaseModel):
    """Who calls."""

    model_config = CAMEL

    json_key: SecretStr = Field(
        default=SecretStr("{{secrets.GOOGLE_SERVICE_ACCOUNT_KEY}}"), title="JSON key", description="Of a service account"
    )


class ObjectOperation(BaseModel):
    """The object, and what goes in or out."""

    model_config = CAMEL

    project: str | None = Field(default=None, title="Project ID", examples=["shop-4711"])
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", examples=["orders"])
    file_name: str | None = Field(
        default=None, description="Uploading: empty for the document's file name", examples=["2026/4711.pdf"]
    )
    document: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_UPLOAD)] = document_field()
    as_document: Annotated[bool, TemplateHint(condition=_DOWNLOAD)] = as_file_field()

    @model_validator(mode="before")
    @classmethod
    def _older(cls, value: Any) -> Any:
        """Version 1 of our element template has the name that other stores have."""
        if not isinstance(value, Mapping) or "asFile" not in value:
            return cast("Any", value)
        given = cast("Mapping[str, Any]", value)
        return {"asDocument": given["asFile"], **given}


class GcsRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL

    authentication: Annotated[ServiceAccount, TemplateHint(group="authentication")] = Field(default_factory=ServiceAccount)
    operation_discriminator: Annotated[Operation, TemplateHint(group="operation", label="Operation", choices=_CHOICES)] = (
        Operation.UPLOAD
    )
    operation: Annotated[ObjectOperation, TemplateHint(group="operation")]
    document_return_format: Annotated[ReturnFormat | None, TemplateHint(hidden=True)] = None


class GcsSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL

    base_url: str = Field(default="https://storage.googleapis.com", pattern=SERVICE_ADDRESS)
    timeout_seconds: float = Field(default=60, gt=0, le=1000, description="For a connection, and for each piece of an answer")


class Uploaded(BaseModel):
    """What the process gets of an upload."""

    model_config = CAMEL

    bucket: str
    file_name: str
    link: str = Field(description="Address of the object, for who may read it")


class Downloaded(BaseModel):
    """What the process gets of a download."""

    model_config = CAMEL

    bucket: str
    file_name: str
    document: Any = Field(default=None, description=DOCUMENT)
    content: Any = Field(default=None, description=CONTENT)


@connector(
    id="io.camunda:google-gcs:1",
    name="Google Cloud Storage",
    version=2,
    description="Upload and download objects of a Google Cloud Storage bucket",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/google-cloud-storage/",
    settings=GcsSettings,
    on_close=close_clients,
)
async def google_gcs(request: GcsRequest, context: Context) -> Uploaded | Downloaded:
    """Move one file; doing it twice makes no difference."""
    if request.operation_discriminator is Operation.UPLOAD:
        return await _upload(request, context)
    return await _download(request, context)


async def _upload(request: GcsRequest, context: Context) -> Uploaded:
    operation, settings = request.operation, _settings(context)
    file = await file_of(operation.document, context, "operation.document")
    name = required_name(operation.file_name or file.name, "operation.fileName")
    key = checked_key(request.authentication.json_key.get_secret_value())
    async with gcs_storage(context, settings.base_url, key, settings.timeout_seconds) as storage:
        await storage.upload(
            operation.bucket,
            name,
            file.content,
            content_type=file.content_type or SOME_TYPE,
            force_resumable_upload=False,
            timeout=_timeout(settings),
        )
    link = f"{settings.base_url.rstrip('/')}/{operation.bucket}/{quote(name)}"
    return Uploaded(bucket=operation.bucket, file_name=name, link=link)


async def _download(request: GcsRequest, context: Context) -> Downloaded:
    operation, settings = request.operation, _settings(context)
    name = required_name(operation.file_name, "operation.fileName")
    wanted = request.document_return_format
    as_document = wants_document(wanted, older=operation.as_document)
    key = checked_key(request.authentication.json_key.get_secret_value())
    async with gcs_storage(context, settings.base_url, key, settings.timeout_seconds) as storage:
        metadata = await storage.download_metadata(operation.bucket, name, timeout=_timeout(settings))
        check_size(int(metadata.get("size") or 0), as_document=as_document)
        content = await storage.download(operation.bucket, name, timeout=_timeout(settings))
    file = stored_file(content, name, metadata.get("contentType"))
    element = await element_of(file, context, as_document=as_document, wanted=wanted)
    member = {"document" if as_document else "content": element}
    return Downloaded(bucket=operation.bucket, file_name=name, **member)


def _settings(context: Context) -> GcsSettings:
    return context.settings


def _timeout(settings: GcsSettings) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=settings.timeout_seconds, sock_read=settings.timeout_seconds)

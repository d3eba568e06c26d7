"""Azure Blob Storage: `io.camunda:azure-blobstorage:1`, with the inputs of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/azure-blob-storage/
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr, model_validator

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._azure_blobs import azure_container, close_clients, container_url
from connectors._extras import extra
from connectors._files import (
    ELEMENT,
    SOME_TYPE,
    as_file_field,
    check_size,
    document_field,
    element_of,
    file_of,
    required_name,
    stored_file,
)
from connectors._spelling import CAMEL

with extra("azure"):
    from azure.storage.blob import ContentSettings


class Operation(Enum):
    """What to do with a blob."""

    UPLOAD = "uploadBlob"
    DOWNLOAD = "downloadBlob"


_UPLOAD = {"property": "operationDiscriminator", "equals": Operation.UPLOAD.value}
_DOWNLOAD = {"property": "operationDiscriminator", "equals": Operation.DOWNLOAD.value}


class SharedAccess(BaseModel):
    """A shared access signature."""

    model_config = CAMEL

    type: Annotated[Literal["SAS"], TemplateHint(hidden=True)] = "SAS"
    sas_token: SecretStr | None = Field(
        default=SecretStr("{{secrets.AZURE_SAS_TOKEN}}"), title="SAS token", description="Empty where the SAS URL has it"
    )
    sas_url: SecretStr = Field(title="SAS URL", examples=["https://shop.blob.core.windows.net/orders"])

    @model_validator(mode="before")
    @classmethod
    def _in_one_spelling(cls, value: Any) -> Any:
        """Capitals in the members' names make no difference."""
        if not isinstance(value, Mapping):
            return value
        known = {"sastoken": "sasToken", "sasurl": "sasUrl", "type": "type"}
        given = {known.get(name.lower(), name): member for name, member in cast("Mapping[str, Any]", value).items()}
        if isinstance(given.get("type"), str):
            given["type"] = given["type"].upper()
        return given


class BlobOperation(BaseModel):
    """The blob, and what goes in or out."""

    model_config = CAMEL

    container: str = Field(min_length=1, examples=["orders"])
    file_name: str | None = Field(
        default=None, description="Uploading: empty for the document's file name", examples=["2026/4711.pdf"]
    )
    document: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_UPLOAD)] = document_field()
    as_file: Annotated[bool, TemplateHint(condition=_DOWNLOAD)] = as_file_field()


class AzureBlobRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL

    authentication: Annotated[SharedAccess, TemplateHint(group="authentication")]
    operation_discriminator: Annotated[
        Operation,
        TemplateHint(
            group="operation", label="Operation", choices={"uploadBlob": "Upload document", "downloadBlob": "Download document"}
        ),
    ] = Operation.UPLOAD
    operation: Annotated[BlobOperation, TemplateHint(group="operation")]


class AzureSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL

    timeout_seconds: float = Field(default=60, gt=0, le=1000, description="For a connection, and for each piece of an answer")


class Uploaded(BaseModel):
    """What the process gets of an upload."""

    model_config = CAMEL

    container: str
    file_name: str
    link: str = Field(description="Address of the blob, without the signature")


class Downloaded(BaseModel):
    """What the process gets of a download."""

    model_config = CAMEL

    container: str
    file_name: str
    element: Any = Field(description=ELEMENT)


@connector(
    id="io.camunda:azure-blobstorage:1",
    name="Azure Blob Storage",
    version=1,
    description="Upload and download blobs of an Azure container",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/azure-blob-storage/",
    settings=AzureSettings,
    on_close=close_clients,
)
async def azure_blobstorage(request: AzureBlobRequest, context: Context) -> Uploaded | Downloaded:
    """Move one file; doing it twice makes no difference."""
    if request.operation_discriminator is Operation.UPLOAD:
        return await _upload(request, context)
    return await _download(request, context)


async def _upload(request: AzureBlobRequest, context: Context) -> Uploaded:
    operation = request.operation
    file = await file_of(operation.document, context, "operation.document")
    name = required_name(operation.file_name or file.name, "operation.fileName")
    url, token = _place(request)
    settings: AzureSettings = context.settings
    kind = ContentSettings(content_type=file.content_type or SOME_TYPE)
    async with azure_container(context, url, token, settings.timeout_seconds) as container:
        await container.upload_blob(name, file.content, overwrite=True, content_settings=kind)
    return Uploaded(container=operation.container, file_name=name, link=f"{url}/{quote(name)}")


async def _download(request: AzureBlobRequest, context: Context) -> Downloaded:
    operation = request.operation
    name = required_name(operation.file_name, "operation.fileName")
    url, token = _place(request)
    settings: AzureSettings = context.settings
    async with azure_container(context, url, token, settings.timeout_seconds) as container:
        coming = await container.download_blob(name)
        check_size(coming.properties.size, as_document=operation.as_file)
        content = await coming.readall()
        kind = coming.properties.content_settings.content_type
    file = stored_file(content, name, kind)
    element = await element_of(file, context, as_document=operation.as_file)
    return Downloaded(container=operation.container, file_name=name, element=element)


def _place(request: AzureBlobRequest) -> tuple[str, str]:
    access = request.authentication
    url, own = container_url(access.sas_url.get_secret_value(), request.operation.container)
    given = access.sas_token.get_secret_value().strip().removeprefix("?") if access.sas_token is not None else ""
    token = given or own
    if not token:
        msg = "cannot log in to Azure: set authentication.sasToken"
        raise InputError(msg)
    return url, token

"""Azure Blob Storage: `io.camunda:azure-blobstorage:1`, with the inputs of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/azure-blob-storage/
"""

import asyncio
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._azure_blobs import Bearer, azure_container, close_clients, container_url
from connectors._entra import ClientId, TenantId, access_token, application_form, login_url_field
from connectors._extras import extra
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
from connectors._return_format import ReturnFormat, wants_document
from connectors._spelling import CAMEL

with extra("azure"):
    from azure.storage.blob import ContentSettings


SCOPE = "https://storage.azure.com/.default"
"""https://learn.microsoft.com/en-us/azure/storage/blobs/authorize-access-azure-active-directory"""


class Operation(Enum):
    """What to do with a blob."""

    UPLOAD = "uploadBlob"
    DOWNLOAD = "downloadBlob"


_UPLOAD = {"property": "operationDiscriminator", "equals": Operation.UPLOAD.value}
_DOWNLOAD = {"property": "operationDiscriminator", "equals": Operation.DOWNLOAD.value}


class SharedAccess(BaseModel):
    """A shared access signature."""

    model_config = ConfigDict(title="SAS token", populate_by_name=True)

    type: Literal["SAS"] = "SAS"
    sas_token: SecretStr | None = Field(
        default=None,
        alias="SASToken",
        title="SAS token",
        description="Empty where the SAS URL has it",
        examples=["{{secrets.AZURE_SAS_TOKEN}}"],
    )
    sas_url: SecretStr = Field(alias="SASUrl", title="SAS URL", examples=["https://shop.blob.core.windows.net/orders"])


class EntraApplication(BaseModel):
    """An application that Microsoft Entra ID knows, with a role at the storage account or the container."""

    model_config = CAMEL | ConfigDict(title="OAuth 2.0 (Microsoft Entra ID)")

    type: Literal["oAuth-client-credentials-flow"] = "oAuth-client-credentials-flow"
    tenant_id: TenantId
    client_id: ClientId
    client_secret: SecretStr = Field(examples=["{{secrets.AZURE_CLIENT_SECRET}}"])
    account_url: str = Field(title="Account URL", examples=["https://shop.blob.core.windows.net"])


Authentication = Annotated[
    SharedAccess | EntraApplication,
    Field(discriminator="type", title="Authentication"),
    TemplateHint(group="authentication", label="Type"),
]


class BlobOperation(BaseModel):
    """The blob, and what goes in or out."""

    model_config = CAMEL

    container: str = Field(min_length=1, examples=["orders"])
    file_name: str | None = Field(
        default=None, description="Uploading: empty for the document's file name", examples=["2026/4711.pdf"]
    )
    document: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_UPLOAD)] = document_field()
    as_file: Annotated[bool, TemplateHint(condition=_DOWNLOAD)] = as_file_field()
    timeout: Annotated[float | None, TemplateHint(condition=_UPLOAD)] = Field(
        default=None, gt=0, description="Seconds that the upload may take as a whole"
    )


_NAMES = {"sasToken": "SASToken", "sasUrl": "SASUrl"}


class AzureBlobRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL

    authentication: Authentication
    operation_discriminator: Annotated[
        Operation,
        TemplateHint(
            group="operation", label="Operation", choices={"uploadBlob": "Upload document", "downloadBlob": "Download document"}
        ),
    ] = Operation.UPLOAD
    operation: Annotated[BlobOperation, TemplateHint(group="operation")]
    document_return_format: Annotated[ReturnFormat | None, TemplateHint(hidden=True)] = None

    @model_validator(mode="before")
    @classmethod
    def _older(cls, value: Any) -> Any:
        """Old diagrams say nothing about the kind of authentication, or spell a signature's members as all others."""
        given = cast("Mapping[str, Any]", value).get("authentication") if isinstance(value, Mapping) else None
        if not isinstance(given, Mapping):
            return cast("Any", value)
        members = {_NAMES.get(name, name): member for name, member in cast("Mapping[str, Any]", given).items()}
        return {**cast("Mapping[str, Any]", value), "authentication": {"type": "SAS", **members}}


class AzureSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL

    timeout_seconds: float = Field(default=60, gt=0, le=1000, description="For a connection, and for each piece of an answer")
    login_url: str = login_url_field()


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
    document: Any = Field(default=None, description=DOCUMENT)
    content: Any = Field(default=None, description=CONTENT)


@connector(
    id="io.camunda:azure-blobstorage:1",
    name="Azure Blob Storage",
    version=2,
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
    url, credential = await _place(request, context)
    settings: AzureSettings = context.settings
    kind = ContentSettings(content_type=file.content_type or SOME_TYPE)
    async with (
        azure_container(context, url, credential, settings.timeout_seconds) as container,
        asyncio.timeout(operation.timeout),
    ):
        await container.upload_blob(name, file.content, overwrite=True, content_settings=kind)
    return Uploaded(container=operation.container, file_name=name, link=f"{url}/{quote(name)}")


async def _download(request: AzureBlobRequest, context: Context) -> Downloaded:
    operation = request.operation
    name = required_name(operation.file_name, "operation.fileName")
    wanted = request.document_return_format
    as_document = wants_document(wanted, older=operation.as_file)
    url, credential = await _place(request, context)
    settings: AzureSettings = context.settings
    async with azure_container(context, url, credential, settings.timeout_seconds) as container:
        coming = await container.download_blob(name)
        check_size(coming.properties.size, as_document=as_document)
        content = await coming.readall()
        kind = coming.properties.content_settings.content_type
    file = stored_file(content, name, kind)
    element = await element_of(file, context, as_document=as_document, wanted=wanted)
    member = {"document" if as_document else "content": element}
    return Downloaded(container=operation.container, file_name=name, **member)


async def _place(request: AzureBlobRequest, context: Context) -> tuple[str, str | Bearer]:
    """The container's address, and what opens it."""
    access, container = request.authentication, request.operation.container
    if isinstance(access, EntraApplication):
        url, _ = container_url(access.account_url, container, "authentication.accountUrl", schemes=("https",))
        return url, Bearer(await _token(access, context))
    url, own = container_url(access.sas_url.get_secret_value(), container, "authentication.SASUrl")
    given = access.sas_token.get_secret_value().strip().removeprefix("?") if access.sas_token is not None else ""
    token = given or own
    if not token:
        msg = "cannot log in to Azure: set authentication.SASToken"
        raise InputError(msg)
    return url, token


async def _token(application: EntraApplication, context: Context) -> str:
    settings: AzureSettings = context.settings
    form = application_form(application.client_id, application.client_secret, SCOPE)
    return await access_token(context, settings.login_url, application.tenant_id, form, settings.timeout_seconds)

"""Amazon S3: `io.camunda:aws-s3:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-s3/
"""

from enum import Enum
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from connector_sdk import Context, TemplateHint, connector
from connectors._aws_access import AwsRequest, AwsSettings
from connectors._aws_clients import aws_client, close_clients
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
from connectors._return_format import ReturnFormat, wants_document
from connectors._spelling import CAMEL_TEXTS


class Operation(Enum):
    """What to do with an object."""

    UPLOAD = "uploadObject"
    DOWNLOAD = "downloadObject"
    DELETE = "deleteObject"


_UPLOAD = {"property": "actionDiscriminator", "equals": Operation.UPLOAD.value}
_DOWNLOAD = {"property": "actionDiscriminator", "equals": Operation.DOWNLOAD.value}
_CHOICES = {"uploadObject": "Upload document", "downloadObject": "Download document", "deleteObject": "Delete document"}


class Action(BaseModel):
    """The object, and what goes in or out."""

    model_config = CAMEL_TEXTS

    bucket: str = Field(title="Bucket", min_length=1, examples=["orders"])
    key: str | None = Field(
        default=None, title="Key", description="Uploading: empty for the document's file name", examples=["2026/4711.pdf"]
    )
    document: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_UPLOAD)] = document_field()
    as_file: Annotated[bool, TemplateHint(condition=_DOWNLOAD)] = as_file_field()


class S3Request(AwsRequest):
    """The input of one call."""

    action_discriminator: Annotated[Operation, TemplateHint(group="action", label="Action", choices=_CHOICES)] = Operation.UPLOAD
    action: Annotated[Action, TemplateHint(group="action")]
    document_return_format: Annotated[ReturnFormat | None, TemplateHint(hidden=True)] = None


class Uploaded(BaseModel):
    """What the process gets of an upload."""

    bucket: str
    key: str
    link: str = Field(description="Address of the object")


class Downloaded(BaseModel):
    """What the process gets of a download."""

    bucket: str
    key: str
    element: Any = Field(description=ELEMENT)


class Deleted(BaseModel):
    """What the process gets of a deletion."""

    bucket: str
    key: str


@connector(
    id="io.camunda:aws-s3:1",
    name="Amazon S3",
    version=2,
    description="Upload, download and delete objects of an S3 bucket",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-s3/",
    settings=AwsSettings,
    on_close=close_clients,
)
async def aws_s3(request: S3Request, context: Context) -> Uploaded | Downloaded | Deleted:
    """Do one thing with one object; doing it twice makes no difference."""
    match request.action_discriminator:
        case Operation.UPLOAD:
            return await _upload(request, context)
        case Operation.DOWNLOAD:
            return await _download(request, context)
        case Operation.DELETE:
            return await _delete(request, context)


async def _upload(request: S3Request, context: Context) -> Uploaded:
    action = request.action
    file = await file_of(action.document, context, "action.document")
    key = required_name(action.key or file.name, "action.key")
    async with aws_client(context, request, "s3") as client:
        await client.put_object(Bucket=action.bucket, Key=key, Body=file.content, ContentType=file.content_type or SOME_TYPE)
        address = str(client.meta.endpoint_url)
    at_aws = address.endswith(".amazonaws.com")
    place = f"https://{action.bucket}.s3.amazonaws.com" if at_aws else f"{address.rstrip('/')}/{action.bucket}"
    return Uploaded(bucket=action.bucket, key=key, link=f"{place}/{quote(key)}")


async def _download(request: S3Request, context: Context) -> Downloaded:
    action = request.action
    key = required_name(action.key, "action.key")
    wanted = request.document_return_format
    as_document = wants_document(wanted, older=action.as_file)
    async with aws_client(context, request, "s3") as client:
        answer = await client.get_object(Bucket=action.bucket, Key=key)
        async with answer["Body"] as body:
            check_size(answer.get("ContentLength"), as_document=as_document)
            content = await body.read()
    file = stored_file(content, key, answer.get("ContentType"))
    element = await element_of(file, context, as_document=as_document, wanted=wanted)
    return Downloaded(bucket=action.bucket, key=key, element=element)


async def _delete(request: S3Request, context: Context) -> Deleted:
    key = required_name(request.action.key, "action.key")
    async with aws_client(context, request, "s3") as client:
        await client.delete_object(Bucket=request.action.bucket, Key=key)
    return Deleted(bucket=request.action.bucket, key=key)

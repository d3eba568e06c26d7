"""SendGrid: `io.camunda:sendgrid:1`, with the inputs of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/sendgrid/ ·
https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
"""

import base64
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._files import SOME_TYPE, File, files_of
from connectors._http_address import SERVICE_ADDRESS
from connectors._http_calls import ServiceSettings, answered, posted

_CONTENT = TemplateHint(group="content")
_TEMPLATE = TemplateHint(group="template")


class Person(BaseModel):
    """Somebody with a mailbox."""

    name: str | None = Field(default=None, examples=["Ada"])
    email: str = Field(title="E-mail address", min_length=3, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"])


class Content(BaseModel):
    """A mail written here."""

    subject: str | None = Field(default=None, examples=["Your order"])
    type: Annotated[str, TemplateHint(type="String")] = Field(
        default="text/plain", title="Content type", description="text/plain or text/html"
    )
    value: Annotated[str | None, TemplateHint(type="Text")] = Field(default=None, title="Body", examples=["It is on its way."])


class Template(BaseModel):
    """A mail written at SendGrid."""

    id: str | None = Field(
        default=None, title="Template id", description="Of a dynamic template; instead of a content", examples=["d-0b51e8f7"]
    )
    data: dict[str, Any] | None = Field(
        default=None, title="Template data", description="Values of the template's placeholders", examples=['={name: "Ada"}']
    )


class SendGridRequest(BaseModel):
    """The input of one call."""

    model_config = ConfigDict(populate_by_name=True)

    api_key: Annotated[SecretStr, TemplateHint(group="authentication")] = Field(
        default=SecretStr("{{secrets.SEND_GRID_API_KEY}}"), alias="apiKey", title="API key"
    )
    sender: Annotated[Person, TemplateHint(group="sender")] = Field(alias="from", title="Sender")
    to: Annotated[Person, TemplateHint(group="receiver")] = Field(title="Receiver")
    content: Annotated[Content | None, _CONTENT] = None
    template: Annotated[Template | None, _TEMPLATE] = None
    attachments: Annotated[Any, TemplateHint(group="content", type="Text", feel="required")] = Field(
        default=None, description="A document, or a list of documents", examples=["=[invoice]"]
    )


class SendGridSettings(ServiceSettings):
    """Of the Connector."""

    base_url: str = Field(default="https://api.sendgrid.com", pattern=SERVICE_ADDRESS)


@connector(
    id="io.camunda:sendgrid:1",
    name="SendGrid",
    version=1,
    description="Send an e-mail through SendGrid, written here or from a dynamic template",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/sendgrid/",
    settings=SendGridSettings,
)
async def sendgrid(request: SendGridRequest, context: Context) -> None:
    """Hand one mail to SendGrid; when it is delivered is not known then."""
    settings: SendGridSettings = context.settings
    mail = _mail(request) | await _attachments(request.attachments, context)
    authorization = {"Authorization": f"Bearer {request.api_key.get_secret_value()}"}
    address = f"{settings.base_url.rstrip('/')}/v3/mail/send"
    await answered(context, "SendGrid", posted(address, authorization, mail, settings.timeout_seconds))


def _mail(request: SendGridRequest) -> dict[str, Any]:
    receiver: dict[str, Any] = {"to": [_person(request.to)]}
    mail: dict[str, Any] = {"from": _person(request.sender), "personalizations": [receiver]}
    if request.template is not None and request.template.id:
        receiver["dynamic_template_data"] = request.template.data or {}
        return {**mail, "template_id": request.template.id}
    content = request.content
    if content is None or not content.subject or not content.value:
        msg = "cannot send this mail: give content.subject and content.value, or template.id"
        raise InputError(msg)
    return {**mail, "subject": content.subject, "content": [{"type": content.type, "value": content.value}]}


async def _attachments(given: Any, context: Context) -> dict[str, Any]:
    files = [_attachment(file) async for file in files_of(given, context, "attachments")]
    return {"attachments": files} if files else {}


def _attachment(file: File) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"content": content, "type": file.content_type or SOME_TYPE, "filename": file.name or ""}


def _person(person: Person) -> dict[str, str]:
    return {"email": person.email, **({"name": person.name} if person.name else {})}

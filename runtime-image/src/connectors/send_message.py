"""Send message: `io.camunda:sendMessage:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/message-send/
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connector_sdk import Context, Message, RetryError, SentMessage, TemplateHint, connector
from connectors._spelling import CAMEL_TEXTS

_MESSAGE = TemplateHint(group="message")


class MessageErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    NOT_FOUND = "NOT_FOUND"
    """Nobody waits for the message that was to be correlated. Not tried again."""
    ALREADY_EXISTS = "ALREADY_EXISTS"
    """A message with the message ID of the input is still buffered. Not tried again."""
    REFUSED = "REFUSED"
    """Zeebe refuses the message, because of its tenant for example. Not tried again."""
    LOGIN = "LOGIN"
    """The worker may not send it. Tried again: a rotated secret may be under way."""
    UNAVAILABLE = "UNAVAILABLE"
    """Zeebe is busy or has trouble. Tried again."""
    NO_ANSWER = "NO_ANSWER"
    """No connection, or it broke. Tried again."""
    UNEXPECTED_ANSWER = "UNEXPECTED_ANSWER"
    """An answer that is not Zeebe's. Tried again."""


class Publish(BaseModel):
    """To whoever waits, now or within the time to live."""

    model_config = CAMEL_TEXTS | ConfigDict(title="Publish message (with buffer)")
    type: Literal["publish"] = "publish"
    time_to_live: Annotated[int | timedelta | None, TemplateHint(type="String", feel="optional")] = Field(
        default=None, description="Milliseconds for which the message is kept, or a duration such as PT1H", examples=["3600000"]
    )
    message_id: str | None = Field(
        default=None, title="Message ID", description="Empty: made of the job's key, so that a retry is no second message"
    )


class Correlate(BaseModel):
    """To who waits now."""

    model_config = ConfigDict(title="Correlate message (with result)")
    type: Literal["correlate"] = "correlate"


class SendMessageRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL_TEXTS

    message_name: Annotated[str, _MESSAGE] = Field(min_length=1, examples=["order-paid"])
    correlation_type: Annotated[Publish | Correlate, TemplateHint(group="mode", label="Mode")] = Field(
        default_factory=Publish, discriminator="type"
    )
    correlation_key: Annotated[str | None, _MESSAGE] = Field(
        default=None, description="Empty for a message start event", examples=["=orderId"]
    )
    variables: Annotated[dict[str, Any] | None, _MESSAGE] = Field(
        default=None, title="Payload", description="Variables for the receiver", examples=["={paid: true}"]
    )
    tenant_id: Annotated[str | None, _MESSAGE] = Field(
        default=None, title="Tenant ID", description="Of the receiver; empty: the default tenant"
    )
    request_timeout: Annotated[int | timedelta | None, TemplateHint(group="message", type="String", feel="optional")] = Field(
        default=None, description="Milliseconds to wait for Zeebe, or a duration such as PT10S", examples=["10000"]
    )


class SendMessageResult(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    message_key: int | None = Field(description="Zeebe's key of the message; null when an earlier try of the job published it")
    tenant_id: str | None
    process_instance_key: int | None = Field(default=None, description="Of the instance that a correlated message reached")


@connector(
    id="io.camunda:sendMessage:1",
    name="Send message",
    version=2,
    description="Send a BPMN message to another process instance",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/message-send/",
)
async def send_message(request: SendMessageRequest, context: Context) -> SendMessageResult:
    """Publish or correlate one message."""
    key = request.correlation_key or ""
    message = Message(request.message_name, key, request.variables or {}, request.tenant_id or None)
    patience = min(_duration(request.request_timeout, timedelta(seconds=10)).total_seconds() or 10.0, 300.0)
    match request.correlation_type:
        case Publish() as how:
            return await _publish(context, message, how, patience)
        case Correlate():
            return _result(await context.messages.correlate(message, seconds=patience))


async def _publish(context: Context, message: Message, how: Publish, patience: float) -> SendMessageResult:
    own = context.job.idempotency_key
    lifetime = _duration(how.time_to_live, timedelta(0))
    identifier = how.message_id or own
    try:
        sent = await context.messages.publish(message, message_id=identifier, time_to_live=lifetime, seconds=patience)
    except RetryError as error:
        if error.code != MessageErrorCode.ALREADY_EXISTS or identifier != own:
            raise
        context.logger.info("the message was published by an earlier try of this job")
        return SendMessageResult(message_key=None, tenant_id=message.tenant_id)
    return _result(sent)


def _result(sent: SentMessage) -> SendMessageResult:
    return SendMessageResult(message_key=sent.key, tenant_id=sent.tenant_id, process_instance_key=sent.process_instance_key)


def _duration(given: int | timedelta | None, default: timedelta) -> timedelta:
    if given is None:
        return default
    return timedelta(milliseconds=given) if isinstance(given, int) else given

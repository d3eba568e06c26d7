"""Amazon SQS: `io.camunda:aws-sqs:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-sqs/
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from connector_sdk import Context, TemplateHint, connector
from connectors._aws_access import AwsRequest, AwsSettings
from connectors._aws_clients import aws_client, close_clients
from connectors._aws_messages import (
    ORDER,
    Order,
    attributes,
    attributes_field,
    body,
    deduplication_field,
    first_in_first_out,
    group_field,
    only_fifo,
)
from connectors._http_address import SERVICE_ADDRESS
from connectors._spelling import CAMEL_TEXTS

_FIFO = only_fifo("queue.type")


class Queue(BaseModel):
    """The queue and its new message."""

    model_config = CAMEL_TEXTS

    url: str = Field(
        title="Queue URL", pattern=SERVICE_ADDRESS, examples=["https://sqs.eu-central-1.amazonaws.com/000000000/orders"]
    )
    type: Annotated[Order, ORDER] = Order.STANDARD
    message_body: Annotated[Any, TemplateHint(type="Text", feel="required")] = Field(
        default=None, description="A text, or anything that is sent as JSON", examples=["={orderId: orderId}"]
    )
    message_attributes: dict[str, Any] | None = attributes_field()
    message_group_id: Annotated[str | None, _FIFO] = group_field()
    message_deduplication_id: Annotated[str | None, _FIFO] = deduplication_field()


class SqsRequest(AwsRequest):
    """The input of one call."""

    queue: Annotated[Queue, TemplateHint(group="queue")]


class Sent(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    message_id: str = Field(description="SQS's own id of the message")


@connector(
    id="io.camunda:aws-sqs:1",
    name="Amazon SQS",
    version=2,
    description="Send a message to an SQS queue",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-sqs/",
    settings=AwsSettings,
    on_close=close_clients,
)
async def aws_sqs(request: SqsRequest, context: Context) -> Sent:
    """Send one message."""
    queue = request.queue
    call: dict[str, Any] = {
        "QueueUrl": queue.url,
        "MessageBody": body(queue.message_body, "queue.messageBody"),
        "MessageAttributes": attributes(queue.message_attributes, "queue.messageAttributes"),
    }
    if queue.type is Order.FIFO or queue.url.endswith(".fifo"):
        key = context.job.idempotency_key
        call |= first_in_first_out(queue.message_group_id, queue.message_deduplication_id, key, "queue")
    async with aws_client(context, request, "sqs", endpoint=_endpoint(queue.url)) as client:
        answer = await client.send_message(**call)
    return Sent(message_id=answer["MessageId"])


def _endpoint(url: str) -> str | None:
    """Where a queue that is not at AWS itself is."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    at_aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
    return None if at_aws else f"{parts.scheme}://{parts.netloc}"

"""Amazon SNS: `io.camunda:aws-sns:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-sns/
"""

from typing import Annotated, Any

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
from connectors._spelling import CAMEL_TEXTS

_FIFO = only_fifo("topic.type")


class Topic(BaseModel):
    """The topic and its new message."""

    model_config = CAMEL_TEXTS

    topic_arn: str = Field(title="Topic ARN", pattern=r"^arn:.+", examples=["arn:aws:sns:eu-central-1:000000000:orders"])
    type: Annotated[Order, ORDER] = Order.STANDARD
    subject: str | None = Field(default=None, max_length=99, examples=["Order sent"])
    message: Annotated[Any, TemplateHint(type="Text", feel="required")] = Field(
        default=None, description="A text, or anything that is sent as JSON", examples=["={orderId: orderId}"]
    )
    message_attributes: dict[str, Any] | None = attributes_field()
    message_group_id: Annotated[str | None, _FIFO] = group_field()
    message_deduplication_id: Annotated[str | None, _FIFO] = deduplication_field()


class SnsRequest(AwsRequest):
    """The input of one call."""

    topic: Annotated[Topic, TemplateHint(group="topic")]


class Published(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    message_id: str = Field(description="SNS's own id of the message")


@connector(
    id="io.camunda:aws-sns:1",
    name="Amazon SNS",
    version=3,
    description="Publish a message to an SNS topic",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-sns/",
    settings=AwsSettings,
    on_close=close_clients,
)
async def aws_sns(request: SnsRequest, context: Context) -> Published:
    """Publish one message."""
    topic = request.topic
    call: dict[str, Any] = {
        "TopicArn": topic.topic_arn,
        "Message": body(topic.message, "topic.message"),
        "MessageAttributes": attributes(topic.message_attributes, "topic.messageAttributes"),
        **({"Subject": topic.subject} if topic.subject else {}),
    }
    if topic.type is Order.FIFO or topic.topic_arn.endswith(".fifo"):
        key = context.job.idempotency_key
        call |= first_in_first_out(topic.message_group_id, topic.message_deduplication_id, key, "topic")
    async with aws_client(context, request, "sns") as client:
        answer = await client.publish(**call)
    return Published(message_id=answer["MessageId"])

"""RabbitMQ producer: `io.camunda:connector-rabbitmq:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/rabbitmq/
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._egress import Egress, egress_of
from connectors._extras import extra
from connectors._rabbitmq_broker import Place, Publication, brokers, from_uri, publish
from connectors._rabbitmq_errors import REFUSALS, as_connector_error
from connectors._spelling import CAMEL_TEXTS

with extra("rabbitmq"):
    from aio_pika import DeliveryMode, Message

_BY_CREDENTIALS = TemplateHint(group="routing", condition={"property": "authentication.authType", "equals": "credentials"})
_BODY = TemplateHint(group="message", type="Text", feel="optional")
_PROPERTIES = TemplateHint(group="message", type="Text", feel="required")


class ByCredentials(BaseModel):
    """User name and password"""

    model_config = CAMEL_TEXTS | ConfigDict(title="Username and password")

    auth_type: Literal["credentials"] = "credentials"
    user_name: str = Field(title="Username", min_length=1, examples=["shop"])
    password: SecretStr = Field(title="Password", examples=["{{secrets.RABBITMQ_PASSWORD}}"])

    @model_validator(mode="before")
    @classmethod
    def _in_either_spelling(cls, given: Any) -> Any:
        """Other connectors write `username`."""
        if isinstance(given, dict) and "username" in given:
            members = cast("dict[str, Any]", given)
            return {"userName": members["username"], **members}
        return cast("Any", given)


class ByUri(BaseModel):
    """A URI that says it all."""

    model_config = CAMEL_TEXTS | ConfigDict(title="URI")

    auth_type: Literal["uri"] = "uri"
    uri: SecretStr = Field(
        title="URI",
        description="amqp:// or amqps://, with user, password, host, port and virtual host",
        examples=["amqps://shop:{{secrets.RABBITMQ_PASSWORD}}@mq.example.com:5671/orders"],
    )


class Routing(BaseModel):
    """Where messages go."""

    model_config = CAMEL_TEXTS

    exchange: Annotated[str, TemplateHint(group="routing")] = Field(max_length=255, examples=["orders"])
    routing_key: Annotated[str, TemplateHint(group="routing")] = Field(max_length=255, examples=["order.created"])
    virtual_host: Annotated[str | None, _BY_CREDENTIALS] = Field(default=None, description="Empty: /", examples=["/"])
    host_name: Annotated[str | None, _BY_CREDENTIALS] = Field(default=None, title="Host name", examples=["mq.example.com"])
    port: Annotated[int | None, _BY_CREDENTIALS] = Field(default=None, ge=1, le=65535, description="Empty: 5672")


class Properties(BaseModel):
    """The properties of a message: https://www.rabbitmq.com/docs/publishers#message-properties"""

    model_config = CAMEL_TEXTS | ConfigDict(extra="forbid")

    content_type: str | None = None
    content_encoding: str | None = None
    headers: dict[str, Any] | None = None
    delivery_mode: Literal[1, 2] = 2
    priority: int | None = Field(default=None, ge=0, le=255)
    correlation_id: str | None = None
    reply_to: str | None = None
    expiration: int | None = Field(default=None, ge=0)
    message_id: str | None = None
    timestamp: datetime | None = None
    type: str | None = None
    user_id: str | None = None
    app_id: str | None = None

    @field_validator("timestamp", mode="before")
    @classmethod
    def _from_milliseconds(cls, value: Any) -> Any:
        return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else value


class Content(BaseModel):
    """What is sent."""

    model_config = CAMEL_TEXTS

    properties: Annotated[Properties | None, _PROPERTIES] = Field(
        default=None,
        description="contentType, headers, priority, correlationId, expiration in ms and the other AMQP properties",
        examples=['={contentType: "application/json", headers: {source: "shop"}}'],
    )
    body: Annotated[Any, _BODY] = Field(
        title="Message", description="A text, or a value that is sent as JSON", examples=["={orderId: orderId}"]
    )


class RabbitMqRequest(BaseModel):
    """The input of one call."""

    authentication: ByCredentials | ByUri = Field(discriminator="auth_type")
    routing: Routing
    message: Content


class RabbitMqSettings(BaseModel):
    """Of the Connector."""

    mandatory: bool = Field(
        default=False, description="Fail a job whose message no queue takes; otherwise the broker drops such a message silently"
    )


class Sent(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    status_result: Literal["Success"] = Field(default="Success", description="`Success`: the broker has taken the message over")
    message_id: str = Field(description="Of the message: the one given, or one made from the job's key, the same for every try")


@connector(
    id="io.camunda:connector-rabbitmq:1",
    name="RabbitMQ producer",
    version=1,
    description="Send a message to RabbitMQ",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/rabbitmq/",
    settings=RabbitMqSettings,
    on_close=brokers.close,
)
async def rabbitmq(request: RabbitMqRequest, context: Context) -> Sent:
    """Publish one message, and return when the broker has confirmed it."""
    properties = request.message.properties or Properties()
    message = _message(request.message.body, properties, properties.message_id or context.job.idempotency_key)
    routing = request.routing
    publication = Publication(message, routing.exchange, routing.routing_key, must_arrive=context.settings.mandatory)
    try:
        await publish(_place(request, egress_of(context)), publication)
    except REFUSALS as error:
        raise as_connector_error(error) from None
    return Sent(message_id=message.message_id or "")


def _place(request: RabbitMqRequest, egress: Egress) -> Place:
    authentication, routing = request.authentication, request.routing
    if isinstance(authentication, ByUri):
        return from_uri(authentication.uri.get_secret_value(), egress)
    if not routing.host_name:
        msg = "cannot connect to RabbitMQ: routing.hostName is empty, or set authentication.authType to uri"
        raise InputError(msg)
    user, password = authentication.user_name, authentication.password.get_secret_value()
    return Place("amqp", routing.host_name, routing.port or 5672, routing.virtual_host or "/", user, password, egress)


def _message(body: Any, properties: Properties, message_id: str) -> Message:
    given: dict[str, Any] = properties.model_dump(exclude_none=True)
    given |= {"message_id": message_id, "delivery_mode": DeliveryMode(properties.delivery_mode)}
    if properties.expiration is not None:
        given["expiration"] = timedelta(milliseconds=properties.expiration)
    return Message(body.encode() if isinstance(body, str) else orjson.dumps(body), **given)

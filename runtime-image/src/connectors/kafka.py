"""Kafka producer: `io.camunda:connector-kafka:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/kafka/
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field, SecretStr, field_validator

from connector_sdk import Context, TemplateHint, connector
from connectors._egress import egress_of
from connectors._kafka_errors import REFUSALS, as_connector_error
from connectors._kafka_producer import Cluster, Record, cluster_of, produce, producers
from connectors._spelling import CAMEL_TEXTS

_AUTHENTICATION = TemplateHint(group="authentication")
_KAFKA = TemplateHint(group="kafka")
_MAP = TemplateHint(group="kafka", type="Text", feel="required")
_MESSAGE = TemplateHint(group="message", type="Text", feel="optional")
JOB_HEADER = "idempotency-key"


class Authentication(BaseModel):
    """User and password; with both, SASL_SSL and PLAIN unless properties say otherwise."""

    username: Annotated[str | None, _AUTHENTICATION] = Field(default=None, examples=["shop"])
    password: Annotated[SecretStr | None, _AUTHENTICATION] = Field(default=None, examples=["{{secrets.KAFKA_PASSWORD}}"])


class SchemaStrategy(BaseModel):
    """How values are made: as they are."""

    type: Literal["noSchema"] = "noSchema"

    @field_validator("type", mode="before")
    @classmethod
    def _is_none(cls, value: Any) -> Any:
        if value in ("inlineSchema", "schemaRegistry"):
            msg = f"{value} is not supported: this connector sends texts and JSON, choose noSchema"
            raise ValueError(msg)
        return value


class Topic(BaseModel):
    """Where records go."""

    model_config = CAMEL_TEXTS

    bootstrap_servers: Annotated[str, _KAFKA] = Field(
        description="host:port, several with commas",
        pattern=r"^\s*\S+:\d+(\s*,\s*\S+:\d+)*\s*$",
        examples=["kafka.example.com:9093"],
    )
    topic_name: Annotated[str, _KAFKA] = Field(pattern=r"^[A-Za-z0-9._-]{1,249}$", examples=["orders"])


class Message(BaseModel):
    """What a record holds."""

    key: Annotated[Any, _MESSAGE] = Field(
        default=None,
        description="A text, or a value that is sent as JSON; records of one key keep their order",
        examples=["=orderId"],
    )
    value: Annotated[Any, _MESSAGE] = Field(
        description="A text, or a value that is sent as JSON; null is a tombstone", examples=["={orderId: orderId}"]
    )


class KafkaRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL_TEXTS

    authentication: Authentication = Field(default_factory=Authentication)
    schema_strategy: SchemaStrategy = Field(default_factory=SchemaStrategy)
    topic: Topic
    headers: Annotated[dict[str, str] | None, _MAP] = Field(
        default=None, description="Texts that go with the record", examples=['={source: "shop"}']
    )
    additional_properties: Annotated[dict[str, Any] | None, _MAP] = Field(
        default=None, description="Properties of Kafka's own producer", examples=['={"sasl.mechanism": "SCRAM-SHA-256"}']
    )
    message: Message


class Produced(BaseModel):
    """What the process gets."""

    timestamp: int = Field(description="Milliseconds since 1970")
    offset: int = Field(description="Of the record in its partition; -1 with `acks` 0")
    partition: int
    topic: str


@connector(
    id="io.camunda:connector-kafka:1",
    name="Kafka producer",
    version=1,
    description="Produce a record to a Kafka topic",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/kafka/?kafka=outbound",
    on_close=producers.close,
)
async def kafka(request: KafkaRequest, context: Context) -> Produced:
    """Produce one record, and return when the brokers have acknowledged it."""
    headers = {JOB_HEADER: context.job.idempotency_key} | (request.headers or {})
    record = Record(
        request.topic.topic_name,
        _bytes(request.message.key),
        _bytes(request.message.value),
        tuple((name, value.encode()) for name, value in headers.items()),
    )
    try:
        done = await produce(_cluster(request, context), record)
    except REFUSALS as error:
        raise as_connector_error(error) from None
    return Produced(timestamp=done.timestamp or 0, offset=done.offset, partition=done.partition, topic=done.topic)


def _cluster(request: KafkaRequest, context: Context) -> Cluster:
    password = request.authentication.password
    return cluster_of(
        request.topic.bootstrap_servers,
        request.authentication.username or "",
        password.get_secret_value() if password else "",
        request.additional_properties or {},
        egress_of(context),
    )


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else None if value is None else orjson.dumps(value)

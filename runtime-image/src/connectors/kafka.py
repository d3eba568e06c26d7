"""Kafka producer: `io.camunda:connector-kafka:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/kafka/
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connector_sdk import Context, TemplateHint, connector
from connectors._egress import Egress, egress_of
from connectors._http_address import SERVICE_ADDRESS
from connectors._kafka_avro import encoded, framed, schema_text
from connectors._kafka_errors import REFUSALS, as_connector_error
from connectors._kafka_producer import Cluster, Record, cluster_of, produce, producers
from connectors._kafka_registry import registry_of, schema_id
from connectors._spelling import CAMEL_TEXTS

_AUTHENTICATION = TemplateHint(group="authentication")
_KAFKA = TemplateHint(group="kafka")
_HIDDEN = TemplateHint(hidden=True)
_MAP = TemplateHint(group="kafka", type="Text", feel="required")
_MESSAGE = TemplateHint(group="message", type="Text", feel="optional")
JOB_HEADER = "idempotency-key"


def _schema_field() -> Any:
    example = '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}'
    return Field(alias="schema", title="Schema", description="The Avro schema of the value, as JSON", examples=[example])


class Authentication(BaseModel):
    """User and password; with both, SASL_SSL and PLAIN unless properties say otherwise."""

    username: Annotated[str | None, _AUTHENTICATION] = Field(default=None, examples=["shop"])
    password: Annotated[SecretStr | None, _AUTHENTICATION] = Field(default=None, examples=["{{secrets.KAFKA_PASSWORD}}"])


class NoSchema(BaseModel):
    """Values as they are"""

    model_config = ConfigDict(title="No schema")

    type: Literal["noSchema"] = "noSchema"


class InlineSchema(BaseModel):
    """Avro, by a schema that readers know"""

    model_config = ConfigDict(title="Inline schema (Avro)")

    type: Literal["inlineSchema"] = "inlineSchema"
    avro_schema: Annotated[str | dict[str, Any] | list[Any], _MESSAGE] = _schema_field()


class RegisteredSchema(BaseModel):
    """Avro, by a schema that readers find in a registry"""

    model_config = CAMEL_TEXTS | ConfigDict(title="Schema registry (Avro)")

    type: Literal["schemaRegistry"] = "schemaRegistry"
    schema_type: Annotated[Literal["avro"], _HIDDEN] = "avro"
    schema_registry_url: Annotated[str, _KAFKA] = Field(
        pattern=SERVICE_ADDRESS,
        title="Schema registry URL",
        description="Of Confluent's registry, or one with its API",
        examples=["https://registry.example.com"],
    )
    avro_schema: Annotated[str | dict[str, Any] | list[Any], _MESSAGE] = _schema_field()


SchemaStrategy = Annotated[
    NoSchema | InlineSchema | RegisteredSchema,
    Field(discriminator="type", title="Schema"),
    TemplateHint(group="kafka", label="Schema strategy"),
]


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
    schema_strategy: SchemaStrategy = Field(default_factory=NoSchema)
    topic: Topic
    headers: Annotated[dict[str, str] | None, _MAP] = Field(
        default=None, description="Texts that go with the record", examples=['={source: "shop"}']
    )
    additional_properties: Annotated[dict[str, Any] | None, _MAP] = Field(
        default=None, description="Properties of Kafka's own producer", examples=['={"sasl.mechanism": "SCRAM-SHA-256"}']
    )
    message: Message
    serialization_type: Annotated[Literal["json", "avro"], _HIDDEN] = "json"
    avro: Annotated[dict[str, Any] | None, _HIDDEN] = None

    @model_validator(mode="before")
    @classmethod
    def _older(cls, value: Any) -> Any:
        """Version 4 of Camunda's template knows inline schemas alone, and names them otherwise."""
        match value:
            case {"serializationType": "avro", "avro": {**avro}} if "schemaStrategy" not in value:
                return {**cast("dict[str, Any]", value), "schemaStrategy": {"type": "inlineSchema", **avro}}
            case {"serializationType": "avro"} if "schemaStrategy" not in value:
                msg = "avro.schema is missing"
                raise ValueError(msg)
            case _:
                return value


class Produced(BaseModel):
    """What the process gets."""

    timestamp: int = Field(description="Milliseconds since 1970")
    offset: int = Field(description="Of the record in its partition; -1 with `acks` 0")
    partition: int
    topic: str


@connector(
    id="io.camunda:connector-kafka:1",
    name="Kafka producer",
    version=2,
    description="Produce a record to a Kafka topic",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/kafka/?kafka=outbound",
    on_close=producers.close,
)
async def kafka(request: KafkaRequest, context: Context) -> Produced:
    """Produce one record, and return when the brokers have acknowledged it."""
    value, properties = await _value(request, context)
    headers = {JOB_HEADER: context.job.idempotency_key} | (request.headers or {})
    record = Record(
        request.topic.topic_name,
        _bytes(request.message.key),
        value,
        tuple((name, value.encode()) for name, value in headers.items()),
    )
    try:
        done = await produce(_cluster(request, properties, egress_of(context)), record)
    except REFUSALS as error:
        raise as_connector_error(error) from None
    return Produced(timestamp=done.timestamp or 0, offset=done.offset, partition=done.partition, topic=done.topic)


async def _value(request: KafkaRequest, context: Context) -> tuple[bytes | None, Mapping[str, Any]]:
    """What becomes of the record's value, and the properties that are the producer's."""
    value, strategy, properties = request.message.value, request.schema_strategy, request.additional_properties or {}
    if isinstance(strategy, NoSchema):
        return _bytes(value), properties
    schema = schema_text(strategy.avro_schema)
    written = None if value is None else encoded(value, schema)
    if isinstance(strategy, InlineSchema):
        return written, properties
    registry, rest = registry_of(strategy.schema_registry_url, properties)
    if written is None:
        return None, rest
    return framed(await schema_id(context, registry, f"{request.topic.topic_name}-value", schema), written), rest


def _cluster(request: KafkaRequest, properties: Mapping[str, Any], egress: Egress) -> Cluster:
    password = request.authentication.password
    return cluster_of(
        request.topic.bootstrap_servers,
        request.authentication.username or "",
        password.get_secret_value() if password else "",
        properties,
        egress,
    )


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else None if value is None else orjson.dumps(value)

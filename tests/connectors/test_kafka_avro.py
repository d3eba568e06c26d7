"""Kafka: values by an Avro schema, alone or behind the id of a registry, into a real cluster of one node."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_kafka import Kafka
from schema_registry import AVRO, SchemaRegistry, schema_registry
from zeebe_gateway import JobState, ZeebeGateway

ORDER = {
    "type": "record", "name": "Order", "namespace": "com.example",
    "fields": [
        {"name": "id", "type": "long"}, {"name": "total", "type": "double"},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "SENT"]}},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "pieces", "type": {"type": "map", "values": "int"}},
    ],
}  # fmt: skip
VALUE = {"id": 4711, "total": 12, "state": "SENT", "tags": ["ä"], "pieces": {"a": 1}}
READ = {**VALUE, "total": 12.0, "note": None}


@pytest.fixture
async def kafka(gateway: ZeebeGateway, tmp_path: Path) -> AsyncIterator[ConnectorUnderTest]:
    (tmp_path / "REGISTRY").write_text("canary-registry-4711")
    async with connector_under_test(gateway, "kafka", "io.camunda:connector-kafka:1", secrets=tmp_path) as connector:
        yield connector


@pytest.fixture
async def topic(kafka_process: Kafka) -> str:
    """A topic of the test's own."""
    return await kafka_process.new_topic()


@pytest.fixture
def given(kafka_process: Kafka, topic: str) -> dict[str, Any]:
    return {
        "schemaStrategy": {"type": "inlineSchema", "schema": json.dumps(ORDER)},
        "topic": {"bootstrapServers": kafka_process.plain, "topicName": topic},
        "message": {"key": "k1", "value": VALUE},
    }


@pytest.fixture
async def registry() -> AsyncIterator[SchemaRegistry]:
    async with schema_registry() as registry:
        yield registry


def by_registry(given: dict[str, Any], registry: SchemaRegistry, schema: Any = ORDER, **properties: str) -> dict[str, Any]:
    strategy = {
        "type": "schemaRegistry",
        "schemaType": "avro",
        "schemaRegistryUrl": registry.address,
        "schema": json.dumps(schema),
    }
    return given | {"schemaStrategy": strategy, "additionalProperties": properties}


@pytest.mark.parametrize(
    "strategy",
    [
        {"schemaStrategy": {"type": "inlineSchema", "schema": json.dumps(ORDER)}},
        {"schemaStrategy": {"type": "inlineSchema", "schema": ORDER}},
        {"serializationType": "avro", "avro": {"schema": ORDER}},
    ],
    ids=["text", "value", "older"],
)
async def test_a_value_is_the_bytes_of_its_inline_schema(
    kafka: ConnectorUnderTest, kafka_process: Kafka, given: dict[str, Any], strategy: dict[str, Any]
):
    del given["schemaStrategy"]
    await kafka.result(given | strategy)
    (record,) = await kafka_process.records(given["topic"]["topicName"])
    body = io.BytesIO(record.value)
    assert AVRO.schemaless_reader(body, AVRO.parse_schema(ORDER)) == READ
    assert (body.read(), record.key) == (b"", b"k1")


async def test_a_record_carries_the_id_of_its_schema_which_the_registry_is_asked_for_once(
    kafka: ConnectorUnderTest, kafka_process: Kafka, given: dict[str, Any], registry: SchemaRegistry
):
    topic = given["topic"]["topicName"]
    for message in ({"value": VALUE}, {"value": VALUE}, {"key": "gone", "value": None}):
        await kafka.result(by_registry(given | {"message": message}, registry))
    first, second, tombstone = await kafka_process.records(topic)
    assert [registry.read(record.value) for record in (first, second)] == [READ, READ]
    assert (tombstone.value, registry.asked, list(registry.subjects)) == (None, 1, [f"{topic}-value"])


async def test_the_registry_gets_the_login_of_its_properties_and_tells_it_to_nobody(
    kafka: ConnectorUnderTest, kafka_process: Kafka, given: dict[str, Any], registry: SchemaRegistry
):
    registry.login = ("shop", "canary-registry-4711")
    source = {"basic.auth.credentials.source": "USER_INFO"}
    job = await kafka.job(by_registry(given, registry, **source, **{"basic.auth.user.info": "shop:canary-wrong"}))
    assert (job.result["error"]["code"], job.retries, "canary" in str(job.result)) == ("LOGIN", 2, False), job.error_message
    await kafka.result(by_registry(given, registry, **source, **{"basic.auth.user.info": "shop:{{secrets.REGISTRY}}"}))
    (record,) = await kafka_process.records(given["topic"]["topicName"])
    assert registry.read(record.value) == READ


@pytest.mark.parametrize("refusal", [(429, "LIMIT", 3), (500, "UNAVAILABLE", 2), (422, "REFUSED", 0)])
async def test_what_the_registry_refuses_has_a_code_and_nothing_is_sent(
    kafka: ConnectorUnderTest, kafka_process: Kafka, given: dict[str, Any], registry: SchemaRegistry, refusal: Any
):
    registry.refusal, code, retries = refusal
    job = await kafka.job(by_registry(given, registry))
    assert (job.result["error"]["code"], job.retries) == (code, retries), job.error_message
    assert await kafka_process.records(given["topic"]["topicName"]) == []


async def test_a_schema_that_is_not_compatible_with_that_of_the_topic_is_an_incident(
    kafka: ConnectorUnderTest, given: dict[str, Any], registry: SchemaRegistry
):
    await kafka.result(by_registry(given, registry))
    job = await kafka.job(by_registry(given | {"message": {"value": "x"}}, registry, "string"))
    assert (job.result["error"]["code"], job.state) == ("REFUSED", JobState.INCIDENT), job.error_message
    assert "incompatible with an earlier schema" in job.error_message


@pytest.mark.parametrize(
    ("strategy", "value", "message"),
    [
        ({"schema": "{"}, VALUE, "schemaStrategy.schema: it is no JSON"),
        ({"schema": {"type": "nothing"}}, VALUE, "schemaStrategy.schema: it is no Avro schema"),
        ({"schema": {"type": "fixed", "name": "x"}}, VALUE, "schemaStrategy.schema: it is no Avro schema"),
        ({"schema": ORDER}, VALUE | {"id": "x"}, "by its schema: com.example.Order.id is no long"),
        ({"schema": ORDER}, VALUE | {"state": "LOST"}, "by its schema: com.example.Order.state is no enum"),
        ({"schema": ORDER}, VALUE | {"unknown": 1}, "more fields than the schema specifies: unknown"),
        ({"schema": ORDER}, {"id": 1}, "by its schema: com.example.Order.total is no double"),
        ({"schema": ORDER}, "text", "it is no record, give it as an expression"),
        ({"schema": '"int"'}, 2**40, "by its schema: it is no int"),
        ({"schema": '"boolean"'}, "no", "by its schema: it is no boolean"),
        ({"schema": None}, VALUE, "schemaStrategy"),
        ({"type": "schemaRegistry", "schema": ORDER, "schemaRegistryUrl": "nowhere"}, VALUE, "schemaRegistryUrl"),
        ({"type": "protobuf", "schema": ORDER}, VALUE, "schemaStrategy"),
    ],
)  # fmt: skip
async def test_bad_input_is_named(kafka: ConnectorUnderTest, given: dict[str, Any], strategy: Any, value: Any, message: str):
    job = await kafka.job(given | {"schemaStrategy": {"type": "inlineSchema"} | strategy, "message": {"value": value}})
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message

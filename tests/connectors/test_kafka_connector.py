"""Kafka: records through a job into a real cluster of one node, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from connector_kafka import GUEST, RECORD_BYTES, Kafka
from connector_server import clients_of
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:connector-kafka:1"


@pytest.fixture
def server(kafka_process: Kafka) -> Kafka:
    return kafka_process


@pytest.fixture
def secrets(tmp_path: Path, server: Kafka) -> Path:
    (tmp_path / "KAFKA").write_text(server.password)
    (tmp_path / "CA").write_text(server.authority.read_text())
    return tmp_path


@pytest.fixture
async def kafka(gateway: ZeebeGateway, secrets: Path) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "kafka", JOB_TYPE, secrets=secrets) as connector:
        yield connector


@pytest.fixture
async def topic(server: Kafka) -> str:
    """A topic of the test's own."""
    return await server.new_topic()


@pytest.fixture
def given(server: Kafka, topic: str) -> dict[str, Any]:
    """As the official template's fields give it."""
    return {
        "authentication": {"username": "", "password": ""},
        "schemaStrategy": {"type": "noSchema"},
        "topic": {"bootstrapServers": server.plain, "topicName": topic},
        "message": {"key": "k1", "value": {"id": 7}},
    }


def with_login(given: dict[str, Any], server: Kafka, **properties: str) -> dict[str, Any]:
    """Over TLS with user and password."""
    trust = {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": "{{secrets.CA}}"}
    return given | {
        "authentication": {"username": server.user, "password": "{{secrets.KAFKA}}"},
        "topic": given["topic"] | {"bootstrapServers": server.tls},
        "additionalProperties": trust | properties,
    }


async def test_a_record_arrives_with_what_tells_a_repeated_try_and_its_place_comes_back(
    kafka: ConnectorUnderTest, server: Kafka, topic: str, given: dict[str, Any]
):
    result = await kafka.result(given | {"headers": {"source": "shop"}})
    (record,) = await server.records(topic)
    assert (record.key, record.value) == (b"k1", b'{"id":7}')
    assert result == {"timestamp": record.timestamp, "offset": 0, "partition": 0, "topic": topic}
    headers = dict(record.headers)
    assert headers["source"] == b"shop"
    assert headers["idempotency-key"].startswith(b"zeebe-job-")


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ({"key": "k", "value": "grüße"}, (b"k", "grüße".encode())),
        ({"key": {"a": 1}, "value": [1, 2]}, (b'{"a":1}', b"[1,2]")),
        ({"key": 7, "value": "7"}, (b"7", b"7")),
        ({"value": "x"}, (None, b"x")),
        ({"key": "k", "value": None}, (b"k", None)),
    ],
)
async def test_texts_are_sent_as_they_are_and_anything_else_as_json(
    kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any], message: dict[str, Any], sent: Any
):
    await kafka.result(given | {"message": message})
    (record,) = await server.records(given["topic"]["topicName"])
    assert (record.key, record.value) == sent


async def test_a_task_as_older_diagrams_have_it(kafka: ConnectorUnderTest, server: Kafka, topic: str):
    place = {"bootstrapServers": server.plain, "topicName": topic}
    message = {"key": "99", "value": {"invoiceNumber": 7, "vendorName": "Acme"}}
    properties = {"delivery.timeout.ms": "25000", "request.timeout.ms": "25000"}
    await kafka.result({"serializationType": "json", "topic": place, "message": message, "additionalProperties": properties})
    (record,) = await server.records(topic)
    assert (record.key, record.value) == (b"99", b'{"invoiceNumber":7,"vendorName":"Acme"}')


async def test_user_and_password_log_in_over_tls_and_properties_override_the_mechanism(
    kafka: ConnectorUnderTest, server: Kafka, topic: str, given: dict[str, Any]
):
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'{module} required username="{server.user}" password="{{{{secrets.KAFKA}}}}";'
    by_properties = given | {
        "topic": {"bootstrapServers": "127.0.0.1:1", "topicName": topic},
        "additionalProperties": {
            "bootstrap.servers": server.tls, "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.jaas.config": login, "ssl.truststore.type": "PEM", "ssl.truststore.certificates": "{{secrets.CA}}",
            "acks": "1", "linger.ms": 5, "enable.idempotence": False, "compression.type": "gzip", "client.id": "shop",
        },
    }  # fmt: skip
    for variables in (with_login(given, server), with_login(given, server, **{"sasl.mechanism": "SCRAM-SHA-256"}), by_properties):
        await kafka.result(variables)
    assert [record.value for record in await server.records(topic)] == [b'{"id":7}'] * 3


@pytest.mark.parametrize("properties", [{}, {"sasl.mechanism": "SCRAM-SHA-256"}, {"sasl.mechanism": "SCRAM-SHA-512"}])
async def test_a_refused_login_is_tried_again_and_told_to_nobody(
    kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any], properties: dict[str, str]
):
    variables = with_login(given, server, **properties)
    job = await kafka.job(variables | {"authentication": {"username": server.user, "password": "canary-wrong"}})
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2), job.error_message
    assert "canary" not in job.error_message


async def test_a_user_who_may_not_write_is_never_tried_again(kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any]):
    guest = {"authentication": {"username": GUEST, "password": "{{secrets.KAFKA}}"}}
    job = await kafka.job(with_login(given, server) | guest)
    assert (job.result["error"]["code"], job.state) == ("FORBIDDEN", JobState.INCIDENT), job.error_message


async def test_tls_needs_a_certificate_that_is_trusted_and_of_that_host(
    kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any]
):
    async def code(servers: str, **properties: str) -> str | None:
        variables = with_login(given, server, **properties)
        variables["topic"] = variables["topic"] | {"bootstrapServers": servers}
        job = await kafka.job(variables)
        return None if job.state is JobState.COMPLETED else job.result["error"]["code"]

    assert await code(f"127.0.0.1:{server.tls_port}") == "TLS"
    assert await code(f"127.0.0.1:{server.tls_port}", **{"ssl.endpoint.identification.algorithm": ""}) is None
    assert await code(server.plain) == "UNREACHABLE"  # it hangs up, and nobody can tell why


async def test_a_certificate_that_nobody_vouches_for_is_refused(kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any]):
    variables = with_login(given, server)
    job = await kafka.job(variables | {"additionalProperties": {}})
    assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message


async def test_an_unknown_topic_is_tried_again_and_hinders_nobody(
    kafka: ConnectorUnderTest, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._kafka_producer.TOPIC_SECONDS", 0.5)
    job = await kafka.job(given | {"topic": given["topic"] | {"topicName": "nowhere"}})
    assert (job.result["error"]["code"], job.retries) == ("TOPIC", 2), job.error_message
    await kafka.result(given)


@pytest.mark.parametrize("limit", [None, "1000"])
async def test_a_record_that_is_too_large_is_never_tried_again(
    kafka: ConnectorUnderTest, given: dict[str, Any], limit: str | None
):
    properties = {"max.request.size": limit} if limit else {}
    message = {"key": "k", "value": "x" * (RECORD_BYTES + 1)}
    job = await kafka.job(given | {"message": message, "additionalProperties": properties})
    assert (job.result["error"]["code"], job.state) == ("TOO_LARGE", JobState.INCIDENT), job.error_message
    await kafka.result(given)


async def test_a_broker_that_is_not_there_is_tried_again(kafka: ConnectorUnderTest, given: dict[str, Any], unused_tcp_port: int):
    servers = f"127.0.0.1:{unused_tcp_port}"
    job = await kafka.job(given | {"topic": given["topic"] | {"bootstrapServers": servers}})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize("says", [{}, {"says": b"\x00\x00\x01\x00half", "hangs_up": True}])
async def test_a_broker_that_says_nothing_or_half_of_it_is_given_up_after_a_while(
    kafka: ConnectorUnderTest, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, says: dict[str, Any]
):
    monkeypatch.setattr("connectors._kafka_producer.CONNECT_SECONDS", 0.5)
    async with silent_server(**says) as port:
        job = await kafka.job(given | {"topic": given["topic"] | {"bootstrapServers": f"127.0.0.1:{port}"}})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


async def test_a_broker_that_acknowledges_nothing_in_time_costs_one_try(
    kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any]
):
    hurried = {"delivery.timeout.ms": 1, "linger.ms": 1000}
    job = await kafka.job(given | {"additionalProperties": hurried})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
    await kafka.result(given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"additionalProperties": {"no.such.thing": 1}}, "the property 'no.such.thing'"),
        ({"additionalProperties": {"linger.ms": "canary"}}, "the property 'linger.ms'"),
        ({"additionalProperties": {"acks": "2"}}, "cannot use these properties"),
        ({"additionalProperties": {"compression.type": "brotli"}}, "cannot use these properties"),
        ({"additionalProperties": {"sasl.mechanism": "GSSAPI"}}, "must be one of PLAIN, SCRAM-SHA-256"),
        ({"additionalProperties": {"sasl.jaas.config": "canary"}}, "names no username and password"),
        ({"additionalProperties": {"ssl.truststore.type": "JKS"}}, "only PEM is known here"),
        ({"additionalProperties": {"value.serializer": "io.confluent.KafkaAvroSerializer"}}, "'value.serializer'"),
        ({"topic": {"bootstrapServers": "nobody", "topicName": "t"}}, "topic.bootstrapServers"),
        ({"topic": {"bootstrapServers": "h:1", "topicName": "a b"}}, "topic.topicName"),
        ({"headers": {"a": [1]}}, "headers.a"),
    ],
)  # fmt: skip
async def test_bad_input_is_named_and_never_tried_again(
    kafka: ConnectorUnderTest, given: dict[str, Any], change: dict[str, Any], message: str
):
    job = await kafka.job(given | change)
    assert job.state is JobState.INCIDENT
    assert message in job.error_message
    assert "canary" not in job.error_message


@pytest.mark.parametrize("servers", ["127.0.0.1:{port},169.254.169.254:9092", "127.0.0.1:{lying_port}"])
async def test_a_broker_that_the_egress_rules_deny_is_not_connected_to_whoever_names_it(
    kafka: ConnectorUnderTest, server: Kafka, given: dict[str, Any], servers: str
):
    named = servers.format(port=server.port, lying_port=server.lying_port)
    job = await kafka.job(given | {"topic": given["topic"] | {"bootstrapServers": named}})
    assert job.state is JobState.INCIDENT
    assert "link-local addresses are denied" in job.error_message


async def test_jobs_share_a_producer_which_a_pod_that_stops_closes(
    gateway: ZeebeGateway, secrets: Path, server: Kafka, given: dict[str, Any]
):
    before = clients_of(server.port)
    async with connector_under_test(gateway, "kafka", JOB_TYPE, secrets=secrets) as connector:
        offsets = await asyncio.gather(*(connector.result(given) for _ in range(8)))
        assert sorted(result["offset"] for result in offsets) == list(range(8))
        assert len(clients_of(server.port) - before) <= 2  # one that asks, one that sends
    assert clients_of(server.port) <= before

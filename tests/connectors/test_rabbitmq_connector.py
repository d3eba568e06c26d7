"""RabbitMQ: messages through a job into a real broker, and what the broker refuses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from connector_rabbitmq import MESSAGE_BYTES, RabbitMq, rabbitmq_server
from connector_server import clients_of
from rebound_name import ReboundName
from silent_link import SilentLink
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:connector-rabbitmq:1"


@pytest.fixture(scope="session")
def server() -> Iterator[RabbitMq]:
    with rabbitmq_server() as server:
        yield server


@pytest.fixture
def secrets(tmp_path: Path, server: RabbitMq) -> Path:
    (tmp_path / "MQ").write_text(server.password)
    return tmp_path


@pytest.fixture
def trusted(server: RabbitMq, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom the pod trusts beside the system's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))


@pytest.fixture
async def rabbitmq(gateway: ZeebeGateway, secrets: Path) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "rabbitmq", JOB_TYPE, secrets=secrets) as connector:
        yield connector


@pytest.fixture
async def channel(server: RabbitMq) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(server.uri) as connection:
        yield await connection.channel()


@pytest.fixture
async def queue(channel: AbstractChannel) -> AbstractQueue:
    """A queue of the test's own, bound to the exchange `orders`."""
    exchange = await channel.declare_exchange("orders", "topic")
    queue = await channel.declare_queue(exclusive=True)
    await queue.bind(exchange, "order.#")
    return queue


@pytest.fixture
def given(server: RabbitMq) -> dict[str, Any]:
    """As the official template's fields give it."""
    return {
        "authentication": {"authType": "credentials", "userName": server.user, "password": "{{secrets.MQ}}"},
        "routing": {
            "exchange": "orders", "routingKey": "order.created",
            "virtualHost": "/", "hostName": "127.0.0.1", "port": str(server.port),
        },
        "message": {"body": {"id": 7}},
    }  # fmt: skip


def by_uri(given: dict[str, Any], uri: str) -> dict[str, Any]:
    routing = {"exchange": "orders", "routingKey": "order.created"}
    return given | {"authentication": {"authType": "uri", "uri": uri}, "routing": routing}


async def test_a_json_message_arrives_and_its_id_is_of_the_job(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any]
):
    result = await rabbitmq.result(given)
    message = await queue.get(timeout=5)
    assert (message.body, message.message_id, message.routing_key) == (b'{"id":7}', result["messageId"], "order.created")
    assert result == {"statusResult": "Success", "messageId": message.message_id}
    assert message.message_id.startswith("zeebe-job-")


async def test_a_text_is_sent_as_it_is_with_the_properties_given(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any]
):
    properties = {
        "contentType": "text/plain", "headers": {"source": "shop", "tries": 2}, "priority": 3, "correlationId": "c1",
        "expiration": "60000", "messageId": "m1", "timestamp": 1767225600000, "type": "order", "appId": "a", "replyTo": "r",
    }  # fmt: skip
    result = await rabbitmq.result(given | {"message": {"body": "grüße", "properties": properties}})
    message = await queue.get(timeout=5)
    assert (message.body.decode(), message.headers) == ("grüße", {"source": "shop", "tries": 2})
    assert (message.content_type, message.priority, message.correlation_id) == ("text/plain", 3, "c1")
    assert (message.expiration, message.message_id, result["messageId"]) == (60.0, "m1", "m1")
    assert (message.timestamp.isoformat(), message.type, message.app_id) == ("2026-01-01T00:00:00+00:00", "order", "a")
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT


async def test_the_user_may_be_spelt_as_other_connectors_do(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq
):
    authentication = {"authType": "credentials", "username": server.user, "password": "{{secrets.MQ}}"}
    await rabbitmq.result(given | {"authentication": authentication})
    assert (await queue.get(timeout=5)).body == b'{"id":7}'


async def test_a_uri_names_the_same_broker(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq
):
    uri = f"amqp://{server.user}:{{{{secrets.MQ}}}}@127.0.0.1:{server.port}/%2F"
    await rabbitmq.result(by_uri(given, uri))
    assert (await queue.get(timeout=5)).body == b'{"id":7}'


async def test_a_message_that_no_queue_takes_is_dropped_unless_the_connector_minds(
    gateway: ZeebeGateway, secrets: Path, rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any]
):
    elsewhere = given | {"routing": given["routing"] | {"routingKey": "nobody.listens"}}
    assert (await rabbitmq.result(elsewhere))["statusResult"] == "Success"
    strict = connector_under_test(gateway, "rabbitmq", "strict", settings={"mandatory": True}, secrets=secrets)
    async with strict as connector:
        assert (await connector.result(given))["statusResult"] == "Success"
        job = await connector.job(elsewhere)
    assert (job.result["error"]["code"], job.retries) == ("UNROUTABLE", 2), job.error_message


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"routing": {"exchange": "nowhere"}}, ("EXCHANGE", 0)),
        ({"routing": {"exchange": "amq.rabbitmq.trace"}}, ("FORBIDDEN", 0)),
        ({"routing": {"virtualHost": "/nowhere"}}, ("VIRTUAL_HOST", 0)),
        ({"authentication": {"password": "canary-wrong"}}, ("LOGIN", 2)),
        ({"message": {"properties": {"userId": "somebody"}}}, ("REFUSED", 0)),
        ({"message": {"body": "x" * (MESSAGE_BYTES + 1)}}, ("REFUSED", 0)),
    ],
)
async def test_a_refusal_has_a_code_is_tried_again_only_when_that_helps_and_is_nobody_elses(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], change: dict[str, Any], outcome: Any
):
    job = await rabbitmq.job({part: given[part] | change.get(part, {}) for part in given})
    assert (job.result["error"]["code"], job.retries) == outcome, job.error_message
    assert "canary" not in job.error_message
    await rabbitmq.result(given)
    assert (await queue.get(timeout=5)).body == b'{"id":7}'


async def test_a_full_queue_that_rejects_is_tried_again(
    rabbitmq: ConnectorUnderTest, channel: AbstractChannel, given: dict[str, Any]
):
    full = await channel.declare_queue(exclusive=True, arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    job = await rabbitmq.job(given | {"routing": given["routing"] | {"exchange": "", "routingKey": full.name}})
    assert (job.result["error"]["code"], job.retries) == ("NOT_CONFIRMED", 2), job.error_message


async def test_a_broker_that_is_not_there_is_tried_again(
    rabbitmq: ConnectorUnderTest, given: dict[str, Any], unused_tcp_port: int
):
    job = await rabbitmq.job(given | {"routing": given["routing"] | {"port": unused_tcp_port}})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


async def test_a_broker_that_says_nothing_is_given_up_after_a_while(
    rabbitmq: ConnectorUnderTest, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._rabbitmq_broker.CONNECT_SECONDS", 0.5)
    async with silent_server() as port:
        job = await rabbitmq.job(given | {"routing": given["routing"] | {"port": port}})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


async def test_a_broker_that_takes_nothing_for_now_is_given_up_after_a_while(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._rabbitmq_broker.CONFIRM_SECONDS", 0.5)
    await asyncio.to_thread(server.control, "set_vm_memory_high_watermark", "0.000001")
    try:
        job = await rabbitmq.job(given)
        assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
    finally:
        await asyncio.to_thread(server.control, "set_vm_memory_high_watermark", "0.4")
    await rabbitmq.result(given)


async def test_a_connection_that_falls_silent_costs_one_try(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._rabbitmq_broker.CONFIRM_SECONDS", 0.5)
    async with SilentLink(server.port).listening() as link:
        through_link = given | {"routing": given["routing"] | {"port": link.port}}
        await rabbitmq.result(through_link)
        link.fall_silent()
        job = await rabbitmq.job(through_link)
        assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
        await rabbitmq.result(through_link)


async def test_an_answer_that_breaks_off_is_tried_again(rabbitmq: ConnectorUnderTest, given: dict[str, Any]):
    async with silent_server(says=b"\x01\x00\x00\x00\x00\x01\xff\x00\x0a", hangs_up=True) as port:
        job = await rabbitmq.job(given | {"routing": given["routing"] | {"port": port}})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


async def test_tls_needs_a_certificate_that_is_trusted_and_of_that_host(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq, monkeypatch: pytest.MonkeyPatch
):
    async def code(host: str, port: int) -> str | None:
        job = await rabbitmq.job(by_uri(given, f"amqps://{server.user}:{{{{secrets.MQ}}}}@{host}:{port}/%2F"))
        return None if job.state is JobState.COMPLETED else job.result["error"]["code"]

    assert await code("localhost", server.tls_port) == "TLS"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    assert await code("127.0.0.1", server.tls_port) == "TLS"
    assert await code("localhost", server.port) == "TLS"
    assert await code("localhost", server.tls_port) is None
    assert (await queue.get(timeout=5)).body == b'{"id":7}'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"message": {"properties": {"nonsense": 1}, "body": "x"}}, "message.properties.nonsense"),
        ({"message": {"properties": {"priority": 300}, "body": "x"}}, "message.properties.priority"),
        ({"routing": {"exchange": "orders", "routingKey": "k"}}, "routing.hostName is empty"),
        ({"authentication": {"authType": "uri", "uri": "http://canary"}}, "must begin with amqp:// or amqps://"),
        ({"authentication": {"authType": "uri", "uri": "amqps://h/v?cafile=/canary"}}, "takes no query parameters"),
        ({"authentication": {"authType": "uri", "uri": "amqp://u:canary@h:port/v"}}, "write it as amqp://"),
        ({"authentication": {"authType": "kerberos"}}, "authentication"),
    ],
)
async def test_bad_input_is_named_and_never_tried_again(
    rabbitmq: ConnectorUnderTest, given: dict[str, Any], change: dict[str, Any], message: str
):
    job = await rabbitmq.job(given | change)
    assert job.state is JobState.INCIDENT
    assert message in job.error_message
    assert "canary" not in job.error_message


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["amqp", "amqps"])
async def test_the_address_that_was_checked_is_connected_to_and_tls_verifies_the_name(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, server: RabbitMq, rebound: ReboundName, scheme: str
):
    port = server.tls_port if scheme == "amqps" else server.port
    uri = f"{scheme}://{server.user}:{{{{secrets.MQ}}}}@{rebound.host}:{port}/%2F"
    await rabbitmq.result(by_uri({"message": {"body": "checked"}}, uri))
    assert (await queue.get(timeout=5)).body == b"checked"


async def test_a_host_that_the_egress_rules_deny_is_not_connected_to(rabbitmq: ConnectorUnderTest, given: dict[str, Any]):
    job = await rabbitmq.job(given | {"routing": given["routing"] | {"hostName": "169.254.169.254"}})
    assert job.state is JobState.INCIDENT
    assert "link-local addresses are denied" in job.error_message


async def test_jobs_share_a_connection_which_a_pod_that_stops_closes(
    gateway: ZeebeGateway, secrets: Path, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq
):
    async with connector_under_test(gateway, "rabbitmq", JOB_TYPE, secrets=secrets) as connector:
        before = clients_of(server.port)
        await asyncio.gather(*(connector.result(given) for _ in range(8)))
        assert len(clients_of(server.port) - before) == 1
    assert clients_of(server.port) <= before


async def test_a_connection_that_the_broker_closed_is_opened_anew(
    rabbitmq: ConnectorUnderTest, queue: AbstractQueue, given: dict[str, Any], server: RabbitMq
):  # the fixture's own connection and queue go too
    await rabbitmq.result(given)
    before = clients_of(server.port)
    await asyncio.to_thread(server.control, "close_all_connections", "by hand")
    job = await rabbitmq.job(given | {"routing": given["routing"] | {"exchange": "amq.topic"}})
    assert job.state is JobState.COMPLETED, job.error_message
    assert not clients_of(server.port) & before

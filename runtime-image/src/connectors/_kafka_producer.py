"""Producers, which the jobs of a pod share, by cluster and who logs in there."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from connector_sdk import InputError, SharedClients
from connectors._egress import Egress, check_host
from connectors._extras import extra
from connectors._kafka_properties import Properties

with extra("kafka"):
    from aiokafka import AIOKafkaProducer
    from aiokafka.conn import create_conn  # pyright: ignore[reportUnknownVariableType] - the client is untyped there
    from aiokafka.errors import KafkaConnectionError
    from aiokafka.structs import BrokerMetadata, RecordMetadata

# It logs every try of every broker; a job's error says the same once.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
CONNECT_SECONDS, TOPIC_SECONDS, CLOSE_SECONDS = 10, 5, 3
DELIVERY_MS = 45_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the brokers are, how to log in and how to produce; equal clusters share a producer."""

    servers: tuple[str, ...]
    protocol: str
    mechanism: str
    user: str | None
    password: str | None = field(repr=False)
    authorities: str | None = field(repr=False)
    checks_host_name: bool
    options: tuple[tuple[str, Any], ...]
    delivery_seconds: float
    egress: Egress = field(compare=False, repr=False)

    @property
    def uses_tls(self) -> bool:
        """Whether certificates matter."""
        return self.protocol.endswith("SSL")

    def security(self) -> dict[str, Any]:
        """What producer and bare connection take alike."""
        login: dict[str, Any] = {}
        if self.protocol.startswith("SASL"):
            login = {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return {"security_protocol": self.protocol, "ssl_context": self._tls() if self.uses_tls else None, **login}

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.authorities)
        context.check_hostname = self.checks_host_name
        return context


@dataclass(frozen=True, slots=True)
class Record:
    """One message."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class UnknownTopic(Exception):  # noqa: N818 - what the cluster does not have
    """The cluster has no such topic, or does not show it to this user."""


def cluster_of(servers: str, user: str, password: str, given: Mapping[str, Any], egress: Egress) -> Cluster:
    """The cluster that the inputs name, properties last and so strongest; raises InputError that names a property."""
    properties = Properties(given)
    login = properties.login() or ({"username": user, "password": password} if user and password else {})
    names = (properties.take("bootstrap.servers") or servers).split(",")
    return Cluster(
        servers=tuple(name.strip() for name in names if name.strip()),
        protocol=properties.protocol("SASL_SSL" if user and password else "PLAINTEXT"),
        mechanism=properties.mechanism(),
        user=login.get("username"),
        password=login.get("password"),
        authorities=properties.authorities(),
        checks_host_name=properties.take("ssl.endpoint.identification.algorithm", "https") != "",
        delivery_seconds=properties.milliseconds("delivery.timeout.ms", DELIVERY_MS) / 1000,
        options=tuple(properties.options().items()),
        egress=egress,
    )


class Producer:
    """A client, and which of the brokers that the cluster names may be connected to."""

    def __init__(self, client: AIOKafkaProducer, egress: Egress) -> None:
        self.client = client
        self._egress = egress
        self._checked: set[str] = set()

    async def expect_allowed(self) -> None:
        """Raise InputError when the cluster names a broker that is denied: it may name others at any time."""
        brokers = cast("set[BrokerMetadata]", self.client.client.cluster.brokers())
        for host in {broker.host for broker in brokers} - self._checked:
            await check_host(self._egress, host)
            self._checked.add(host)

    async def close(self) -> None:
        """Send what is still to be sent, for a short while."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.client.stop()
        except TimeoutError:
            await self.client.client.close()  # nobody takes it


async def open_producer(cluster: Cluster) -> Producer:
    """Connect to one of the brokers; raises why the first of them refuses, and InputError for a host that is denied."""
    for server in cluster.servers:
        await check_host(cluster.egress, server.rpartition(":")[0])
    options = {"acks": "all", "client_id": "connector-runtime", **dict(cluster.options)}
    try:
        client = AIOKafkaProducer(bootstrap_servers=",".join(cluster.servers), **options, **cluster.security())
    except (RuntimeError, TypeError, ValueError) as error:
        msg = f"cannot use these properties: {error}"
        raise InputError(msg) from error
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.start()
    except KafkaConnectionError:
        await client.stop()
        await _reason(cluster)
        raise
    except BaseException:
        await client.stop()
        raise
    return Producer(client, cluster.egress)


async def _reason(cluster: Cluster) -> None:
    """Raise why the first broker cannot be used: the client itself keeps that to its log."""
    host, _, port = cluster.servers[0].rpartition(":")
    async with asyncio.timeout(CONNECT_SECONDS):
        connection = await create_conn(host, int(port), **cluster.security())
    connection.close()


producers = SharedClients(open_producer, Producer.close)


async def produce(cluster: Cluster, record: Record) -> RecordMetadata:
    """Return when as many brokers as `acks` asks for have the record; raises what the client raises, and UnknownTopic."""
    async with producers.use(cluster) as producer:
        await producer.expect_allowed()
        await _expect_topic(cluster, producer.client, record.topic)
        await producer.expect_allowed()
        return await _sent(cluster, producer.client, record)


async def _sent(cluster: Cluster, client: AIOKafkaProducer, record: Record) -> RecordMetadata:
    send = cast("Callable[..., Awaitable[RecordMetadata]]", client.send_and_wait)
    try:
        async with asyncio.timeout(cluster.delivery_seconds):
            return await send(record.topic, record.value, record.key, headers=[*record.headers])
    except TimeoutError:
        producers.discard(cluster)  # perhaps its connections lead nowhere any more: the next job does not wait for that
        raise


async def _expect_topic(cluster: Cluster, client: AIOKafkaProducer, topic: str) -> None:
    """Raise UnknownTopic; the producer would go on asking for the topic for ever, so that another takes its place."""
    try:
        async with asyncio.timeout(TOPIC_SECONDS):
            await client.partitions_for(topic)
    except TimeoutError:
        producers.discard(cluster)
        raise UnknownTopic(topic) from None

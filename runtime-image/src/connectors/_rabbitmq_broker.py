"""Connections to RabbitMQ, which the jobs of a pod share, and messages that count as sent when the broker has confirmed them.

https://www.rabbitmq.com/docs/uri-spec · https://www.rabbitmq.com/docs/confirms
"""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from connector_sdk import InputError, SharedClients
from connectors._egress import Egress, HostTls, checked_connection
from connectors._extras import extra

with extra("rabbitmq"):
    from aio_pika import Message, connect
    from aio_pika.abc import AbstractChannel, AbstractConnection
    from aiormq.abc import DeliveredMessage
    from aiormq.exceptions import InvalidFrameError

CONNECT_SECONDS, CONFIRM_SECONDS, CLOSE_SECONDS = 10, 30, 3
PORTS = {"amqp": 5672, "amqps": 5671}


@dataclass(frozen=True, slots=True)
class Place:
    """A virtual host of a broker and who logs in there; equal places share a connection."""

    scheme: str
    host: str
    port: int
    virtual_host: str
    user: str
    password: str = field(repr=False)
    egress: Egress = field(compare=False, repr=False)

    def url(self, address: str) -> str:
        """At one of the host's addresses, with every part percent-encoded."""
        user, password, virtual_host = (quote(text, safe="") for text in (self.user, self.password, self.virtual_host))
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{user}:{password}@{host}:{self.port}/{virtual_host}?name=connector-runtime"


def from_uri(uri: str, egress: Egress) -> Place:
    """The place that `amqp://user:password@host:5672/vhost` names; raises InputError without showing the URI."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        msg = "cannot use authentication.uri: write it as amqp://user:password@host:port/vhost"
        raise InputError(msg) from error
    if parts.scheme not in PORTS or not parts.hostname:
        msg = "cannot use authentication.uri: it must begin with amqp:// or amqps:// and name a host"
        raise InputError(msg)
    if parts.query:
        msg = "cannot use authentication.uri: this connector takes no query parameters, leave out what follows the '?'"
        raise InputError(msg)
    virtual_host = unquote(parts.path[1:]) or "/"
    user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
    return Place(parts.scheme, parts.hostname, port or PORTS[parts.scheme], virtual_host, user, password, egress)


@dataclass(frozen=True, slots=True)
class Publication:
    """One message and where it goes."""

    message: Message
    exchange: str
    routing_key: str
    must_arrive: bool
    """Whether a message that no queue takes is a failure."""


class Unroutable(Exception):  # noqa: N818 - what happened to the message
    """No queue takes the message; the text is the broker's."""


class NoVirtualHost(Exception):  # noqa: N818 - what the broker says no to
    """There is no such virtual host, or the user may not use it."""


class Broker:
    """A connection and its channels. A refusal closes the channel it came on, so no two jobs publish on one at a time."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._idle: list[AbstractChannel] = []
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_closed(self) -> bool:
        """Whether the broker, the network or the end of the pod has closed it."""
        return not self._connection.connected.is_set()

    async def publish(self, publication: Publication) -> None:
        """Return when the broker has taken the message over; raises TimeoutError when it does not say so in time."""
        async with asyncio.timeout(CONFIRM_SECONDS):
            channel = self._idle.pop() if self._idle else await self._connection.channel()
            try:
                answer = await self._published(channel, publication)
            except BaseException:
                # Whatever is still to come on this channel belongs to nobody.
                task = asyncio.create_task(_closed(channel))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
                raise
        self._idle.append(channel)
        if isinstance(answer, DeliveredMessage):
            raise Unroutable(getattr(answer.delivery, "reply_text", "") or "NO_ROUTE")

    @staticmethod
    async def _published(channel: AbstractChannel, publication: Publication) -> object:
        exchange = await channel.get_exchange(publication.exchange, ensure=False)
        return await exchange.publish(publication.message, publication.routing_key, mandatory=publication.must_arrive)

    async def close(self) -> None:
        """Say goodbye to the broker, which may not answer any more."""
        async with asyncio.timeout(CLOSE_SECONDS):
            await self._connection.close()


async def _closed(channel: AbstractChannel) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await channel.close()
    except Exception:  # noqa: S110 - the reason for closing is what the job hears of
        pass


async def open_broker(place: Place) -> Broker:
    """Log in; raises what the client raises, and InputError for a host that the egress rules deny."""
    context = HostTls.of(place.host) if place.scheme == "amqps" else None

    async def connected(address: str) -> AbstractConnection:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await connect(place.url(address), ssl_context=context, timeout=CONNECT_SECONDS)

    try:
        return Broker(await checked_connection(place.egress, place.host, connected))
    except InvalidFrameError as error:
        # What the client says when the broker answers the wish for a virtual host with goodbye.
        if "Connection.OpenOk" not in str(error):
            raise
        raise NoVirtualHost(place.virtual_host) from error


brokers = SharedClients(open_broker, Broker.close)


async def publish(place: Place, publication: Publication) -> None:
    """Publish over the shared connection to a place; one that has closed since its last use is opened anew first."""
    for _ in range(2):
        async with brokers.use(place) as broker:
            if not broker.is_closed:
                return await _published(place, broker, publication)
        brokers.discard(place)
    msg = "the broker closes connections at once"
    raise ConnectionError(msg)


async def _published(place: Place, broker: Broker, publication: Publication) -> None:
    try:
        await broker.publish(publication)
    except TimeoutError:
        # Perhaps nobody is there any more, which heartbeats find out only later: the next job does not wait for that.
        brokers.discard(place)
        raise

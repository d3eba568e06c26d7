"""What RabbitMQ refuses, as error codes. Reply codes: https://www.rabbitmq.com/amqp-0-9-1-reference#constants"""

import ssl
from enum import StrEnum

from connector_sdk import ConnectorError, RetryError
from connectors._extras import extra
from connectors._rabbitmq_broker import NoVirtualHost, Unroutable

with extra("rabbitmq"):
    from aio_pika.exceptions import ChannelInvalidStateError, DeliveryError
    from aiormq.exceptions import (
        AMQPError,
        AuthenticationError,
        ChannelAccessRefused,
        ChannelClosed,
        ChannelNotFoundEntity,
        ProbableAuthenticationError,
    )


class RabbitMqErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    UNREACHABLE = "UNREACHABLE"
    """No connection, or no confirmation in time. Tried again: the message may arrive twice, with one messageId."""
    TLS = "TLS"
    """The broker speaks no TLS on this port, or its certificate is not trusted or of another host. Tried again."""
    LOGIN = "LOGIN"
    """The broker refuses user or password. Tried again: a rotated secret may be under way."""
    VIRTUAL_HOST = "VIRTUAL_HOST"
    """There is no such virtual host, or the user may not use it. Not tried again."""
    EXCHANGE = "EXCHANGE"
    """There is no such exchange. Not tried again."""
    FORBIDDEN = "FORBIDDEN"
    """The user may not publish to this exchange. Not tried again."""
    REFUSED = "REFUSED"
    """The broker refuses the message, such as one that is too large or has a wrong property. Not tried again."""
    UNROUTABLE = "UNROUTABLE"
    """No queue takes the message, and the setting `mandatory` asks for one. Tried again."""
    NOT_CONFIRMED = "NOT_CONFIRMED"
    """The broker could not take the message over, such as a full queue that rejects. Tried again."""


FINAL = {RabbitMqErrorCode.VIRTUAL_HOST, RabbitMqErrorCode.EXCHANGE, RabbitMqErrorCode.FORBIDDEN, RabbitMqErrorCode.REFUSED}
REFUSALS = (AMQPError, ChannelInvalidStateError, DeliveryError, NoVirtualHost, Unroutable, OSError, TimeoutError)
"""What the client raises of its own."""


def as_connector_error(error: Exception) -> ConnectorError:
    """The error of a job: the broker's own words, which hold no credentials."""
    code = _code(error)
    text = f"cannot publish to RabbitMQ: {_words(error, code)}"
    return RetryError(text, retries=0, code=code) if code in FINAL else ConnectorError(code, text)


def _code(error: Exception) -> RabbitMqErrorCode:  # noqa: PLR0911 - one line for each kind
    match error:
        case AuthenticationError() | ProbableAuthenticationError():
            return RabbitMqErrorCode.LOGIN
        case NoVirtualHost():
            return RabbitMqErrorCode.VIRTUAL_HOST
        case ChannelNotFoundEntity():
            return RabbitMqErrorCode.EXCHANGE
        case ChannelAccessRefused():
            return RabbitMqErrorCode.FORBIDDEN
        case ChannelClosed():
            return RabbitMqErrorCode.REFUSED
        case Unroutable():
            return RabbitMqErrorCode.UNROUTABLE
        case DeliveryError():
            return RabbitMqErrorCode.NOT_CONFIRMED
        case _:
            return RabbitMqErrorCode.TLS if _is_tls(error) else RabbitMqErrorCode.UNREACHABLE


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS failed, also where the client wraps that."""
    return error is not None and (isinstance(error, ssl.SSLError) or _is_tls(error.__cause__))


def _words(error: Exception, code: RabbitMqErrorCode) -> str:
    if code is RabbitMqErrorCode.LOGIN:
        return "the broker refuses user or password"
    if code is RabbitMqErrorCode.VIRTUAL_HOST:
        return f"there is no virtual host '{error}' for this user"
    if isinstance(error, DeliveryError):
        return "the broker did not confirm the message"
    texts = [str(item) for item in error.args if isinstance(item, str)]
    return texts[-1].splitlines()[0] if texts and texts[-1].strip() else type(error).__name__

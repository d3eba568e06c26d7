"""What Kafka refuses, as error codes. Protocol errors: https://kafka.apache.org/protocol#protocol_error_codes"""

import ssl
from enum import StrEnum

from connector_sdk import ConnectorError, RetryError
from connectors._extras import extra
from connectors._kafka_producer import UnknownTopic

with extra("kafka"):
    from aiokafka.errors import (
        AuthenticationFailedError,
        ClusterAuthorizationFailedError,
        IllegalSaslStateError,
        KafkaConnectionError,
        KafkaError,
        KafkaTimeoutError,
        MessageSizeTooLargeError,
        RecordListTooLargeError,
        RequestTimedOutError,
        SaslAuthenticationFailed,
        TopicAuthorizationFailedError,
        UnknownTopicOrPartitionError,
        UnsupportedSaslMechanismError,
    )


class KafkaErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    UNREACHABLE = "UNREACHABLE"
    """No connection to a broker, also where TLS is spoken on one side only, or no acknowledgement in time. Tried again."""
    TLS = "TLS"
    """The certificate of the broker is not trusted or of another host. Tried again."""
    LOGIN = "LOGIN"
    """The broker refuses user, password or mechanism. Tried again: a rotated secret may be under way."""
    TOPIC = "TOPIC"
    """The cluster has no such topic, or does not show it to this user. Tried again: it may be about to be created."""
    FORBIDDEN = "FORBIDDEN"
    """The user may not write to the topic. Not tried again."""
    TOO_LARGE = "TOO_LARGE"
    """The record is larger than client, topic or broker allow. Not tried again."""
    BROKER = "BROKER"
    """Any other refusal, such as too few replicas in sync. Tried again."""


FINAL = {KafkaErrorCode.FORBIDDEN, KafkaErrorCode.TOO_LARGE}
REFUSALS = (KafkaError, UnknownTopic, OSError, TimeoutError)
"""What the client raises of its own."""
_KINDS: tuple[tuple[KafkaErrorCode, tuple[type[Exception], ...]], ...] = (
    (KafkaErrorCode.TLS, (ssl.SSLError,)),
    (
        KafkaErrorCode.LOGIN,
        (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError),
    ),
    (KafkaErrorCode.TOPIC, (UnknownTopic, UnknownTopicOrPartitionError)),
    (KafkaErrorCode.FORBIDDEN, (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)),
    (KafkaErrorCode.TOO_LARGE, (MessageSizeTooLargeError, RecordListTooLargeError)),
    (KafkaErrorCode.UNREACHABLE, (KafkaConnectionError, KafkaTimeoutError, RequestTimedOutError, OSError, TimeoutError)),
)


def as_connector_error(error: Exception) -> ConnectorError:
    """The error of a job; the client's own words where they say more than the code."""
    code = next((code for code, kinds in _KINDS if isinstance(error, kinds)), KafkaErrorCode.BROKER)
    text = f"cannot produce to Kafka: {_words(error, code)}"
    return RetryError(text, retries=0, code=code) if code in FINAL else ConnectorError(code, text)


def _words(error: Exception, code: KafkaErrorCode) -> str:
    match code:
        case KafkaErrorCode.LOGIN:
            return "the broker refuses user, password or mechanism"
        case KafkaErrorCode.TOPIC:
            return f"the cluster has no topic '{error}', or does not show it to this user"
        case _:
            text = str(error).strip()
            return text.splitlines()[0] if text else type(error).__name__

"""BPMN messages to other process instances.

https://docs.camunda.io/docs/components/concepts/messages/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    name: str
    correlation_key: str = ""
    """Empty: for a start event."""
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What Zeebe made of a message."""

    key: int
    tenant_id: str | None = None
    process_instance_key: int | None = None
    """Of the instance that a correlated message reached."""


class Messages(Protocol):
    """The cluster's messages, as a connector function sees them in `context.messages`.

    Both raise InputError where no REST API is configured, RetryError with no retries when Zeebe refuses for good, and
    ConnectorError when trying again may help.
    """

    async def publish(
        self,
        message: Message,
        *,
        message_id: str | None = None,
        time_to_live: timedelta = timedelta(0),
        seconds: float = SECONDS,
    ) -> SentMessage:
        """Send it to whoever waits, now or within its time to live; the same id is refused (`ALREADY_EXISTS`) in that time."""
        ...

    async def correlate(self, message: Message, *, seconds: float = SECONDS) -> SentMessage:
        """Send it to who waits now and say who that is; nobody is `NOT_FOUND`."""
        ...

"""OpenTelemetry: one span for each job, sent over OTLP/HTTP where OTEL_EXPORTER_OTLP_ENDPOINT names a receiver.

A span holds what a log line holds: keys, types, ids, how the job ended; never variables, never messages.
Variables of the environment: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector_runtime.spans import Spans

logger = logging.getLogger(__name__)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Tracing:
    """Makes spans where tracing is configured, and nothing at all where it is not."""

    def __init__(self, spans: "Spans | None" = None) -> None:
        self._spans = spans

    @property
    def is_on(self) -> bool:
        """Whether spans are sent."""
        return self._spans is not None

    def ended(self, times: tuple[float, float], fields: Mapping[str, str | int], *, failed: bool) -> None:
        """A job ran between two Unix times; does not wait for the receiver."""
        if self._spans is not None:
            self._spans.add(f"job {fields['jobType']}", times, fields, failed=failed)

    async def close(self, seconds: float) -> None:
        """Send the last spans, and leave those behind that the receiver does not take in time."""
        if self._spans is None:
            return
        closing = threading.Thread(target=self._spans.close, daemon=True, name="last spans")
        closing.start()
        await asyncio.to_thread(closing.join, seconds)


OFF = Tracing()


def tracing_of_environment(worker_name: str) -> Tracing:
    """Tracing as the environment asks for it; without the extra `tracing` a line in the log says what is missing."""
    if not os.environ.get(ENDPOINT):
        return OFF
    try:
        from connector_runtime.spans import Spans  # noqa: PLC0415 - only those who trace pay for its packages
    except ImportError as error:
        logger.error("cannot trace: %s; install connector-runtime[tracing] into the image", error, extra={"action": "start"})
        return OFF
    return Tracing(Spans(os.environ.get("OTEL_SERVICE_NAME") or worker_name))

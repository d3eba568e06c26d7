"""The only importer of OpenTelemetry: loaded where tracing is configured, and nowhere else (a tenth of a second and 10 MB)."""

from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

NANOSECONDS = 1_000_000_000


class Spans:
    """Sends spans in batches from a thread of its own; where, and how, the environment says (OTEL_EXPORTER_OTLP_…)."""

    def __init__(self, service: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("connector-runtime")

    def add(self, name: str, times: tuple[float, float], fields: Mapping[str, str | int], *, failed: bool) -> None:
        """A job ran between two Unix times, in seconds."""
        begun, ended = (int(seconds * NANOSECONDS) for seconds in times)
        span = self._tracer.start_span(name, kind=SpanKind.CONSUMER, attributes=dict(fields), start_time=begun)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def close(self) -> None:
        """Send what is left; blocks for as long as the receiver takes, at most the exporter's timeout."""
        self._provider.shutdown()

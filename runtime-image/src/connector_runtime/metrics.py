"""Prometheus metrics: the official runtime's names for what it counts too, so that its dashboards work."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

# An element template's id is process data of a kind: whoever deploys diagrams must not fill the memory of the pod with it.
MAX_TEMPLATES = 200

TemplateLabels = tuple[str, str]


class Action(StrEnum):
    """What happened to a job: the label `action`."""

    ACTIVATED = "activated"
    COMPLETED = "completed"
    FAILED = "failed"
    BPMN_ERROR = "bpmn-error"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is true of one Connector at the moment of a scrape."""

    connector: str
    active: int
    oldest_seconds: float
    secrets_missing: int
    polls: bool
    streams: bool


@dataclass(frozen=True, slots=True)
class PodReading:
    """What is true of the pod at the moment of a scrape."""

    connected: bool
    held_bytes: int
    command_retries: int
    connectors: Iterable[Reading]


class _Readings(Collector):
    """Asks at each scrape, so that nothing is counted twice and nothing is forgotten."""

    def __init__(self, read: Callable[[], PodReading]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        reading = self._read()
        yield GaugeMetricFamily(
            "connector_runtime_gateway_connected", "1 while calls are answered", value=float(reading.connected)
        )
        yield CounterMetricFamily(
            "connector_runtime_command_retries", "repeated commands about jobs", value=reading.command_retries
        )
        yield GaugeMetricFamily(
            "connector_runtime_held_bytes", "variables and headers of the jobs held now", value=float(reading.held_bytes)
        )
        gauges = {
            "active": GaugeMetricFamily("connector_runtime_jobs_active", "jobs held now", labels=["connector"]),
            "oldest_seconds": GaugeMetricFamily(
                "connector_runtime_oldest_job_seconds", "age of the oldest job held", labels=["connector"]
            ),
            "secrets_missing": GaugeMetricFamily(
                "connector_runtime_secrets_missing", "declared secrets without a file", labels=["connector"]
            ),
            "polls": GaugeMetricFamily("connector_runtime_polls", "1 while jobs are activated", labels=["connector"]),
            "streams": GaugeMetricFamily(
                "connector_runtime_streams", "1 while brokers push jobs to this pod", labels=["connector"]
            ),
        }
        for connector in reading.connectors:
            for name, gauge in gauges.items():
                gauge.add_metric([connector.connector], float(getattr(connector, name)))
        yield from gauges.values()


class Metrics:
    """All metrics of one pod."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        labels = ("type", "elementTemplateId", "elementTemplateVersion")
        self.invocations = Counter(
            "camunda_connector_outbound_invocations",
            "jobs by what happened to them",
            ("type", "action", "elementTemplateId", "elementTemplateVersion"),
            registry=self.registry,
        )
        self.execution_time = Histogram(
            "camunda_connector_outbound_execution_time_seconds",
            "time from a job's activation to the end of its function",
            labels,
            registry=self.registry,
        )
        self._templates: set[TemplateLabels] = set()
        ProcessCollector(registry=self.registry)

    def watch(self, read: Callable[[], PodReading]) -> None:
        """Have `read` asked at each scrape."""
        self.registry.register(_Readings(read))

    def of_job_type(self, job_type: str) -> "JobMetrics":
        """The metrics of one Connector."""
        return JobMetrics(self, job_type)

    def template(self, labels: TemplateLabels) -> TemplateLabels:
        """The labels to count under: those of a job, or `other` when there are too many kinds of them."""
        if labels not in self._templates:
            if len(self._templates) >= MAX_TEMPLATES:
                return ("other", "")
            self._templates.add(labels)
        return labels

    def text(self) -> bytes:
        """The exposition of all metrics."""
        return generate_latest(self.registry)


class JobMetrics:
    """Counts the jobs of one job type."""

    def __init__(self, metrics: Metrics, job_type: str) -> None:
        self._metrics = metrics
        self._job_type = job_type
        self._counters: dict[tuple[Action, TemplateLabels], Counter] = {}
        self._timers: dict[TemplateLabels, Histogram] = {}

    def began(self, labels: TemplateLabels) -> None:
        """A job was activated."""
        self._counter(Action.ACTIVATED, self._metrics.template(labels)).inc()

    def ended(self, labels: TemplateLabels, action: Action, seconds: float) -> None:
        """A job's end is known."""
        template = self._metrics.template(labels)
        self._counter(action, template).inc()
        timer = self._timers.get(template)
        if timer is None:
            timer = self._timers[template] = self._metrics.execution_time.labels(self._job_type, *template)
        timer.observe(seconds)

    def _counter(self, action: Action, template: TemplateLabels) -> Counter:
        """Looking a child up by its labels costs more than counting, so each is kept."""
        counter = self._counters.get((action, template))
        if counter is None:
            counter = self._metrics.invocations.labels(self._job_type, action.value, *template)
            self._counters[action, template] = counter
        return counter

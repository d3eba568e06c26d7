"""Prometheus metrics: the official runtime's names for what it counts too, so that its dashboards work."""

from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

# An element template's id is process data of a kind: whoever deploys diagrams must not fill the memory of the pod with it.
MAX_TEMPLATES = 200

TemplateLabels = tuple[str, str]


class Action(StrEnum):
    """What happened to a job: the label `action`."""

    ACTIVATED = "activated"
    COMPLETED = "completed"
    FAILED = "failed"
    BPMN_ERROR = "bpmn-error"


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

    def began(self, labels: TemplateLabels) -> None:
        """A job was activated."""
        self._metrics.invocations.labels(self._job_type, Action.ACTIVATED.value, *self._metrics.template(labels)).inc()

    def ended(self, labels: TemplateLabels, action: Action, seconds: float) -> None:
        """A job's end is known."""
        template = self._metrics.template(labels)
        self._metrics.invocations.labels(self._job_type, action.value, *template).inc()
        self._metrics.execution_time.labels(self._job_type, *template).observe(seconds)

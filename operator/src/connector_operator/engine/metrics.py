"""What the operator counts about itself, in Prometheus' words. One registry, given from outside, so that tests have their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connector_operator.domain.objects import CUSTOM_KINDS, WATCHED_KINDS

Result = Literal["ok", "gone", "stale", "unavailable", "rejected", "timeout", "crashed"]
"""How a reconcile may end."""

_PREFIX = "connector_operator"
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters and histograms that the parts of the engine write to as things happen."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"{_PREFIX}_{name}", text, labels, registry=registry, buckets=_SECONDS)

        self.registry = registry
        self.reconciles = counter("reconciles", "Reconciles by kind and how they ended", "kind", "result")
        self.reconcile_seconds = histogram("reconcile_seconds", "How long reconciles took", "kind")
        self.queue_seconds = histogram("queue_seconds", "How long due keys waited for a worker")
        self.api_calls = counter("api_calls", "Calls to the API server", "verb", "resource", "result")
        self.audits = counter("audits", "Comparisons of the store with the API server", "result")
        self.ghosts = counter("ghosts", "Objects that the store held although they were gone", "resource")
        self.repairs = counter("repairs", "Objects that the watch had not told about, or not the newest of", "resource")
        self.pod_polls = counter("pod_polls", "Questions to worker pods for their status", "result")
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Show what alerts count before it happens: a series that begins at one has, for Prometheus, increased by nothing."""
        for kind in CUSTOM_KINDS:
            for result in get_args(Result):
                self.reconciles.labels(kind.kind, result)
        for kind in WATCHED_KINDS:
            self.ghosts.labels(kind.plural)
            self.repairs.labels(kind.plural)


@dataclass(frozen=True, slots=True)
class Readings:
    """Values that are not counted but looked up when someone asks."""

    numbers: Mapping[str, Callable[[], float]]
    """By metric name without prefix; the name ends in its unit."""
    store_objects: Callable[[], Mapping[str, int]]
    """By plural name of the kind."""
    ready_reasons: Callable[[], Mapping[tuple[str, str], int]]
    """Custom resources by kind and reason of the Ready condition."""


@dataclass(frozen=True, slots=True, eq=False)  # the registry keeps collectors by identity
class ReadingsCollector(Collector):
    """Makes metrics from `Readings` at each scrape; registers itself nowhere."""

    readings: Readings
    texts: Mapping[str, str] = field(
        default_factory=lambda: {
            "queue_depth": "Keys that are due and wait for a worker",
            "watch_age_seconds": "Time since the last watch event",
            "oldest_reconcile_seconds": "How long the oldest running reconcile has been running",
            "loop_lag_seconds": "How late the event loop last was",
            "ready": "1 when the store is complete",
            "leads": "1 when this operator is the one that writes",
        }
    )

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        for name, read in self.readings.numbers.items():
            yield GaugeMetricFamily(f"{_PREFIX}_{name}", self.texts.get(name, name), value=read())
        objects = GaugeMetricFamily(f"{_PREFIX}_store_objects", "Objects in the store", labels=["resource"])
        for plural, count in self.readings.store_objects().items():
            objects.add_metric([plural], count)
        yield objects
        reasons = GaugeMetricFamily(
            f"{_PREFIX}_resources", "Custom resources by the reason of their Ready condition", labels=["kind", "reason"]
        )
        for (kind, reason), count in sorted(self.readings.ready_reasons().items()):
            reasons.add_metric([kind, reason], count)
        yield reasons

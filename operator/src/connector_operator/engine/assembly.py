"""Puts the engine's parts together; which API server, which reconciles and which feed is for the caller to say."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_operator.cluster.port import KubeApi
from connector_operator.domain.objects import NAMESPACE
from connector_operator.domain.snapshot import Key
from connector_operator.engine.audit import Audit, AuditPace, Scope
from connector_operator.engine.catalogue_server import CatalogueServer
from connector_operator.engine.echoes import Echoes
from connector_operator.engine.engine import Engine, EnginePace, Reconcile
from connector_operator.engine.intake import Intake
from connector_operator.engine.lease import Lease
from connector_operator.engine.metrics import Metrics, Readings, ReadingsCollector
from connector_operator.engine.pod_reports import FetchStatus, PodReports
from connector_operator.engine.probes import LoopLag, Probes, Vitals
from connector_operator.engine.process import Feed, Process
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule
from connector_operator.engine.store import Store


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast the parts go; a test that has no minutes shortens them."""

    audit: AuditPace = field(default_factory=AuditPace)
    engine: EnginePace = field(default_factory=EnginePace)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the engine is connected to."""

    api: KubeApi
    feed: Feed
    fetch_status: FetchStatus
    reconcilers: Mapping[str, Reconcile]
    """By kind."""
    scope: Scope
    metrics: Metrics
    background: Mapping[str, Callable[[], Coroutine[Any, Any, None]]]
    """What else is to run for ever, by name; such as the event recorder."""
    echoes: Echoes = field(default_factory=Echoes)
    """Told by the reconcilers what they have applied."""
    paces: Paces = field(default_factory=Paces)
    lease: Lease | None = None
    """`None`: no other operator works on the same objects."""


def assemble(
    wiring: Wiring, *, probes_port: int, probes_host: str | None = None, catalogue_port: int | None = None
) -> tuple[Process, Probes]:
    """Make everything, start nothing: `await probes.start()`, then `await process.run(stop)`, then `await probes.stop()`."""
    queue: WorkQueue[Key] = WorkQueue(Schedule())
    store = Store(knows_namespaces=NAMESPACE in wiring.scope.kinds)
    intake = Intake(store, queue, wiring.echoes)
    engine = Engine(store, queue, wiring.reconcilers, wiring.metrics, wiring.paces.engine)
    audit = Audit(wiring.api, store, intake, wiring.metrics, wiring.scope, wiring.paces.audit)
    pod_reports = PodReports(store, intake, wiring.fetch_status, engine.settled, wiring.metrics)
    lag = LoopLag()
    background = {"pod-reports": pod_reports.run, "loop-lag": lag.run, **wiring.background}
    if catalogue_port is not None:
        background["catalogue"] = CatalogueServer(store, port=catalogue_port).run
    if wiring.lease is not None:
        background["lease"] = wiring.lease.run
    lead = wiring.lease.acquired.wait if wiring.lease is not None else None
    process = Process(engine, audit, intake, wiring.feed, background, lead)
    vitals = Vitals(
        loop_lag=lambda: lag.last,
        oldest_reconcile=lambda: engine.oldest_reconcile,
        watch_age=lambda: intake.watch_age,
        lossy_rounds=lambda: audit.lossy_rounds,
    )
    numbers: Mapping[str, Callable[[], float]] = {
        "queue_depth": lambda: queue.depth,
        "watch_age_seconds": vitals.watch_age,
        "oldest_reconcile_seconds": vitals.oldest_reconcile,
        "loop_lag_seconds": vitals.loop_lag,
        "ready": lambda: float(process.ready.is_set()),
        "leads": lambda: float(wiring.lease is None or wiring.lease.held),
    }
    readings = Readings(numbers, store.sizes, store.ready_reasons)
    wiring.metrics.registry.register(ReadingsCollector(readings))
    return process, Probes(vitals, process.ready.is_set, wiring.metrics.registry, host=probes_host, port=probes_port)

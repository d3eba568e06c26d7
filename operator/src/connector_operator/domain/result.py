"""What one reconcile tells the engine."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector_operator.domain.binding import Binding
from connector_operator.domain.objects import Object


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """When to come back, and what other keys need to know."""

    requeue_after: float | None = None
    """Seconds after which to reconcile again although nothing changed; `None`: only when something does."""
    refused: bool = False
    """Whether the API server refused an object: what refuses (a quota, a webhook) may change without an event."""
    settled: bool = True
    """False while the world is on its way (a roll-out, a pod that has not reported): the engine then polls pods often."""
    bindings: Mapping[str, Binding] | None = None
    """By Connector name: how this runtime stands with each Connector it selects; `None` when the key is not a runtime."""
    written: Object | None = None
    """The custom resource as the API server answered when its status was written; `None` when there was nothing to write."""

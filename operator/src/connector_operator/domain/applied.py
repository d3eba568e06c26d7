"""What an apply left behind: the status speaks only of objects that really are in the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector_operator.domain.objects import DEPLOYMENT, Object, ObjectRef
from connector_operator.domain.observed import Observed
from connector_operator.domain.problem import Problem


@dataclass(frozen=True, slots=True)
class AppliedObjects:
    """The API server's answers to one plan, and what stopped it half-way."""

    by_ref: Mapping[ObjectRef, Object]
    problem: Problem | None = None
    """Why the rest was not applied: somebody else's object, or a refusal by the API server."""
    awaited: str = ""
    """What has to vanish before the rest can be applied; empty when nothing does."""
    wait: float = 0.0
    """For how many seconds a roll-out is held back, since the last one has just begun; 0 when none is."""

    def deployment(self, name: str, observed: Observed) -> Object | None:
        """A worker's Deployment as last seen: the answer to the apply, or what the store has."""
        applied = next((obj for ref, obj in self.by_ref.items() if ref.kind == DEPLOYMENT and ref.name == name), None)
        return applied or observed.deployments.get(name)

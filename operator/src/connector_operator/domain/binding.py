"""How one ConnectorRuntime stands with one Connector: found out by the runtime's reconcile, read by the Connector's."""

from dataclasses import dataclass

from connector_operator.api.conditions import Reason
from connector_operator.domain.problem import Problem


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one aspect has got: whether it holds (`None`: not known yet), why, and a sentence for people."""

    holds: bool | None
    reason: Reason
    message: str = ""

    @classmethod
    def yes(cls, reason: Reason) -> "Progress":
        """It holds, and there is nothing to say about it."""
        return cls(True, reason)  # noqa: FBT003 - the field is three-valued and this is its one True

    @classmethod
    def no(cls, reason: Reason, message: str) -> "Progress":
        """It does not hold, and why."""
        return cls(False, reason, message)  # noqa: FBT003 - the field is three-valued and this is its one False


@dataclass(frozen=True, slots=True)
class Published:
    """Where one element template is published."""

    id: str
    version: int
    config_map: str
    key: str


@dataclass(frozen=True, slots=True)
class Binding:
    """What a runtime's last reconcile found out about one Connector that it selects."""

    runtime: str
    generation: int
    """The generation of the Connector that this is about."""
    problem: Problem | None
    """Why this runtime does not serve the Connector's newest spec; `None` when it does."""
    loaded: Progress
    published: Progress
    templates: tuple[Published, ...] = ()

    @property
    def verdict(self) -> tuple[Reason, str]:
        """`Ready`, or the first reason why not and its message. A runtime without a catalogue keeps nothing from being ready."""
        if self.problem:
            return self.problem.reason, self.problem.message
        for progress in (self.loaded, self.published):
            if not progress.holds and progress.reason is not Reason.DISABLED:
                return progress.reason, progress.message
        return Reason.READY, ""

    @property
    def ready(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        return self.verdict[0] is Reason.READY

"""What one reconcile may know: frozen inputs, taken from the store without awaiting.

Made by `engine.store`, read by `domain.resolve`, `domain.plan` and `domain.status`. A reconcile that needs more than this asks
for a new member here; it never goes back to the store or to the API server to decide something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector_operator.domain.binding import Binding
from connector_operator.domain.objects import Object
from connector_operator.domain.reports import PodReport


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What the queue holds: the custom resource whose desired state is to be brought about.

    `kind` is `ConnectorRuntime`, `Connector` or `ConnectorPolicy`; `namespace` is empty for the last.
    """

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class NamespaceSnapshot:
    """What every Connector of one namespace is judged by."""

    name: str
    labels: Mapping[str, str]
    policies: tuple[Object, ...]
    """All ConnectorPolicies of the cluster, by name; which apply here is for `domain.policy` to say."""
    sources: Mapping[str, Object]
    """The ConfigMaps of the namespace that users labelled as sources, by name."""


@dataclass(frozen=True, slots=True)
class RuntimeSnapshot:
    """Everything that one ConnectorRuntime's reconcile depends on."""

    runtime: Object
    namespace: NamespaceSnapshot
    connectors: tuple[Object, ...]
    """All Connectors of the namespace, by name; which are selected is for `domain.resolve` to say."""
    owned: tuple[Object, ...]
    """Observed objects that carry this runtime's label, pods and ReplicaSets included, in no particular order."""
    reports: Mapping[str, PodReport] = field(default_factory=dict[str, PodReport])
    """What each worker pod last said on `/status`, by pod name; a pod that did not answer has a report that says so."""


@dataclass(frozen=True, slots=True)
class ConnectorSnapshot:
    """Everything that one Connector's status depends on."""

    connector: Object
    namespace: NamespaceSnapshot
    runtimes: tuple[Object, ...]
    """All ConnectorRuntimes of the namespace, by name."""
    bindings: Mapping[str, Binding]
    """By runtime name: what that runtime's last reconcile found out about this Connector."""


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """Everything that one ConnectorPolicy's status depends on."""

    policy: Object
    connectors: tuple[Object, ...]
    """All Connectors of the cluster, by namespace and name."""
    namespaces: Mapping[str, Mapping[str, str]]
    """The labels of every namespace, by its name."""

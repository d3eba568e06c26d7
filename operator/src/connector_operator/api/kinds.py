"""The three kinds as the API server is to know them: names, printer columns, models."""

from dataclasses import dataclass
from typing import Any

from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.fields import Spec
from connector_operator.api.policy import ConnectorPolicySpec
from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.api.status import ConnectorPolicyStatus, ConnectorRuntimeStatus, ConnectorStatus, ObjectStatus

GROUP = "connectors.camunda.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """How the API server addresses one kind of object."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """The `apiVersion` of an object of this kind, such as `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True)
class CustomKind:
    """One of our kinds with everything that its CustomResourceDefinition says."""

    kind: Kind
    short_name: str
    description: str
    spec: type[Spec]
    status: type[ObjectStatus]
    columns: tuple[dict[str, Any], ...]
    scale: dict[str, str] | None = None


def _column(name: str, json_path: str, *, type_: str = "string", priority: int = 0) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "type": type_, "jsonPath": json_path}
    return column | ({"priority": priority} if priority else {})


_READY = _column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_REASON = _column("Reason", '.status.conditions[?(@.type=="Ready")].reason')
_AGE = _column("Age", ".metadata.creationTimestamp", type_="date")

CONNECTOR = Kind(GROUP, VERSION, "Connector", "connectors")
CONNECTOR_RUNTIME = Kind(GROUP, VERSION, "ConnectorRuntime", "connectorruntimes")
CONNECTOR_POLICY = Kind(GROUP, VERSION, "ConnectorPolicy", "connectorpolicies", namespaced=False)

KINDS = (
    CustomKind(
        CONNECTOR,
        "conn",
        "A Connector makes one connector function available to processes under one job type.",
        ConnectorSpec,
        ConnectorStatus,
        (
            _READY,
            _REASON,
            _column("Job type", ".spec.jobType"),
            _column("Runtimes", ".status.runtimes[*].name"),
            _AGE,
            _column("Message", '.status.conditions[?(@.type=="Ready")].message', priority=1),
        ),
    ),
    CustomKind(
        CONNECTOR_RUNTIME,
        "connrt",
        "A ConnectorRuntime is one worker that bundles the selected Connectors and runs them against one Camunda 8.",
        ConnectorRuntimeSpec,
        ConnectorRuntimeStatus,
        (
            _READY,
            _REASON,
            _column("Connectors", ".status.connectors.summary"),
            _column("Replicas", ".status.replicas", type_="integer"),
            _column("Gateway", '.status.conditions[?(@.type=="Connected")].reason'),
            _AGE,
            _column("Message", '.status.conditions[?(@.type=="Ready")].message', priority=1),
        ),
        {
            "specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        },
    ),
    CustomKind(
        CONNECTOR_POLICY,
        "connpol",
        "A ConnectorPolicy says which Connectors the namespaces it selects may use.",
        ConnectorPolicySpec,
        ConnectorPolicyStatus,
        (
            _column("Enforcement", ".spec.enforcement"),
            _column("Refused", ".status.refused", type_="integer"),
            _AGE,
        ),
    ),
)

"""Every permission that the operator uses, written once: the RBAC in deploy/ and the check at start are both made from it.

No entry names Secrets: pods mount them, the operator never reads one.
"""

from dataclasses import dataclass

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.cluster.port import EVENT, LEASE
from connector_operator.domain.objects import (
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    POD,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    SERVICE,
    SERVICE_ACCOUNT,
)


@dataclass(frozen=True, slots=True)
class Permission:
    """Verbs on one kind, or on one of its subresources."""

    kind: Kind
    verbs: tuple[str, ...]
    subresource: str = ""

    @property
    def resource(self) -> str:
        """As RBAC names it: `deployments`, `connectors/status`."""
        return f"{self.kind.plural}/{self.subresource}" if self.subresource else self.kind.plural


_WATCH = ("get", "list", "watch")
_KEEP = (*_WATCH, "create", "patch")
"""Server-side apply is a `patch`, and a `create` when the object is new."""
_OWN = (*_KEEP, "delete")

PERMISSIONS = (
    Permission(CONNECTOR, _WATCH),
    Permission(CONNECTOR, ("patch",), "status"),
    Permission(CONNECTOR_RUNTIME, _WATCH),
    Permission(CONNECTOR_RUNTIME, ("patch",), "status"),
    Permission(CONNECTOR_POLICY, _WATCH),
    Permission(CONNECTOR_POLICY, ("patch",), "status"),
    Permission(NAMESPACE, _WATCH),
    Permission(CONFIG_MAP, _OWN),
    Permission(SERVICE_ACCOUNT, _KEEP),
    Permission(SERVICE, _KEEP),
    Permission(DEPLOYMENT, _OWN),
    Permission(POD_DISRUPTION_BUDGET, _OWN),
    Permission(POD, _WATCH),
    Permission(REPLICA_SET, _WATCH),
    Permission(EVENT, ("create",)),
)

LEASE_PERMISSION = Permission(LEASE, ("get", "create", "update"))
"""In the Lease's own namespace, where several operators share one."""

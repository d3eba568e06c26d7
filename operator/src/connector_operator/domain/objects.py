"""The kinds that the operator reads or writes, and how one object is named.

Objects travel through the operator as the JSON that the API server speaks; only the three custom resources are ever parsed
into models (`api`), and only inside `domain`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, GROUP, Kind

Object = Mapping[str, Any]
"""One Kubernetes object as decoded JSON. Never changed in place: the store shares it with every snapshot."""

Manifest = dict[str, Any]
"""One Kubernetes object as we want it, complete enough for server-side apply."""

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", namespaced=False)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps")
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts")
SERVICE = Kind("", "v1", "Service", "services")
POD = Kind("", "v1", "Pod", "pods")
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments")
REPLICA_SET = Kind("apps", "v1", "ReplicaSet", "replicasets")
POD_DISRUPTION_BUDGET = Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")

CUSTOM_KINDS = (CONNECTOR, CONNECTOR_RUNTIME, CONNECTOR_POLICY)
"""Watched without a selector: what users write."""

LABELLED_KINDS = (CONFIG_MAP, SERVICE_ACCOUNT, SERVICE, POD, DEPLOYMENT, REPLICA_SET, POD_DISRUPTION_BUDGET)
"""Watched through the label `PART_LABEL` alone: what we write, and the ConfigMaps that users opened to us."""

WATCHED_KINDS = (*CUSTOM_KINDS, NAMESPACE, *LABELLED_KINDS)

PART_LABEL = f"{GROUP}/part"
"""Which part an object plays; `source` on a user's ConfigMap lets Connectors of its namespace read it."""
RUNTIME_LABEL = f"{GROUP}/runtime"
"""The ConnectorRuntime that an object of ours belongs to."""
CONNECTOR_LABEL = f"{GROUP}/connector"
"""On the worker of one Connector alone, its pods and its PodDisruptionBudget: that Connector."""
SOURCE_PART = "source"
"""The value of `PART_LABEL` on a user's ConfigMap that Connectors may read."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """One object's address; `namespace` is empty for cluster-wide kinds."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind.kind} {where}{self.name}"


_BY_TYPE = {(kind.api_version, kind.kind): kind for kind in WATCHED_KINDS}


def kind_of(manifest: Object) -> Kind:
    """Say which known kind a manifest is of; raises `KeyError` for a kind that we neither read nor write."""
    return _BY_TYPE[manifest["apiVersion"], manifest["kind"]]


def ref_of(manifest: Object) -> ObjectRef:
    """Address a complete object or manifest of a known kind."""
    metadata = manifest["metadata"]
    return ObjectRef(kind_of(manifest), metadata.get("namespace", ""), metadata["name"])


def uid_of(obj: Object) -> str:
    """The object's uid; empty for a manifest that no API server has seen."""
    return str(obj["metadata"].get("uid", ""))


def at(obj: Object | None, *path: str) -> Mapping[str, Any]:
    """The JSON object at a path of member names; empty where the path ends early, whatever stands there instead."""
    node: Any = obj
    for name in path:
        node = cast("Mapping[str, Any]", node).get(name) if isinstance(node, Mapping) else None
    return cast("Mapping[str, Any]", node) if isinstance(node, Mapping) else {}


def list_at(obj: Object | None, *path: str) -> Sequence[Mapping[str, Any]]:
    """The list of JSON objects at a path of member names; empty where there is none."""
    node: Any = at(obj, *path[:-1]).get(path[-1])
    return (
        [cast("Mapping[str, Any]", item) for item in cast("list[Any]", node) if isinstance(item, Mapping)]
        if isinstance(node, list)
        else []
    )


def labels_of(obj: Object) -> Mapping[str, str]:
    """The object's labels; empty when it has none."""
    return at(obj, "metadata", "labels")


def annotations_of(obj: Object) -> Mapping[str, str]:
    """The object's annotations; empty when it has none."""
    return at(obj, "metadata", "annotations")


def data_of(config_map: Object | None) -> Mapping[str, str]:
    """A ConfigMap's text entries by key; empty when it has none."""
    return at(config_map, "data")

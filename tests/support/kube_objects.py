"""Small objects as an API server would send them, for tests of the store and of what stands around it."""

import itertools
from typing import Any

from connector_operator.api.kinds import API_VERSION
from connector_operator.domain.objects import PART_LABEL, RUNTIME_LABEL

_numbers = itertools.count(1)


def _object(api_version: str, kind: str, name: str, namespace: str | None, **rest: Any) -> dict[str, Any]:
    number = next(_numbers)
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{kind}-{namespace}-{name}", "resourceVersion": str(number)}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def connector(name: str = "crm", namespace: str = "shop") -> dict[str, Any]:
    """A Connector of generation 1."""
    obj = _object(API_VERSION, "Connector", name, namespace, spec={"jobType": f"io.acme:{name}:1"})
    obj["metadata"]["generation"] = 1
    return obj


def runtime(name: str = "main", namespace: str = "shop") -> dict[str, Any]:
    """A ConnectorRuntime of generation 1."""
    obj = _object(API_VERSION, "ConnectorRuntime", name, namespace, spec={"connectors": {"selector": {}}})
    obj["metadata"]["generation"] = 1
    return obj


def policy(name: str = "guard") -> dict[str, Any]:
    """A ConnectorPolicy of generation 1."""
    obj = _object(API_VERSION, "ConnectorPolicy", name, None, spec={"namespaceSelector": {}})
    obj["metadata"]["generation"] = 1
    return obj


def namespace(name: str = "shop", **labels: str) -> dict[str, Any]:
    """A Namespace with the label that every real one has, and these."""
    obj = _object("v1", "Namespace", name, None)
    obj["metadata"]["labels"] = {"kubernetes.io/metadata.name": name, **labels}
    return obj


def source(name: str = "code", namespace: str = "shop", **data: str) -> dict[str, Any]:
    """A user's ConfigMap that Connectors of its namespace may read."""
    obj = _object("v1", "ConfigMap", name, namespace, data=data)
    obj["metadata"]["labels"] = {PART_LABEL: "source"}
    return obj


def deployment(runtime: str = "main", namespace: str = "shop") -> dict[str, Any]:
    """The Deployment of a runtime's worker."""
    obj = _object("apps/v1", "Deployment", f"{runtime}-worker", namespace, spec={"replicas": 1}, status={"replicas": 1})
    obj["metadata"]["labels"] = {PART_LABEL: "worker", RUNTIME_LABEL: runtime}
    return obj


def pod(name: str = "main-1", runtime: str = "main", namespace: str = "shop") -> dict[str, Any]:
    """A running pod of a runtime's worker at 127.0.0.1, as the kubelet reports it."""
    volumes: list[dict[str, Any]] = [
        {"name": "config", "configMap": {"name": "main-config-0123456789", "defaultMode": 420}},
        {"name": "secrets", "projected": {"sources": [{"secret": {"name": "crm"}}]}},
        {"name": "tmp", "emptyDir": {}},
    ]
    status = {
        "phase": "Running",
        "podIP": "127.0.0.1",
        "hostIP": "127.0.0.2",
        "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
            {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
        ],
        "containerStatuses": [
            {
                "name": "runtime",
                "restartCount": 0,
                "imageID": "sha256:1",
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
            },
        ],
    }
    obj = _object("v1", "Pod", name, namespace, spec={"containers": [{"name": "runtime"}], "volumes": volumes}, status=status)
    obj["metadata"]["labels"] = {PART_LABEL: "worker", RUNTIME_LABEL: runtime}
    return obj


def changed(obj: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The same object at a later revision; `spec` raises the generation, `labels` and the like go into the metadata."""
    metadata: dict[str, Any] = {**obj["metadata"], "resourceVersion": str(next(_numbers))}
    if "spec" in members and "generation" in metadata:
        metadata["generation"] += 1
    for name in ("labels", "annotations", "deletionTimestamp", "uid"):
        if name in members:
            metadata[name] = members.pop(name)
    return {**obj, **members, "metadata": metadata}

"""The small objects beside the Deployment."""

from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain import names
from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import WORKER_PART
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.rendering.stamp import selector, stamp

METRICS_PART = "metrics"


def service_account(resolved: ResolvedRuntime) -> Manifest:
    """The worker's identity, without a token: the runtime never talks to the API server."""
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": names.worker(resolved.name)},
        "automountServiceAccountToken": False,
    }
    return stamp(manifest, resolved, part=WORKER_PART)


def metrics_service(resolved: ResolvedRuntime) -> Manifest:
    """A headless Service, so that Prometheus finds every pod."""
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": names.metrics_service(resolved.name)},
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": selector(resolved, part=WORKER_PART),
            "ports": [{"name": "http", "port": 9600, "targetPort": "http", "protocol": "TCP"}],
        },
    }
    return stamp(manifest, resolved, part=METRICS_PART)


def disruption_budgets(resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec) -> list[Manifest]:
    """One PodDisruptionBudget when there are several replicas; with one it would only block every drain."""
    if (spec.replicas or 0) <= 1:
        return []
    manifest: Manifest = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": names.worker(resolved.name)},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(resolved, part=WORKER_PART)}},
    }
    return [stamp(manifest, resolved, part=WORKER_PART)]

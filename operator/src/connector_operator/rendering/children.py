"""The small objects beside the Deployment."""

from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain import names
from connector_operator.domain.desired import Configuration, Worker
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


def disruption_budgets(resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec, configuration: Configuration) -> list[Manifest]:
    """One PodDisruptionBudget per worker when there are several replicas; with one it would only block every drain."""
    if (spec.replicas or 0) <= 1:
        return []
    return [_disruption_budget(resolved, worker) for worker in configuration.workers]


def _disruption_budget(resolved: ResolvedRuntime, worker: Worker) -> Manifest:
    pods = selector(resolved, part=WORKER_PART, connector=worker.connector)
    manifest: Manifest = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": worker.name},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": pods}},
    }
    return stamp(manifest, resolved, part=WORKER_PART, connector=worker.connector)

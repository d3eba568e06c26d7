"""The worker Deployment of one runtime."""

from typing import Any

from connector_operator.api.runtime import ConnectorRuntimeSpec, Resources
from connector_operator.domain import names
from connector_operator.domain.desired import Worker
from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import CONFIG_LABEL, WORKER_PART
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.rendering.configuration import GRACE_PERIOD_SECONDS
from connector_operator.rendering.environment import render_yaml
from connector_operator.rendering.init_containers import fetching
from connector_operator.rendering.pod_template import merge
from connector_operator.rendering.stamp import labels, selector, stamp
from connector_operator.rendering.volumes import mounts

DEFAULT_RESOURCES = {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}}
"""For a runtime that names none: what the worker needs idle, and a bound that a leak runs into before the node does."""


def worker(resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec, item: Worker) -> Manifest:
    """Render one Deployment that runs accepted Connectors: all of them, or one."""
    bundled = [served for served in resolved.served if served.name in item.entries]
    resources = _resources(spec.resources)
    fetched = fetching(resolved, bundled, resources)
    manifest = render_yaml(
        "worker.yaml.j2",
        name=item.name,
        service_account=names.worker(resolved.name),
        replicas=spec.replicas,
        selector=selector(resolved, part=WORKER_PART, connector=item.connector),
        pod_labels=labels(resolved, part=WORKER_PART, connector=item.connector) | {CONFIG_LABEL: item.hash},
        grace_period=GRACE_PERIOD_SECONDS,
        pull_secrets=[{"name": reference.name} for reference in spec.image_pull_secrets],
        image=resolved.image,
        image_pull_policy=resolved.image_pull_policy,
        resources=resources,
        config_map=names.config(resolved.name, item.hash),
        mounts=[{"volume": mount.volume, "path": mount.path} for mount in mounts(resolved, bundled, spec.camunda)],
        init_containers=fetched.containers,
        fetch_volumes=fetched.volumes,
    )
    if spec.pod_template:
        manifest["spec"]["template"] = merge(manifest["spec"]["template"], spec.pod_template)
    return stamp(manifest, resolved, part=WORKER_PART, connector=item.connector)


def _resources(resources: Resources) -> dict[str, Any]:
    given = {name: dict(values) for name, values in (("requests", resources.requests), ("limits", resources.limits)) if values}
    return given or DEFAULT_RESOURCES

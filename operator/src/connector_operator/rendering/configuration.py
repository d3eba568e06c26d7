"""The worker configuration file (docs/worker-contract.md §1) and the ConfigMaps of a worker."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connector_operator.api.fields import seconds
from connector_operator.api.runtime import ConnectorRuntimeSpec, Egress
from connector_operator.domain import names
from connector_operator.domain.desired import Configuration, Worker, configuration_of
from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import ACCEPTED_PART, CONFIG_PART, SOURCE_COPY_PART
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector
from connector_operator.rendering.gateway import camunda_document
from connector_operator.rendering.stamp import stamp

GRACE_PERIOD_SECONDS = 30


def configure(resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec) -> Configuration:
    """Make the worker configurations: one for all Connectors, or one for each; equal inputs give equal bytes."""
    if spec.isolation == "Shared":
        return configuration_of((_worker(resolved, spec, names.worker(resolved.name), resolved.served),))
    return configuration_of(
        tuple(
            _worker(resolved, spec, names.connector_worker(resolved.name, served.name), (served,), connector=served.name)
            for served in resolved.served
        )
    )


def _worker(
    resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec, name: str, bundled: Sequence[ServedConnector], *, connector: str = ""
) -> Worker:
    entries = {served.name: _entry(served) for served in bundled}
    document = {
        "version": 1,
        "workerName": f"{resolved.namespace}/{resolved.name}",
        "camunda": camunda_document(spec.camunda),
        "terminationGracePeriodSeconds": GRACE_PERIOD_SECONDS,
        **_egress(spec.egress),
        **_secret_filter(spec.secret_filter),
        "connectors": list(entries.values()),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return Worker(name, connector, text, names.digest(text.encode()), entries)


def config_map(resolved: ResolvedRuntime, worker: Worker) -> Manifest:
    """The immutable ConfigMap that carries a configuration and is named by its hash."""
    return _config_map(
        resolved,
        name=names.config(resolved.name, worker.hash),
        data={"config.json": worker.text},
        part=CONFIG_PART,
        immutable=True,
    )


def accepted_config_map(resolved: ResolvedRuntime) -> Manifest:
    """The operator's own memory: the specs it accepted, from which it keeps the last good version of a bad Connector running."""
    accepted = {served.name: _accepted(served) for served in resolved.served}
    return _config_map(
        resolved,
        name=names.accepted(resolved.name),
        data={"accepted.json": json.dumps(accepted, indent=2, ensure_ascii=False)},
        part=ACCEPTED_PART,
        immutable=False,
    )


def source_copies(resolved: ResolvedRuntime) -> list[Manifest]:
    """The immutable copies of Python files and lists of wheels: equal ones share a copy, and kept ones are left as they are."""
    copies = {served.source.config_map: served.source for served in resolved.served if served.source}
    return [
        _config_map(resolved, name=name, data=dict(copy.code.files), part=SOURCE_COPY_PART, immutable=True)
        for name, copy in sorted(copies.items())
        if copy.code
    ]


def _config_map(resolved: ResolvedRuntime, *, name: str, data: dict[str, str], part: str, immutable: bool) -> Manifest:
    manifest: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    return stamp(manifest | ({"immutable": True} if immutable else {}), resolved, part=part)


def _entry(served: ServedConnector) -> Mapping[str, Any]:
    spec = served.spec
    entry: dict[str, Any] = {
        "name": served.name,
        "jobType": spec.job_type,
        "source": _source(served),
        "settings": _in_order(spec.settings),
        "secrets": _secrets(served),
        "timeoutSeconds": seconds(spec.timeout),
        "maxJobsActive": spec.max_jobs_active,
        "elementTemplates": "Given" if spec.element_templates else "Generated",
    }
    return entry | ({"fetchVariables": list(spec.fetch_variables)} if spec.fetch_variables is not None else {})


def _in_order(settings: Mapping[str, Any]) -> Any:
    """Free-form JSON in the order in which the API server gives it, so that a file and the cluster give the same bytes."""
    return json.loads(json.dumps(settings, sort_keys=True))


def _secrets(served: ServedConnector) -> Mapping[str, Any]:
    spec = served.spec
    whole = [
        {"directory": names.whole_secret_path(served.name, index), "prefix": item.prefix}
        for index, item in enumerate(spec.secrets_from)
    ]
    named = {"directory": names.secrets_path(served.name), "names": [secret.name for secret in spec.secrets]}
    return named | ({"from": whole} if whole else {})


def _egress(egress: Egress) -> Mapping[str, Any]:
    """Left out when nothing is said, so that a worker of an older spec does not roll out for nothing."""
    ranges = egress.model_dump(by_alias=True, mode="json")
    return {"egress": ranges} if any(ranges.values()) else {}


def _secret_filter(mode: str) -> Mapping[str, Any]:
    """Left out when it is the contract's default, for the same reason."""
    return {} if mode == "LAX" else {"secretFilter": mode}


def _source(served: ServedConnector) -> Mapping[str, str]:
    image = served.spec.source.image
    if image is not None:
        path = names.source_path(served.name)
        return {"path": path, "entryPoint": image.entry_point, "digest": names.digest(image.reference.encode())}
    reference = served.spec.source.config_map or served.spec.source.package
    if reference is None or served.source is None:
        return {"builtin": served.spec.source.builtin or ""}
    return {
        "path": names.source_path(served.name),
        "entryPoint": reference.entry_point,
        "digest": served.source.digest,
    }


def _accepted(served: ServedConnector) -> Mapping[str, Any]:
    spec = served.spec.model_dump(by_alias=True, exclude_none=True, mode="json")
    entry: dict[str, Any] = {"spec": spec | {"settings": _in_order(served.spec.settings)}}
    return entry | ({"source": served.source.config_map, "digest": served.source.digest} if served.source else {})

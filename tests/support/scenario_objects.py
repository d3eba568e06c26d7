"""Custom resources as an API server would hand them out, made from deploy/samples, and what one reconcile sees of them."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from connector_operator.api.kinds import API_VERSION
from connector_operator.domain.desired import Configuration, DesiredObjects
from connector_operator.domain.objects import CONFIG_MAP, Object, ref_of
from connector_operator.domain.reports import PodReport
from connector_operator.domain.resolve import ResolvedRuntime, WorkerDefaults, resolve
from connector_operator.domain.shelf import Catalogue
from connector_operator.domain.snapshot import NamespaceSnapshot, RuntimeSnapshot
from connector_operator.rendering.configuration import configure
from connector_operator.rendering.runtime import render

SAMPLES = Path(__file__).parents[2] / "deploy" / "samples"
NAMESPACE = "shop"
DEFAULTS = WorkerDefaults("ghcr.io/acme/connector-runtime:1")
NOTHING = Catalogue((), {})


@cache
def _samples() -> dict[tuple[str, str], dict[str, Any]]:
    files = (yaml.safe_load_all(file.read_text(encoding="utf-8")) for file in sorted(SAMPLES.glob("*.yaml")))
    return {(obj["kind"], obj["metadata"]["name"]): obj for objects in files for obj in objects}


def sample(kind: str, name: str) -> dict[str, Any]:
    """One object of deploy/samples, as its file has it."""
    return deepcopy(_samples()[kind, name])


def stored(obj: Mapping[str, Any], *, second: int = 0, generation: int = 1) -> dict[str, Any]:
    """The same object with what an API server adds; `second` is when it was made."""
    made = deepcopy(dict(obj))
    where = {} if made["kind"] in ("Namespace", "ConnectorPolicy") else {"namespace": NAMESPACE}
    server = {
        "uid": f"uid-of-{made['kind']}-{made['metadata']['name']}",
        "generation": generation,
        "creationTimestamp": f"2026-01-01T00:00:{second:02}Z",
    }
    made["metadata"] = where | server | made["metadata"]
    return made


def connector(name: str = "http", *, second: int = 0, labels: Mapping[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A Connector of the builtin `http-json` that the sample runtime selects, with these members of its spec changed."""
    base = sample("Connector", "http")
    base["metadata"] |= {"name": name, "labels": dict(labels if labels is not None else {"team": "shop"})}
    base["spec"] |= {"jobType": f"acme.io:{name}:1"} | spec
    return stored(base, second=second)


def runtime(name: str = "shop", **spec: Any) -> dict[str, Any]:
    """The sample ConnectorRuntime, with these members of its spec changed."""
    base = sample("ConnectorRuntime", "shop")
    base["metadata"]["name"] = name
    base["spec"] |= spec
    return stored(base)


def policy(name: str = "guard", **spec: Any) -> dict[str, Any]:
    """A ConnectorPolicy for all namespaces with this spec."""
    return stored({"apiVersion": API_VERSION, "kind": "ConnectorPolicy", "metadata": {"name": name}, "spec": spec})


def source(name: str, **data: str) -> dict[str, Any]:
    """A user's ConfigMap that Connectors may read; `__` in a key stands for a dot."""
    metadata = {"name": name, "labels": {"connectors.camunda.io/part": "source"}}
    files = {key.replace("__", "."): text for key, text in data.items()}
    return stored({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": files})


def snapshot(
    obj: Object,
    *connectors: Object,
    policies: Iterable[Object] = (),
    sources: Iterable[Object] = (),
    owned: Iterable[Object] = (),
    reports: Iterable[PodReport] = (),
) -> RuntimeSnapshot:
    """What the reconcile of one ConnectorRuntime sees."""
    namespace = NamespaceSnapshot(
        name=NAMESPACE,
        labels={"connectors": "allowed"},
        policies=tuple(policies),
        sources={item["metadata"]["name"]: item for item in sources},
    )
    return RuntimeSnapshot(obj, namespace, connectors, tuple(owned), {report.pod: report for report in reports})


def resolved(*connectors: Object, of: Object | None = None, **rest: Any) -> ResolvedRuntime:
    """Resolve a runtime (the sample one by default) with these Connectors; `rest` is as in `snapshot`."""
    return resolve(snapshot(of or runtime(), *connectors, **rest), DEFAULTS)


def configured(found: ResolvedRuntime) -> Configuration:
    """The worker configuration of a runtime whose spec can be read."""
    assert found.spec is not None
    return configure(found, found.spec)


def rendered(found: ResolvedRuntime, catalogue: Catalogue = NOTHING) -> DesiredObjects:
    """All manifests of a runtime whose spec can be read."""
    assert found.spec is not None
    return render(found, found.spec, configured(found), catalogue)


def manifest(desired: DesiredObjects, kind: str, part: str = "") -> dict[str, Any]:
    """The one manifest of a kind whose name holds `part`."""
    (found,) = [item for item in desired.manifests if item["kind"] == kind and part in item["metadata"]["name"]]
    return found


def remembered(found: ResolvedRuntime) -> list[Object]:
    """What a runtime's applied ConfigMaps look like to the next reconcile."""
    return [item for item in rendered(found).manifests if ref_of(item).kind == CONFIG_MAP]

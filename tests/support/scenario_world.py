"""A cluster in memory with our operator in it: users act, the kubelet acts, `settle` reconciles until nothing is left to do.

Every settling ends with one more round that must write nothing: a scenario that passes has also shown that it rests.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from kube_fake import KubeFake
from worker_status import status_document

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.cluster.pods import PodUnreachable
from connector_operator.domain.objects import (
    CONFIG_MAP,
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    RUNTIME_LABEL,
    Object,
    ObjectRef,
    at,
    list_at,
    ref_of,
)
from connector_operator.domain.reports import read_status
from connector_operator.domain.resolve import WorkerDefaults
from connector_operator.engine.store import Store
from connector_operator.reconcile import Reconciler

SAMPLES = Path(__file__).parents[2] / "deploy" / "samples"
MAX_ROUNDS = 20


def sample(file: str) -> list[dict[str, Any]]:
    """The objects of one sample file, in its order."""
    return deepcopy(_objects(file))


@cache
def _objects(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((SAMPLES / file).read_text(encoding="utf-8")))


@dataclass(slots=True)
class PodsInMemory:
    """The worker pods' `/element-templates`: what they would serve, by Connector."""

    templates: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    fetches: int = 0

    async def fetch(self, pod: Object, connector: str) -> Sequence[Mapping[str, Any]]:
        self.fetches += 1
        if connector not in self.templates:
            raise PodUnreachable(f"pod '{pod['metadata']['name']}' has no Connector '{connector}'")
        return self.templates[connector]


@dataclass(slots=True)
class Told:
    """The events that were recorded, as (name, type, reason)."""

    events: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def record(self, obj: Object, event_type: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        assert message
        self.events.append((obj["metadata"]["name"], event_type, reason))


@dataclass(slots=True)
class World:
    """One cluster with one operator; times are a counter that moves with every look at the clock."""

    namespace: str = "shop"
    kube: KubeFake = field(default_factory=KubeFake)
    store: Store = field(default_factory=Store)
    pods: PodsInMemory = field(default_factory=PodsInMemory)
    told: Told = field(default_factory=Told)
    defaults: WorkerDefaults = field(default_factory=lambda: WorkerDefaults("runtime:1"))
    _clock: int = 0
    _pods_made: int = 0

    def __post_init__(self) -> None:
        self.kube.watch(self._observe)
        self.apply("namespace.yaml")

    # --- what users do ---

    def apply(self, *files: str, change: Callable[[dict[str, Any]], None] | None = None) -> None:
        """`kubectl apply` sample files, each object changed first if a change is given."""
        for file in files:
            for obj in sample(file):
                if change:
                    change(obj)
                self.put(obj)

    def put(self, obj: Mapping[str, Any]) -> None:
        """`kubectl apply` one object, in the world's namespace if it names none."""
        obj = deepcopy(dict(obj))
        if obj["kind"] not in ("Namespace", "ConnectorPolicy"):
            obj["metadata"] = {"namespace": self.namespace} | obj["metadata"]
        self.kube.put(obj)

    def edit(self, kind: Kind, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """`kubectl edit` one object."""
        obj = deepcopy(dict(self.get(kind, name)))
        change(obj)
        self.kube.put(obj)

    def delete(self, kind: Kind, name: str) -> None:
        """`kubectl delete` one object."""
        self.kube.remove(self._ref(kind, name))

    # --- what the cluster does ---

    def bring_samples(self) -> None:
        """Apply the samples, whose pods will report an element template for each Connector."""
        self.pods.templates = sample_templates()
        self.apply("policy.yaml", "connectors.yaml", "runtime.yaml")

    async def settle_rolled_out(self) -> None:
        """Come to rest with all workers rolled out."""
        await self.settle()
        self.roll_out()
        await self.settle()

    def roll_out(
        self, runtime: str = "shop", *, reports: Mapping[str, Mapping[str, Any]] | None = None, gateway: str = "Connected"
    ) -> None:
        """The Deployment controller and the kubelet: replace the pods by ones of the newest templates, which then report."""
        for ref in self._of_runtime(runtime, POD, REPLICA_SET):
            self.kube.remove(ref)
        for ref in self._of_runtime(runtime, DEPLOYMENT):
            self._roll_out(ref.name, reports or {}, gateway)

    def _of_runtime(self, runtime: str, *kinds: Kind) -> list[ObjectRef]:
        found = (ref for ref, obj in self.kube.objects.items() if obj["metadata"].get("labels", {}).get(RUNTIME_LABEL) == runtime)
        return sorted(ref for ref in found if ref.kind in kinds)

    def _roll_out(self, worker: str, reports: Mapping[str, Mapping[str, Any]], gateway: str) -> None:
        deployment = self.get(DEPLOYMENT, worker)
        self._pods_made += 1
        template = deployment["spec"]["template"]
        name = f"{worker}-{self._pods_made}"
        metadata = {"name": name, "namespace": self.namespace, "labels": template["metadata"]["labels"]}
        replica_set = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata}
        self.kube.put(replica_set | {"spec": {"replicas": 1, "template": template}})
        self.kube.put({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
        self.kube.put_status(self._ref(POD, name), {"phase": "Running", "podIP": "127.0.0.1"})
        generation = self.get(DEPLOYMENT, worker)["metadata"]["generation"]
        replicas = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), 1)
        self.kube.put_status(self._ref(DEPLOYMENT, worker), {"observedGeneration": generation, **replicas})
        self.report(name, reports, gateway=gateway)

    def report(self, pod: str, reports: Mapping[str, Mapping[str, Any]], *, gateway: str = "Connected") -> None:
        """What a pod says on `/status`: every Connector of its configuration is loaded, unless told otherwise."""
        document = status_document(self._config_of(pod), self.pods.templates, reports=reports, gateway=gateway)
        self.store.set_report(self.namespace, read_status(pod, json.dumps(document).encode()))

    # --- what the operator does ---

    async def settle(self) -> None:
        """Reconcile every key until a whole round writes nothing, then once more to see that it rests."""
        for _ in range(MAX_ROUNDS):
            before = len(self.kube.writes)
            await self.round()
            if len(self.kube.writes) == before:
                break
        else:
            last = ", ".join(f"{verb} {ref}" for verb, ref in self.kube.writes[-5:])
            raise AssertionError(f"no rest after {MAX_ROUNDS} rounds; the last writes: {last}")
        before = len(self.kube.writes)
        await self.round()
        assert self.kube.writes[before:] == []

    async def round(self) -> None:
        """Reconcile every key once."""
        reconciler = Reconciler(self.kube, self.pods, self.told, self.defaults, self._now)
        for kind, take, reconcile in (
            (CONNECTOR_RUNTIME, self.store.runtime_snapshot, reconciler.runtime),
            (CONNECTOR, self.store.connector_snapshot, reconciler.connector),
            (CONNECTOR_POLICY, self.store.policy_snapshot, reconciler.policy),
        ):
            for key in sorted(self.store.keys(kind)):
                result = await reconcile(take(key))  # type: ignore[arg-type] - each kind has its own snapshot type
                if result.bindings is not None:
                    self.store.set_bindings(key, result.bindings)

    def restart(self) -> None:
        """A new operator process: it knows only what the API server and the pods tell it."""
        reports = [self.store.report(self.namespace, pod["metadata"]["name"]) for pod in self.store.all(POD)]
        self.store = Store()
        self.kube.watch(self._observe)
        for report in reports:
            if report:
                self.store.set_report(self.namespace, report)

    # --- what a test looks at ---

    def get(self, kind: Kind, name: str) -> Object:
        """One object as the API server has it."""
        return self.kube.objects[self._ref(kind, name)]

    def names(self, kind: Kind) -> list[str]:
        """The names of all objects of a kind."""
        return sorted(ref.name for ref in self.kube.objects if ref.kind == kind)

    def condition(self, kind: Kind, name: str, condition: str) -> tuple[str, str]:
        """A condition's status and reason."""
        found = self._condition(kind, name, condition)
        return found["status"], found["reason"]

    def message(self, kind: Kind, name: str, condition: str = "Ready") -> str:
        """A condition's message."""
        return str(self._condition(kind, name, condition)["message"])

    def config(self, runtime: str = "shop") -> dict[str, Any]:
        """The worker configuration that the Deployment's pods mount."""
        deployment = self.get(DEPLOYMENT, f"{runtime}-worker")
        mounted = [at(volume, "configMap").get("name") for volume in list_at(deployment, "spec", "template", "spec", "volumes")]
        return json.loads(self.get(CONFIG_MAP, str(mounted[0]))["data"]["config.json"])

    def served(self, runtime: str = "shop") -> list[str]:
        """The Connectors that the worker is configured with."""
        return [entry["name"] for entry in self.config(runtime)["connectors"]]

    def template_hash(self, runtime: str = "shop") -> str:
        """Changes exactly when the Deployment rolls out."""
        template = self.get(DEPLOYMENT, f"{runtime}-worker")["spec"]["template"]
        return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()

    def catalogue(self, runtime: str = "shop") -> dict[str, Any]:
        """The published element templates by key."""
        found = self.kube.objects.get(self._ref(CONFIG_MAP, f"{runtime}-element-templates"))
        return {key: json.loads(text) for key, text in (found or {"data": {}})["data"].items()}

    # --- inside ---

    def _observe(self, event: str, obj: Object) -> None:
        if event == "DELETED":
            self.store.remove(ref_of(obj))
        elif self._is_watched(obj):
            self.store.upsert(obj)

    @staticmethod
    def _is_watched(obj: Object) -> bool:
        if obj["kind"] in ("Connector", "ConnectorRuntime", "ConnectorPolicy", "Namespace"):
            return True
        return "connectors.camunda.io/part" in at(obj, "metadata", "labels")

    def _now(self) -> str:
        self._clock += 1
        return f"2026-01-01T00:{self._clock // 60 % 60:02}:{self._clock % 60:02}Z"

    def _ref(self, kind: Kind, name: str) -> ObjectRef:
        return ObjectRef(kind, self.namespace if kind.namespaced else "", name)

    def _condition(self, kind: Kind, name: str, condition: str) -> Object:
        conditions = list_at(self.get(kind, name), "status", "conditions")
        return next(item for item in conditions if item["type"] == condition)

    def _config_of(self, pod: str) -> str:
        volumes = list_at(self.get(POD, pod), "spec", "volumes")
        name = next(at(volume, "configMap")["name"] for volume in volumes if volume["name"] == "config")
        return self.get(CONFIG_MAP, name)["data"]["config.json"]


def element_template(template_id: str, version: int = 1, name: str = "A template") -> dict[str, Any]:
    """The smallest element template that is one."""
    return {
        "$schema": "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json",
        "id": template_id,
        "name": name,
        "version": version,
        "appliesTo": ["bpmn:Task"],
        "properties": [{"type": "Hidden", "value": template_id, "binding": {"type": "zeebe:taskDefinition", "property": "type"}}],
    }


def sample_templates() -> dict[str, list[dict[str, Any]]]:
    """What the pods of the samples report, by Connector."""
    return {"http": [element_template("http-json")], "crm-lookup": [element_template("acme.io:crm-lookup:1")]}

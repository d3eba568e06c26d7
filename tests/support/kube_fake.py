"""An API server in memory that implements `KubeApi` and refuses what a real one refuses.

Kept: uids, resource versions that move only on change, generations, forced server-side apply per field manager (`kube_ssa`),
the status subresource, uid preconditions, label selection, garbage collection by owner reference, watch events, immutable
fields. Not kept: schemas and CEL, normalised quantities, most defaults, finalizers. A rule that depends on those is tested
against a real API server in tests/cluster.
"""

import copy
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import kube_ssa

from connector_operator.api.kinds import GROUP, Kind
from connector_operator.cluster.port import (
    EVENT,
    FIELD_MANAGER,
    LEASE,
    STATUS_FIELD_MANAGER,
    ApiConflict,
    ApiError,
    ApiGone,
    ApiRejected,
    ObjectIdentity,
)
from connector_operator.domain.objects import (
    CONFIG_MAP,
    CUSTOM_KINDS,
    DEPLOYMENT,
    NAMESPACE,
    PART_LABEL,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    SERVICE,
    WATCHED_KINDS,
    Manifest,
    Object,
    ObjectRef,
    labels_of,
    ref_of,
    uid_of,
)

Watcher = Callable[[str, Object], None]
"""Told `ADDED`, `MODIFIED` or `DELETED` and the whole object, within the call that caused it."""

_WITH_GENERATION = (*CUSTOM_KINDS, DEPLOYMENT, REPLICA_SET, POD_DISRUPTION_BUDGET)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Stored:
    obj: dict[str, Any]
    owners: kube_ssa.Owners


@dataclass(slots=True)
class _Fault:
    error: ApiError
    after_commit: bool


@dataclass(slots=True)
class KubeFake:
    """One cluster. `put`, `put_status` and `remove` are the hands of everybody else; the rest is `KubeApi`."""

    writes: list[tuple[str, ObjectRef]] = field(default_factory=list[tuple[str, ObjectRef]])
    """Every write of the operator that reached the server, failed answers after the commit included."""
    events: list[Manifest] = field(default_factory=list[Manifest])
    denied: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(verb, "plural" or "plural/subresource") that `can_i` denies."""
    unserved: set[Kind] = field(default_factory=set[Kind])
    _leases: dict[ObjectRef, Manifest] = field(default_factory=dict[ObjectRef, Manifest])
    _stored: dict[ObjectRef, _Stored] = field(default_factory=dict[ObjectRef, _Stored])
    _faults: dict[tuple[str, Kind], deque[_Fault]] = field(default_factory=dict[tuple[str, Kind], "deque[_Fault]"])
    _watchers: list[Watcher] = field(default_factory=list[Watcher])
    _revision: int = 100
    _births: int = 0

    # --- the hands of everybody else ---

    @property
    def objects(self) -> dict[ObjectRef, Object]:
        """A copy of everything that exists."""
        return {ref: copy.deepcopy(stored.obj) for ref, stored in self._stored.items()}

    def put(self, manifest: Mapping[str, Any], *, manager: str = "somebody-else") -> Object:
        """Create or replace an object as a user or another controller does; keeps the live status unless one is given."""
        ref = ref_of(manifest)
        new = copy.deepcopy(dict(manifest))
        stored = self._stored.get(ref)
        self._check("put", ref, new, stored)
        if stored is None:
            self._default(ref.kind, new)
            return self._create(ref, new, {manager: set(kube_ssa.leaves(new))})
        if "status" in stored.obj:
            new.setdefault("status", copy.deepcopy(stored.obj["status"]))
        self._default(ref.kind, new)
        new["metadata"] = {**new["metadata"], **_server_owned(stored.obj)}
        return self._update(ref, new, kube_ssa.replace(stored.obj, stored.owners, manager, new))

    def put_status(self, ref: ObjectRef, status: Mapping[str, Any], *, manager: str = "somebody-else") -> Object:
        """Replace an object's status as the controller of its kind, or somebody's kubectl, does."""
        stored = self._stored[ref]
        new = {**copy.deepcopy(stored.obj), "status": copy.deepcopy(dict(status))}
        return self._update(ref, new, kube_ssa.replace(stored.obj, stored.owners, manager, new))

    def remove(self, ref: ObjectRef) -> None:
        """Delete an object and, as the garbage collector does, everything that it owns."""
        gone = self._stored.pop(ref)
        self._revision += 1
        gone.obj["metadata"]["resourceVersion"] = str(self._revision)
        self._tell("DELETED", gone.obj)
        for other in [other for other in self._stored if self._is_orphan(other, gone.obj)]:
            if other in self._stored:
                self.remove(other)

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` everything that exists as ADDED, and every change from now on."""
        for stored in list(self._stored.values()):
            watcher("ADDED", copy.deepcopy(stored.obj))
        self._watchers.append(watcher)

    def clear_writes(self) -> None:
        """Forget the writes so far."""
        self.writes.clear()

    def fail_next(self, verb: str, kind: Kind, error: ApiError, *, after_commit: bool = False) -> None:
        """Let the next call of that method on that kind raise; `after_commit`: the write happens, its answer is lost."""
        if verb not in {"get", "list_metadata", "apply", "apply_status", "delete", "create_event", "put_exactly"}:
            raise ValueError(f"cannot fail '{verb}': KubeApi has no such method that reads or writes objects")
        self._faults.setdefault((verb, kind), deque()).append(_Fault(error, after_commit))

    # --- KubeApi ---

    async def get(self, ref: ObjectRef) -> Object | None:
        self._fault("get", ref.kind, after_commit=False)
        if ref.kind == LEASE:
            return copy.deepcopy(self._leases.get(ref))
        stored = self._stored.get(ref)
        return copy.deepcopy(stored.obj) if stored else None

    async def list_metadata(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[ObjectIdentity]:
        self._fault("list_metadata", kind, after_commit=False)
        found = await self.list_objects(kind, namespace=namespace, labelled=labelled)
        return [ObjectIdentity(ref_of(obj), uid_of(obj), obj["metadata"]["resourceVersion"]) for obj in found]

    async def list_objects(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[Object]:
        self._served("list", kind)
        return [
            copy.deepcopy(stored.obj)
            for ref, stored in sorted(self._stored.items())
            if ref.kind == kind and namespace in ("", ref.namespace) and (not labelled or PART_LABEL in labels_of(stored.obj))
        ]

    async def apply(self, manifest: Manifest) -> Object:
        ref = ref_of(manifest)
        self._fault("apply", ref.kind, after_commit=False)
        stored = self._stored.get(ref)
        self._check("apply", ref, manifest, stored)
        self._precondition("apply", ref, manifest["metadata"].get("uid", ""), stored)
        self._expected_revision(ref, manifest["metadata"].get("resourceVersion", ""), stored)
        self.writes.append(("apply", ref))
        if stored is None:
            new = copy.deepcopy(manifest)
            self._default(ref.kind, new)
            obj = self._create(ref, new, {FIELD_MANAGER: set(kube_ssa.leaves(manifest))})
        else:
            obj = self._update(ref, *kube_ssa.apply(stored.obj, stored.owners, FIELD_MANAGER, manifest))
        self._fault("apply", ref.kind, after_commit=True)
        return obj

    async def apply_status(self, ref: ObjectRef, *, uid: str, status: Mapping[str, Any]) -> Object:
        if ref.kind not in CUSTOM_KINDS:
            raise ApiRejected("apply the status of", ref, status=403, message="the operator has no right to this status")
        self._fault("apply_status", ref.kind, after_commit=False)
        stored = self._stored.get(ref)
        if stored is None:
            raise ApiGone("apply the status of", ref, status=404, message=f'{ref.kind.plural} "{ref.name}" not found')
        self.writes.append(("apply_status", ref))
        applied = kube_ssa.apply(stored.obj, stored.owners, STATUS_FIELD_MANAGER, {"status": dict(status)})
        obj = self._update(ref, *applied)
        self._fault("apply_status", ref.kind, after_commit=True)
        # only now, as with a real server: it looks at no uid before it writes a status
        self._precondition("apply the status of", ref, uid, self._stored[ref])
        return obj

    async def delete(self, ref: ObjectRef, *, uid: str) -> None:
        self._fault("delete", ref.kind, after_commit=False)
        stored = self._stored.get(ref)
        if stored is None:
            return
        self._precondition("delete", ref, uid, stored)
        self.writes.append(("delete", ref))
        self.remove(ref)
        self._fault("delete", ref.kind, after_commit=True)

    async def put_exactly(self, ref: ObjectRef, manifest: Manifest) -> Object:
        self._fault("put_exactly", ref.kind, after_commit=False)
        live, revision = self._leases.get(ref), manifest["metadata"].get("resourceVersion")
        if revision != (live["metadata"]["resourceVersion"] if live else None):
            raise ApiConflict("update" if live else "create", ref, status=409, message="the object has been modified")
        self._revision += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self._revision)}
        self._leases[ref] = {**copy.deepcopy(manifest), "metadata": metadata}
        self._fault("put_exactly", ref.kind, after_commit=True)
        return copy.deepcopy(self._leases[ref])

    async def create_event(self, manifest: Manifest) -> None:
        ref = ObjectRef(EVENT, manifest["metadata"]["namespace"], manifest["metadata"]["name"])
        self._fault("create_event", EVENT, after_commit=False)
        about = manifest["involvedObject"]
        if about.get("namespace", "default") != ref.namespace or manifest["type"] not in {"Normal", "Warning"}:
            raise ApiRejected("create", ref, status=422, message="involvedObject.namespace: does not match event.namespace")
        self._namespace_exists("create", ref)
        self.writes.append(("create_event", ref))
        self.events.append(copy.deepcopy(manifest))
        self._fault("create_event", EVENT, after_commit=True)

    async def can_i(self, verb: str, kind: Kind, *, subresource: str = "", namespace: str = "") -> bool:
        resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
        return (verb, resource) not in self.denied

    async def serves(self, kind: Kind) -> bool:
        return kind in (*WATCHED_KINDS, EVENT) and kind not in self.unserved

    # --- what a server does inside ---

    def _fault(self, verb: str, kind: Kind, *, after_commit: bool) -> None:
        faults = self._faults.get((verb, kind))
        if faults and faults[0].after_commit == after_commit:
            raise faults.popleft().error

    def _served(self, verb: str, kind: Kind) -> None:
        if kind in self.unserved or kind not in WATCHED_KINDS:
            message = "the server could not find the requested resource"
            raise ApiGone(verb, ObjectRef(kind, "", ""), status=404, message=message)

    def _precondition(self, verb: str, ref: ObjectRef, uid: str, stored: _Stored | None) -> None:
        if uid and (stored is None or uid_of(stored.obj) != uid):
            live = uid_of(stored.obj) if stored else "none"
            raise ApiConflict(verb, ref, status=409, message=f"Precondition failed: UID in precondition: {uid}, UID: {live}")

    def _expected_revision(self, ref: ObjectRef, revision: str, stored: _Stored | None) -> None:
        # a real server looks at the revision only of what is there
        if revision and stored is not None and stored.obj["metadata"]["resourceVersion"] != revision:
            raise ApiConflict("apply", ref, status=409, message="the object has been modified")

    def _namespace_exists(self, verb: str, ref: ObjectRef) -> None:
        if not ref.namespace or ref.namespace == "default":
            return
        namespace = self._stored.get(ObjectRef(NAMESPACE, "", ref.namespace))
        if namespace is None:
            raise ApiGone(verb, ref, status=404, message=f'namespaces "{ref.namespace}" not found')
        if "deletionTimestamp" in namespace.obj["metadata"]:
            raise ApiRejected(verb, ref, status=403, message=f"namespace {ref.namespace} is being terminated")

    def _check(self, verb: str, ref: ObjectRef, manifest: Mapping[str, Any], stored: _Stored | None) -> None:
        if bool(ref.namespace) != ref.kind.namespaced or not _NAME.fullmatch(ref.name):
            raise ApiRejected(verb, ref, status=422, message=f"metadata.name: Invalid value: {ref.name!r}")
        self._served(verb, ref.kind)
        if stored is None:
            self._namespace_exists(verb, ref)
        if verb == "apply" and manifest["metadata"].get("managedFields"):
            raise ApiRejected(verb, ref, status=400, message="metadata.managedFields must be nil")
        if ref.kind == CONFIG_MAP:
            self._check_config_map(verb, ref, manifest, stored)
        if ref.kind == DEPLOYMENT:
            self._check_deployment(verb, ref, manifest, stored)

    def _check_config_map(self, verb: str, ref: ObjectRef, new: Mapping[str, Any], stored: _Stored | None) -> None:
        data: dict[str, str] = new.get("data") or {}
        size = sum(len(key) + len(text.encode()) for key, text in data.items())
        if size > 1024 * 1024:
            raise ApiRejected(verb, ref, status=422, message="Too long: may not be more than 1048576 bytes")
        if stored and stored.obj.get("immutable") and new.get("data") != stored.obj.get("data"):
            raise ApiRejected(verb, ref, status=422, message="data: Forbidden: field is immutable when `immutable` is set")

    def _check_deployment(self, verb: str, ref: ObjectRef, new: Mapping[str, Any], stored: _Stored | None) -> None:
        spec = new["spec"]
        for part in ("metadata", "spec"):
            if not isinstance(spec["template"].get(part), dict):
                message = f"failed to create typed patch object: .spec.template.{part}: expected map"
                raise ApiRejected(verb, ref, status=500, message=message)
        if not spec["template"]["spec"].get("containers"):
            raise ApiRejected(verb, ref, status=422, message="spec.template.spec.containers: Required value")
        wanted = spec["selector"]["matchLabels"]
        if not wanted.items() <= (spec["template"]["metadata"].get("labels") or {}).items():
            raise ApiRejected(verb, ref, status=422, message="`selector` does not match template `labels`")
        if stored and stored.obj["spec"]["selector"] != spec["selector"]:
            raise ApiRejected(verb, ref, status=422, message="spec.selector: Invalid value: field is immutable")

    def _default(self, kind: Kind, obj: dict[str, Any]) -> None:
        if kind.group == GROUP:
            obj.setdefault("status", {"observedGeneration": -1})
        # a few of the many defaults: enough that "observed equals desired" cannot be tested by equality
        if kind == DEPLOYMENT:
            spec = obj["spec"]
            spec.setdefault("replicas", 1)
            spec.setdefault("progressDeadlineSeconds", 600)
            spec["template"]["spec"].setdefault("restartPolicy", "Always")
        if kind == SERVICE:
            obj["spec"].setdefault("clusterIP", "10.0.0.7")
            obj["spec"].setdefault("type", "ClusterIP")

    def _create(self, ref: ObjectRef, obj: dict[str, Any], owners: kube_ssa.Owners) -> Object:
        self._births += 1
        metadata = dict(obj["metadata"])
        metadata["uid"] = f"00000000-0000-4000-8000-{self._births:012d}"
        metadata["creationTimestamp"] = (_START + timedelta(seconds=self._births)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if ref.kind in _WITH_GENERATION:
            metadata["generation"] = 1
        self._revision += 1
        metadata["resourceVersion"] = str(self._revision)
        obj["metadata"] = metadata
        self._stored[ref] = _Stored(obj, owners)
        self._sign(self._stored[ref])
        return self._tell("ADDED", obj)

    def _update(self, ref: ObjectRef, obj: dict[str, Any], owners: kube_ssa.Owners) -> Object:
        stored = self._stored[ref]
        if _same(_without_signature(obj), _without_signature(stored.obj)):
            stored.owners = owners
            return copy.deepcopy(stored.obj)
        metadata = dict(obj["metadata"])
        if ref.kind in _WITH_GENERATION and not _same(obj.get("spec"), stored.obj.get("spec")):
            metadata["generation"] = stored.obj["metadata"]["generation"] + 1
        self._revision += 1
        metadata["resourceVersion"] = str(self._revision)
        obj["metadata"] = metadata
        self._stored[ref] = _Stored(obj, owners)
        self._sign(self._stored[ref])
        return self._tell("MODIFIED", obj)

    def _sign(self, stored: _Stored) -> None:
        managers = sorted(name for name, paths in stored.owners.items() if paths)
        stored.obj["metadata"]["managedFields"] = [{"manager": name} for name in managers]

    def _tell(self, event_type: str, obj: dict[str, Any]) -> Object:
        for watcher in self._watchers:
            watcher(event_type, copy.deepcopy(obj))
        return copy.deepcopy(obj)

    def _is_orphan(self, ref: ObjectRef, gone: Object) -> bool:
        metadata = self._stored[ref].obj["metadata"]
        owners: list[dict[str, Any]] = metadata.get("ownerReferences") or []
        if gone["kind"] == "Namespace":
            return ref.namespace == gone["metadata"]["name"]
        return bool(owners) and all(owner["uid"] == uid_of(gone) for owner in owners)


def _server_owned(live: Object) -> dict[str, Any]:
    kept = ("uid", "creationTimestamp", "generation", "resourceVersion", "managedFields")
    return {name: live["metadata"][name] for name in kept if name in live["metadata"]}


def _same(one: Any, other: Any) -> bool:
    """Whether JSON is the same: Python takes 0 for false."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _without_signature(obj: Object) -> dict[str, Any]:
    hidden = {"managedFields", "resourceVersion"}
    return {**obj, "metadata": {name: value for name, value in obj["metadata"].items() if name not in hidden}}

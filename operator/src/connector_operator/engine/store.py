"""Everything the operator knows about the cluster, in memory, and the frozen snapshots taken from it.

The store believes what it is told, except that an older revision of an object does not replace a newer one. What the feed
missed is the audit's business. Nothing here awaits, so a snapshot is of one moment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.domain.binding import Binding
from connector_operator.domain.conditions import ready_condition
from connector_operator.domain.objects import (
    CONFIG_MAP,
    CUSTOM_KINDS,
    NAMESPACE,
    PART_LABEL,
    POD,
    RUNTIME_LABEL,
    SOURCE_PART,
    WATCHED_KINDS,
    Object,
    ObjectRef,
    labels_of,
    ref_of,
    uid_of,
)
from connector_operator.domain.reports import PodReport
from connector_operator.domain.snapshot import (
    ConnectorSnapshot,
    Key,
    NamespaceSnapshot,
    PolicySnapshot,
    RuntimeSnapshot,
)
from connector_operator.engine.trim import trim, unrevised

Bindings = Mapping[str, Binding]
"""By Connector name: what one runtime's last reconcile found out about it."""
_Place = tuple[str, str]
"""Namespace and name."""


class Store:
    """Trimmed objects by kind and namespace, and by the runtime that they belong to."""

    def __init__(self, *, knows_namespaces: bool = True) -> None:
        """`knows_namespaces`: Namespaces are watched; without them (Roles only) every namespace counts as unlabelled."""
        self._knows_namespaces = knows_namespaces
        self._objects: dict[Kind, dict[str, dict[str, Object]]] = {kind: {} for kind in WATCHED_KINDS}
        self._owned: dict[_Place, dict[ObjectRef, Object]] = {}
        self._lists: dict[tuple[Kind, str | None], tuple[Object, ...]] = {}
        """Answers of `all` since the last change: ten thousand snapshots of a quiet namespace sort it once."""
        self._surroundings: dict[str, NamespaceSnapshot] = {}
        self._ready: Counter[tuple[str, str]] = Counter()
        self._reports: dict[_Place, PodReport] = {}
        self._bindings: dict[_Place, Bindings] = {}

    # --- objects ---

    def get(self, ref: ObjectRef) -> Object | None:
        """One object as it is stored."""
        return self._objects[ref.kind].get(ref.namespace, {}).get(ref.name)

    def upsert(self, obj: Object, *, even_older: bool = False) -> Object | None:
        """Keep an object and answer the previous one, if any; `get` answers what is kept now.

        An older revision of the same object is not kept (a watch may repeat itself), unless the caller knows better.
        """
        ref = ref_of(obj)
        previous = self.get(ref)
        if previous is not None and not even_older and _is_no_news(obj, previous):
            return previous
        self._keep(ref, previous, trim(obj))
        return previous

    def acknowledge(self, written: Object) -> None:
        """Keep an object as the API server answered when its status was written, so that its own event is no news.

        Only when nothing but the status differs from what is stored: a spec that changed meanwhile must come as an event, which
        wakes those that depend on it; and an object that is gone must not come back.
        """
        ref = ref_of(written)
        previous = self.get(ref)
        if previous is None or _is_no_news(written, previous):
            return
        current = trim(written)
        if _but_status(previous) == _but_status(current):
            self._keep(ref, previous, current)

    def remove(self, ref: ObjectRef, *, uid: str = "") -> Object | None:
        """Forget an object and answer it; nothing happens when `uid` is given and another object has the name by now."""
        previous = self.get(ref)
        if previous is None or uid not in ("", uid_of(previous)):
            return None
        place = self._objects[ref.kind][ref.namespace]
        del place[ref.name]
        if not place:
            del self._objects[ref.kind][ref.namespace]
        self._count(ref.kind, previous, None)
        self._outdate(ref, previous)
        self._disown(ref, previous)
        if ref.kind == POD:
            self._reports.pop((ref.namespace, ref.name), None)
        return previous

    def all(self, kind: Kind, namespace: str | None = None) -> tuple[Object, ...]:
        """The objects of a kind, of one namespace or of all (`None`), by namespace and name."""
        known = self._lists.get((kind, namespace))
        if known is None:
            places = self._objects[kind]
            namespaces = sorted(places) if namespace is None else [namespace]
            known = tuple(obj for place in namespaces for _, obj in sorted(places.get(place, {}).items()))
            self._lists[kind, namespace] = known
        return known

    def sizes(self) -> dict[str, int]:
        """How many objects there are, by plural name of the kind."""
        return {kind.plural: sum(map(len, places.values())) for kind, places in self._objects.items()}

    def ready_reasons(self) -> Mapping[tuple[str, str], int]:
        """How many custom resources there are, by kind and reason of the Ready condition; those without one do not count."""
        return {which: count for which, count in self._ready.items() if count}

    def keys(self, kind: Kind, namespace: str | None = None) -> set[Key]:
        """The keys of the custom resources of a kind."""
        places = self._objects[kind]
        namespaces: Iterable[str] = places if namespace is None else [namespace]
        return {Key(kind.kind, place, name) for place in namespaces for name in places.get(place, ())}

    def _keep(self, ref: ObjectRef, previous: Object | None, current: Object) -> None:
        self._objects[ref.kind].setdefault(ref.namespace, {})[ref.name] = current
        self._count(ref.kind, previous, current)
        self._outdate(ref, previous, current)
        self._disown(ref, previous)
        if runtime := labels_of(current).get(RUNTIME_LABEL):
            self._owned.setdefault((ref.namespace, runtime), {})[ref] = current

    def _count(self, kind: Kind, previous: Object | None, current: Object | None) -> None:
        if kind not in CUSTOM_KINDS:
            return
        for obj, change in ((previous, -1), (current, 1)):
            if ready := ready_condition(obj):
                self._ready[kind.kind, str(ready.get("reason", ""))] += change

    def _outdate(self, ref: ObjectRef, *versions: Object | None) -> None:
        """Forget the answers that a changed object makes untrue."""
        self._lists.pop((ref.kind, ref.namespace), None)
        self._lists.pop((ref.kind, None), None)
        if ref.kind == CONNECTOR_POLICY:
            self._surroundings.clear()
        elif ref.kind == NAMESPACE:
            self._surroundings.pop(ref.name, None)
        elif ref.kind == CONFIG_MAP and any(_is_source(version) for version in versions):
            self._surroundings.pop(ref.namespace, None)

    def _disown(self, ref: ObjectRef, previous: Object | None) -> None:
        runtime = labels_of(previous).get(RUNTIME_LABEL) if previous is not None else None
        if runtime is None:
            return
        owned = self._owned.get((ref.namespace, runtime), {})
        owned.pop(ref, None)
        if not owned:
            self._owned.pop((ref.namespace, runtime), None)

    # --- what is known beside the objects ---

    def report(self, namespace: str, pod: str) -> PodReport | None:
        """What a pod last said."""
        return self._reports.get((namespace, pod))

    def set_report(self, namespace: str, report: PodReport) -> bool:
        """Keep what a pod says; whether that is news. Nothing is kept about a pod that is gone."""
        place = (namespace, report.pod)
        if self.get(ObjectRef(POD, *place)) is None or self._reports.get(place) == report:
            return False
        self._reports[place] = report
        return True

    def drop_report(self, namespace: str, pod: str) -> bool:
        """Forget what a pod said; whether there was anything."""
        return self._reports.pop((namespace, pod), None) is not None

    def set_bindings(self, runtime: Key, bindings: Bindings) -> set[Key]:
        """Keep what a runtime found out about Connectors; the keys of those for which that is news, vanished ones too."""
        place = (runtime.namespace, runtime.name)
        before = self._bindings.get(place, {})
        if bindings:
            self._bindings[place] = bindings
        else:
            self._bindings.pop(place, None)
        changed = {name for name in (*before, *bindings) if before.get(name) != bindings.get(name)}
        return {Key(CONNECTOR.kind, runtime.namespace, name) for name in changed}

    # --- snapshots ---

    def runtime_snapshot(self, key: Key) -> RuntimeSnapshot | None:
        """All that one ConnectorRuntime depends on; `None` when it is gone, or its namespace is not known yet."""
        runtime = self.get(ObjectRef(CONNECTOR_RUNTIME, key.namespace, key.name))
        namespace = self._namespace(key.namespace)
        if runtime is None or namespace is None:
            return None
        owned = self._owned.get((key.namespace, key.name), {})
        reports = ((ref.name, self.report(ref.namespace, ref.name)) for ref in sorted(owned) if ref.kind == POD)
        return RuntimeSnapshot(
            runtime=runtime,
            namespace=namespace,
            connectors=self.all(CONNECTOR, key.namespace),
            owned=tuple(owned[ref] for ref in sorted(owned)),
            reports={pod: report for pod, report in reports if report is not None},
        )

    def connector_snapshot(self, key: Key) -> ConnectorSnapshot | None:
        """All that one Connector's status depends on; `None` as for a runtime."""
        connector = self.get(ObjectRef(CONNECTOR, key.namespace, key.name))
        namespace = self._namespace(key.namespace)
        if connector is None or namespace is None:
            return None
        runtimes = self.all(CONNECTOR_RUNTIME, key.namespace)
        found = ((name, self._bindings.get((key.namespace, name), {})) for name in map(_name, runtimes))
        bindings = {name: bound[key.name] for name, bound in found if key.name in bound}
        return ConnectorSnapshot(connector, namespace, runtimes, bindings)

    def policy_snapshot(self, key: Key) -> PolicySnapshot | None:
        """All that one ConnectorPolicy's status depends on; `None` when it is gone."""
        policy = self.get(ObjectRef(CONNECTOR_POLICY, "", key.name))
        if policy is None:
            return None
        namespaces = {_name(namespace): labels_of(namespace) for namespace in self.all(NAMESPACE)}
        return PolicySnapshot(policy, self.all(CONNECTOR), namespaces)

    def _namespace(self, name: str) -> NamespaceSnapshot | None:
        if name not in self._surroundings:
            namespace = self.get(ObjectRef(NAMESPACE, "", name))
            if namespace is None and self._knows_namespaces:
                # judged without its labels, it might escape a policy for a moment; its event wakes everything in it
                return None
            labels = labels_of(namespace) if namespace else {"kubernetes.io/metadata.name": name}
            sources = {_name(source): source for source in self.all(CONFIG_MAP, name) if _is_source(source)}
            self._surroundings[name] = NamespaceSnapshot(name, labels, self.all(CONNECTOR_POLICY), sources)
        return self._surroundings[name]


def _is_source(config_map: Object | None) -> bool:
    return config_map is not None and labels_of(config_map).get(PART_LABEL) == SOURCE_PART


def _name(obj: Object) -> str:
    return obj["metadata"]["name"]


def _but_status(obj: Object) -> Object:
    return {**unrevised(obj), "status": None}


def _is_no_news(obj: Object, than: Object) -> bool:
    """Whether both are revisions of one object and this is not the newer one (revisions compare as numbers, KEP-5504)."""
    revisions = [one["metadata"].get("resourceVersion", "") for one in (obj, than)]
    if uid_of(obj) != uid_of(than) or not all(revision.isdecimal() for revision in revisions):
        return False
    return int(revisions[0]) <= int(revisions[1])

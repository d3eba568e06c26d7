"""The status of Connectors and ConnectorRuntimes, derived anew each time from what was applied and observed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connector_operator.api.conditions import ConditionType, Reason
from connector_operator.api.status import (
    CatalogueStatus,
    Condition,
    ConnectorCounts,
    ConnectorRuntimeStatus,
    ConnectorStatus,
    ObjectStatus,
    PublishedTemplate,
    RuntimeBinding,
    UnreadyConnector,
)
from connector_operator.domain.binding import Binding, Progress
from connector_operator.domain.check import check
from connector_operator.domain.conditions import accepted, conditions, cut, failing, finding
from connector_operator.domain.objects import PART_LABEL, RUNTIME_LABEL, Object, annotations_of, at, labels_of, list_at
from connector_operator.domain.observed import WORKER_PART
from connector_operator.domain.policy import policies_of
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ResolvedRuntime, is_selected, read_selection
from connector_operator.domain.snapshot import ConnectorSnapshot

FLUX_REQUESTED_AT = "reconcile.fluxcd.io/requestedAt"
MAX_NOT_READY = 20
MAX_LISTED = 1_000
"""Of runtimes and of element templates in a Connector's status."""
_OUR_MEMBERS = frozenset({"lastHandledReconcileAt"})
"""Members of a status that may be absent when it is written: what is left of them there is a difference, too."""
_LIST_KEYS = (("conditions", "type"), ("runtimes", "name"))


def as_json(status: ObjectStatus) -> dict[str, Any]:
    """A status as the API server stores it."""
    return status.model_dump(by_alias=True, exclude_none=True, mode="json")


def is_same(live: Object, wanted: Object) -> bool:
    """Whether a stored status says all that is wanted and nothing else of ours.

    The API server may keep lists that are maps in another order, and conditions and members that others added stay theirs.
    """
    ours = {name: live.get(name) for name in {*wanted, *_OUR_MEMBERS} if name in live or name in wanted}
    return _keyed(ours) == _keyed(wanted)


def _keyed(status: Object) -> dict[str, Any]:
    lists = {name: {item.get(key): item for item in list_at(status, name)} for name, key in _LIST_KEYS if name in status}
    if "conditions" in lists:
        lists["conditions"] = {name: item for name, item in lists["conditions"].items() if name in set(ConditionType)}
    return {**status, **lists}


def requested_at(obj: Object) -> str | None:
    """The value of Flux's reconcile request, to be echoed."""
    value = annotations_of(obj).get(FLUX_REQUESTED_AT)
    return value[:100] if value else None


@dataclass(frozen=True, slots=True)
class RuntimeProgress:
    """How far a runtime's worker has got, and what it published."""

    available: Progress
    connected: Progress
    config_hash: str
    bindings: Mapping[str, Binding]
    config_maps: tuple[str, ...]
    templates: int


def runtime_status(
    runtime: Object, resolved: ResolvedRuntime, progress: RuntimeProgress, problem: Problem | None, now: str
) -> ConnectorRuntimeStatus:
    """Derive a ConnectorRuntime's status. `problem`: why it is not reconciled, from resolving or from applying."""
    accept = accepted(problem)
    available = finding(ConditionType.AVAILABLE, progress.available)
    connected = finding(ConditionType.CONNECTED, progress.connected)
    # a gateway that cannot be used keeps pods from getting ready: name the cause before its effect
    by_cause = [accept, connected, available] if _names_the_cause(progress.connected) else [accept, available, connected]
    return ConnectorRuntimeStatus(
        observed_generation=runtime["metadata"].get("generation", 0),
        conditions=conditions(runtime, [accept, available, connected], now, blocking=failing(by_cause)),
        last_handled_reconcile_at=requested_at(runtime),
        replicas=sum(at(obj, "status").get("replicas", 0) for obj in resolved.observed.deployments.values()),
        selector=f"{PART_LABEL}={WORKER_PART},{RUNTIME_LABEL}={resolved.name}",
        config=progress.config_hash,
        connectors=_counts(resolved, progress.bindings),
        not_ready=_not_ready(progress.bindings),
        catalogue=CatalogueStatus(config_maps=progress.config_maps, templates=progress.templates),
    )


def is_premature(snapshot: ConnectorSnapshot) -> bool:
    """Whether a runtime that selects the Connector has yet to look at its present generation.

    A status made without it would have to be written twice; after an edit it would even call a roll-out done before it began.
    """
    bindings = (snapshot.bindings.get(name) for name in _selecting(snapshot))
    generation = snapshot.connector["metadata"].get("generation", 0)
    return any(binding is None or binding.generation != generation for binding in bindings)


def has_status(obj: Object) -> bool:
    """Whether something was ever said about the object; the schema's own default says that nobody has looked yet."""
    return bool(list_at(obj, "status", "conditions"))


def connector_status(snapshot: ConnectorSnapshot, now: str, *, default_deny: bool = False) -> ConnectorStatus:
    """Derive a Connector's status from its own spec and from how the runtimes that select it stand with it."""
    obj = snapshot.connector
    checked = check(
        obj,
        policies_of(snapshot.namespace.labels, snapshot.namespace.policies, default_deny=default_deny),
        snapshot.namespace.sources,
    )
    selecting = _selecting(snapshot)
    bindings = [snapshot.bindings[name] for name in selecting if name in snapshot.bindings]
    problem = checked.problem or next((binding.problem for binding in bindings if binding.problem), None)
    findings = [
        accepted(problem),
        finding(ConditionType.BOUND, _bound(snapshot, selecting)),
        finding(ConditionType.LOADED, _worst([binding.loaded for binding in bindings], expected=len(selecting))),
        finding(ConditionType.PUBLISHED, _worst([binding.published for binding in bindings], expected=len(selecting))),
    ]
    blocking = [item for item in failing(findings) if item.reason is not Reason.DISABLED]
    return ConnectorStatus(
        observed_generation=obj["metadata"].get("generation", 0),
        conditions=_with_audit(conditions(obj, findings, now, blocking=blocking), checked.audit),
        last_handled_reconcile_at=requested_at(obj),
        runtimes=tuple(_runtime_binding(name, snapshot.bindings.get(name)) for name in selecting[:MAX_LISTED]),
        element_templates=_published_templates(bindings),
    )


def _published_templates(bindings: Iterable[Binding]) -> tuple[PublishedTemplate, ...]:
    published = (
        PublishedTemplate(id=item.id, version=item.version, config_map=item.config_map, key=item.key)
        for binding in bindings
        for item in binding.templates
    )
    return tuple(islice(published, MAX_LISTED))


def _names_the_cause(connected: Progress) -> bool:
    return connected.reason in (Reason.UNAUTHENTICATED, Reason.GATEWAY_UNREACHABLE)


def _counts(resolved: ResolvedRuntime, bindings: Mapping[str, Binding]) -> ConnectorCounts:
    selected, loaded = len(resolved.selected), sum(1 for binding in bindings.values() if binding.loaded.holds)
    return ConnectorCounts(selected=selected, accepted=len(resolved.served), loaded=loaded, summary=f"{loaded}/{selected}")


def _not_ready(bindings: Mapping[str, Binding]) -> tuple[UnreadyConnector, ...]:
    reasons = ((name, binding.verdict[0]) for name, binding in sorted(bindings.items()))
    unready = (UnreadyConnector(name=name, reason=reason) for name, reason in reasons if reason is not Reason.READY)
    return tuple(unready)[:MAX_NOT_READY]


def _runtime_binding(name: str, binding: Binding | None) -> RuntimeBinding:
    reason, message = binding.verdict if binding else (Reason.PENDING, "the runtime has not been reconciled yet")
    return RuntimeBinding(name=name, state=reason, message=cut(message))


def _selecting(snapshot: ConnectorSnapshot) -> list[str]:
    name, labels = snapshot.connector["metadata"]["name"], labels_of(snapshot.connector)
    selections = ((runtime["metadata"]["name"], read_selection(runtime)) for runtime in snapshot.runtimes)
    return [runtime for runtime, selection in selections if selection and is_selected(selection, name, labels)]


def _bound(snapshot: ConnectorSnapshot, selecting: Sequence[str]) -> Progress:
    if selecting:
        return Progress.yes(Reason.BOUND)
    there = ", ".join(f"'{runtime['metadata']['name']}'" for runtime in snapshot.runtimes)
    advice = f"give it labels or a name that one of {there} selects" if there else "create one in this namespace"
    return Progress.no(Reason.NO_RUNTIME, f"no ConnectorRuntime selects the Connector: {advice}")


def _worst(progresses: Sequence[Progress], *, expected: int) -> Progress:
    """The first that does not hold; pending while a runtime has not said anything yet."""
    for progress in progresses:
        if not progress.holds:
            return progress
    if not progresses or len(progresses) < expected:
        return Progress.no(Reason.PENDING, "waiting for a ConnectorRuntime" if not expected else "waiting for the worker")
    return progresses[0]


def _with_audit(found: tuple[Condition, ...], audit: tuple[str, ...]) -> tuple[Condition, ...]:
    """What policies that only audit would refuse is said where people look, and changes nothing else."""
    if not audit:
        return found
    note = "; ".join(f"audit: {why}" for why in audit)
    return tuple(
        item.model_copy(update={"message": cut(f"{item.message}; {note}" if item.message else note)})
        if item.type == ConditionType.ACCEPTED
        else item
        for item in found
    )

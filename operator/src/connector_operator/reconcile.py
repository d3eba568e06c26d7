"""The story on one page: snapshot → resolve → render → plan → apply → status.

A reconcile never learns which event woke it. Run twice, it does the same; run when nothing is left to do, it writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from connector_operator.api.conditions import Reason, Waits
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.api.status import ObjectStatus
from connector_operator.cluster.execute import Owner, execute
from connector_operator.cluster.pods import PodUnreachable
from connector_operator.cluster.port import ApiGone, KubeApi
from connector_operator.domain.age import seconds_between
from connector_operator.domain.applied import AppliedObjects
from connector_operator.domain.binding import Binding
from connector_operator.domain.bindings import bind, load_all
from connector_operator.domain.catalogue import compose, requests
from connector_operator.domain.conditions import ready_condition
from connector_operator.domain.desired import Configuration
from connector_operator.domain.element_template import ElementTemplate, read_template
from connector_operator.domain.objects import Object, ObjectRef, at, uid_of
from connector_operator.domain.observed import observed_configuration
from connector_operator.domain.pace import paced
from connector_operator.domain.plan import make_plan
from connector_operator.domain.policy_status import policy_status
from connector_operator.domain.progress import gateway_progress, live_reports, rollout_progress
from connector_operator.domain.reports import PodReport
from connector_operator.domain.resolve import ResolvedRuntime, WorkerDefaults, resolve
from connector_operator.domain.result import ReconcileResult
from connector_operator.domain.shelf import Catalogue
from connector_operator.domain.snapshot import ConnectorSnapshot, PolicySnapshot, RuntimeSnapshot
from connector_operator.domain.status import (
    RuntimeProgress,
    as_json,
    connector_status,
    has_status,
    is_premature,
    is_same,
    runtime_status,
)
from connector_operator.rendering.configuration import configure
from connector_operator.rendering.runtime import render

RETRY_AWAITED_SECONDS = 2.0
RETRY_FOREIGN_SECONDS = 15.0
FIRST_STATUS_SECONDS = 60.0


class TemplateSource(Protocol):
    """Where generated element templates come from: the pods that generated them."""

    async def fetch(self, pod: Object, connector: str) -> Sequence[Mapping[str, Any]]:
        """All element templates that one pod generated for one Connector; raises `PodUnreachable`."""
        ...


class Recorder(Protocol):
    """Where Kubernetes Events go."""

    def record(self, obj: Object, event_type: Literal["Normal", "Warning"], reason: str, message: str) -> None:
        """Let `kubectl describe` show this below the object."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Brings observed to desired for one key. `now` gives RFC 3339 times; everything else is the outside world."""

    api: KubeApi
    templates: TemplateSource
    events: Recorder
    defaults: WorkerDefaults
    now: Callable[[], str]

    async def runtime(self, snapshot: RuntimeSnapshot) -> ReconcileResult:
        """Reconcile one ConnectorRuntime: its worker, its catalogue, its status."""
        if "deletionTimestamp" in snapshot.runtime["metadata"]:
            return ReconcileResult(bindings={})  # owner references let the garbage collector take everything along
        resolved = resolve(snapshot, self.defaults)
        reports = live_reports(resolved.observed, snapshot.reports)
        configuration = self._configuration(resolved)
        loaded = load_all(resolved, configuration, reports)
        fetched, complete = await self._fetch_templates(resolved, configuration, reports)
        catalogue = compose(resolved, lambda name: bool(loaded[name].holds), fetched, snapshot.namespace.sources)
        applied = await self._apply(resolved, configuration, catalogue)
        bindings = bind(resolved, loaded, catalogue)
        progress = _progress(resolved, applied, configuration, bindings, reports)
        problem = resolved.problem or applied.problem
        status = runtime_status(snapshot.runtime, resolved, progress, problem, self.now())
        return ReconcileResult(
            requeue_after=_look_again(applied, complete=complete),
            refused=applied.problem is not None and applied.problem.reason is Reason.INVALID_SPEC,
            settled=_is_settled(progress),
            bindings=bindings,
            written=await self._write_status(CONNECTOR_RUNTIME, snapshot.runtime, status),
        )

    async def connector(self, snapshot: ConnectorSnapshot) -> ReconcileResult:
        """Write one Connector's status; its worker is the business of the runtimes that select it."""
        if is_premature(snapshot) and (has_status(snapshot.connector) or self._is_new(snapshot.connector)):
            # the runtime's reconcile wakes this key; should that fail for long, even a new Connector gets a status
            return ReconcileResult(requeue_after=None if has_status(snapshot.connector) else FIRST_STATUS_SECONDS)
        status = connector_status(snapshot, self.now(), default_deny=self.defaults.default_deny)
        return ReconcileResult(written=await self._write_status(CONNECTOR, snapshot.connector, status))

    async def policy(self, snapshot: PolicySnapshot) -> ReconcileResult:
        """Write one ConnectorPolicy's status."""
        status = policy_status(snapshot, self.now())
        return ReconcileResult(written=await self._write_status(CONNECTOR_POLICY, snapshot.policy, status))

    def _is_new(self, obj: Object) -> bool:
        """Whether the object was created so lately that its runtimes may just not have got round to it."""
        created = obj["metadata"].get("creationTimestamp", "")
        return bool(created) and seconds_between(created, self.now()) < FIRST_STATUS_SECONDS

    def _configuration(self, resolved: ResolvedRuntime) -> Configuration:
        """The configuration that is wanted; for a runtime that is not reconciled, the one that runs."""
        if resolved.problem is None and resolved.spec is not None:
            return configure(resolved, resolved.spec)
        return observed_configuration(resolved.observed)

    async def _fetch_templates(
        self, resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]
    ) -> tuple[Mapping[str, tuple[ElementTemplate, ...]], bool]:
        """By Connector name: element templates that pods report and nobody has seen yet; and whether that is all of them."""
        pods = {pod["metadata"]["name"]: pod for pod in resolved.observed.pods}
        fetched: dict[str, tuple[ElementTemplate, ...]] = {}
        wanted = requests(resolved, configuration, reports)
        for request in wanted:
            try:
                documents = await self.templates.fetch(pods[request.pod], request.connector)
            except PodUnreachable:
                continue
            read = (read_template(document) for document in documents)
            fetched[request.connector] = tuple(item for item in read if isinstance(item, ElementTemplate))
        return fetched, len(fetched) == len(wanted)

    async def _apply(self, resolved: ResolvedRuntime, configuration: Configuration, catalogue: Catalogue) -> AppliedObjects:
        if resolved.problem is not None or resolved.spec is None:
            return AppliedObjects({})
        desired = render(resolved, resolved.spec, configuration, catalogue)
        plan, wait = paced(
            make_plan(desired, resolved.observed), resolved.observed, self.now(), interval=self.defaults.rollout_interval
        )
        return replace(await execute(self.api, plan, Owner(resolved.uid, resolved.name)), wait=wait)

    async def _write_status(self, kind: Kind, obj: Object, status: ObjectStatus) -> Object | None:
        """The only place that writes a status, and only when it says something new; what the API server then answered."""
        body = as_json(status)
        if is_same(at(obj, "status"), body):
            return None
        metadata = obj["metadata"]
        ref = ObjectRef(kind, metadata.get("namespace", ""), metadata["name"])
        try:
            written = await self.api.apply_status(ref, uid=uid_of(obj), status=body)
        except ApiGone:
            return None  # deleted meanwhile: nobody is left to tell
        self._tell(obj, body)
        return written

    def _tell(self, obj: Object, status: Mapping[str, Any]) -> None:
        """An event when Ready changes to something that somebody has to know: it works, is suspended, or waits for a person.

        What the cluster gets round to by itself is in the conditions; an event for each step would double the writes.
        """
        before, after = ready_condition(obj), ready_condition({"status": status})
        if not after or before.get("reason") == after["reason"]:
            return
        if after["status"] == "True":
            self.events.record(obj, "Normal", after["reason"], after["message"] or "everything is in place")
        elif Reason(after["reason"]).waits is not Waits.SYSTEM:
            self.events.record(obj, "Warning", after["reason"], after["message"])


def _look_again(applied: AppliedObjects, *, complete: bool) -> float | None:
    """When to look again at what no event will tell of: objects that are not ours, a pod that answers, a roll-out held back."""
    if applied.problem is not None and applied.problem.reason is Reason.NOT_OWNED:
        return RETRY_FOREIGN_SECONDS
    if applied.awaited or not complete:
        return RETRY_AWAITED_SECONDS
    return applied.wait or None


def _progress(
    resolved: ResolvedRuntime,
    applied: AppliedObjects,
    configuration: Configuration,
    bindings: Mapping[str, Binding],
    reports: Sequence[PodReport],
) -> RuntimeProgress:
    published = {(item.config_map, item.key) for binding in bindings.values() for item in binding.templates}
    return RuntimeProgress(
        available=rollout_progress(applied, resolved.observed, configuration),
        connected=gateway_progress(resolved, reports),
        config_hash=configuration.hash,
        bindings=bindings,
        config_maps=tuple(sorted({config_map for config_map, _ in published})),
        templates=len(published),
    )


def _is_settled(progress: RuntimeProgress) -> bool:
    """Whether only an event can change anything; until then the pods are asked often."""
    waiting = any(not binding.ready and binding.problem is None for binding in progress.bindings.values())
    return bool(progress.available.holds and progress.connected.holds) and not waiting

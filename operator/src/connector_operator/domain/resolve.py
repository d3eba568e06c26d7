"""Follow every reference of a ConnectorRuntime and apply every rule: snapshot → resolved runtime + problems.

User mistakes are values here. What a bad Connector ran before keeps running: its last accepted spec is read back from the
configuration that the Deployment runs (`domain.observed`), so this works the same after a restart of the operator.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.runtime import ConnectorRuntimeSpec, ConnectorSelection
from connector_operator.domain import names
from connector_operator.domain.check import CheckedConnector, SourceCode, check, check_name
from connector_operator.domain.objects import Object, labels_of, uid_of
from connector_operator.domain.observed import AcceptedConnector, Observed, observe
from connector_operator.domain.policy import Policy, policies_of, refusal, refuse_runtime
from connector_operator.domain.problem import Problem, invalid
from connector_operator.domain.remembered import remembered
from connector_operator.domain.selectors import selects
from connector_operator.domain.snapshot import RuntimeSnapshot

KEEPS_RUNNING = frozenset({Reason.INVALID_SPEC, Reason.SOURCE_NOT_FOUND, Reason.JOB_TYPE_CONFLICT})
"""Problems of a new spec that leave the last accepted one running; policy and suspension take a Connector out instead."""


@dataclass(frozen=True, slots=True)
class WorkerDefaults:
    """What a ConnectorRuntime that names no image gets: the operator's own settings."""

    image: str
    image_pull_policy: str = "IfNotPresent"
    default_deny: bool = False
    """Whether a namespace that no enforced ConnectorPolicy selects is allowed nothing."""
    copies_images: bool = False
    """Whether images of connector functions are copied by an init container, where the cluster cannot mount them."""
    rollout_interval: float = 5.0
    """Seconds between two roll-outs of one worker, at the least."""


@dataclass(frozen=True, slots=True)
class SourceCopy:
    """The immutable ConfigMap with a Connector's Python files, or with the list of its wheels."""

    config_map: str
    digest: str
    code: SourceCode | None
    """`None` when the copy exists already and its original is gone: it is kept, not written."""


@dataclass(frozen=True, slots=True)
class ServedConnector:
    """A Connector that the worker is to run."""

    name: str
    spec: ConnectorSpec
    source: SourceCopy | None
    kept: bool = False
    """Whether this is the last accepted spec, kept because the newest one is bad."""


@dataclass(frozen=True, slots=True)
class ResolvedRuntime:
    """A ConnectorRuntime with every reference followed."""

    name: str
    namespace: str
    uid: str
    spec: ConnectorRuntimeSpec | None
    image: str
    image_pull_policy: str
    copies_images: bool
    problem: Problem | None
    """Why the runtime as a whole is not reconciled: what runs is left as it is."""
    selected: tuple[CheckedConnector, ...]
    served: tuple[ServedConnector, ...]
    problems: Mapping[str, Problem]
    """By Connector name: why its newest spec is not what runs."""
    observed: Observed


def resolve(snapshot: RuntimeSnapshot, defaults: WorkerDefaults) -> ResolvedRuntime:
    """Decide which Connectors a runtime serves and with which specs."""
    runtime = snapshot.runtime
    policies = policies_of(snapshot.namespace.labels, snapshot.namespace.policies, default_deny=defaults.default_deny)
    observed = observe(runtime, snapshot.owned)
    spec = _read(runtime)
    valid = spec if isinstance(spec, ConnectorRuntimeSpec) else None
    image = (valid.image if valid else None) or defaults.image
    problem = spec if isinstance(spec, Problem) else _runtime_problem(spec, image, policies)
    selected = _select(valid, snapshot, policies) if valid else ()
    served, problems = _serve(runtime["metadata"]["name"], selected, observed.accepted, policies)
    return ResolvedRuntime(
        name=runtime["metadata"]["name"],
        namespace=runtime["metadata"]["namespace"],
        uid=uid_of(runtime),
        spec=valid,
        image=image,
        image_pull_policy=(valid.image_pull_policy if valid else None) or defaults.image_pull_policy,
        copies_images=defaults.copies_images,
        problem=problem,
        selected=selected,
        served=served,
        problems=problems,
        observed=observed,
    )


def is_selected(selection: ConnectorSelection, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a runtime's selection takes a Connector: by selector, by name, or both."""
    return name in selection.names or (selection.selector is not None and selects(selection.selector, labels))


def read_selection(runtime: Object) -> ConnectorSelection | None:
    """A runtime's selection; `None` when its spec cannot be read, and then it selects nothing new."""
    spec = _read(runtime)
    return spec.connectors if isinstance(spec, ConnectorRuntimeSpec) else None


@remembered(1_000)  # each Connector asks every runtime of its namespace whether it is selected
def _read(runtime: Object) -> ConnectorRuntimeSpec | Problem:
    if problem := check_name(runtime):
        return problem
    try:
        return ConnectorRuntimeSpec.model_validate(runtime.get("spec", {}))
    except ValidationError as error:
        return invalid(error)


def _runtime_problem(spec: ConnectorRuntimeSpec, image: str, policies: tuple[Policy, ...]) -> Problem | None:
    if spec.suspend:
        return Problem(Reason.SUSPENDED, "spec.suspend is true: what runs is kept; set it to false to reconcile again")
    return refuse_runtime(spec, image, policies)


def _select(spec: ConnectorRuntimeSpec, snapshot: RuntimeSnapshot, policies: tuple[Policy, ...]) -> tuple[CheckedConnector, ...]:
    chosen = (obj for obj in snapshot.connectors if is_selected(spec.connectors, obj["metadata"]["name"], labels_of(obj)))
    return tuple(check(obj, policies, snapshot.namespace.sources) for obj in chosen)


def _serve(
    runtime: str,
    selected: Iterable[CheckedConnector],
    accepted: Mapping[str, AcceptedConnector],
    policies: tuple[Policy, ...],
) -> tuple[tuple[ServedConnector, ...], Mapping[str, Problem]]:
    """Older Connectors first: the first to ask for a job type gets it."""
    served: dict[str, ServedConnector] = {}
    holders: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for connector in sorted(selected, key=lambda checked: checked.age):
        newest = _newest(runtime, connector)
        if connector.problem:
            problems[connector.name] = connector.problem
        elif newest and (holder := holders.get(newest.spec.job_type)):
            problems[connector.name] = _conflict(runtime, newest.spec.job_type, holder)
        problem = problems.get(connector.name)
        candidate = newest if problem is None else _last_good(connector.name, problem, accepted, policies)
        if candidate and candidate.spec.job_type not in holders:
            holders[candidate.spec.job_type] = connector.name
            served[connector.name] = candidate
    return tuple(served[name] for name in sorted(served)), problems


def _newest(runtime: str, connector: CheckedConnector) -> ServedConnector | None:
    """The Connector as its newest spec wants it; `None` when that cannot be served."""
    if connector.problem or connector.spec is None:
        return None
    code = connector.source
    copy = SourceCopy(names.source_copy(runtime, code.digest), code.digest, code) if code else None
    return ServedConnector(connector.name, connector.spec, copy)


def _last_good(
    name: str, problem: Problem, accepted: Mapping[str, AcceptedConnector], policies: tuple[Policy, ...]
) -> ServedConnector | None:
    """The Connector as it was accepted last, when its problem is one that leaves that running."""
    last = accepted.get(name)
    if last is None or problem.reason not in KEEPS_RUNNING:
        return None
    if refusal(last.spec, policies):
        return None  # a policy that was tightened meanwhile also ends what was kept
    copy = SourceCopy(last.source, last.digest or "", None) if last.source else None
    return ServedConnector(name, last.spec, copy, kept=True)


def _conflict(runtime: str, job_type: str, holder: str) -> Problem:
    return Problem(
        Reason.JOB_TYPE_CONFLICT,
        f"spec.jobType: ConnectorRuntime '{runtime}' already serves job type '{job_type}' with the older Connector '{holder}'; "
        "choose another job type, or let the runtime select only one of the two",
    )

"""How far the worker has got, judged from its Deployment and from what its pods report."""

from collections.abc import Iterable, Mapping, Sequence

from connector_operator.api.conditions import Reason
from connector_operator.domain.applied import AppliedObjects
from connector_operator.domain.binding import Progress
from connector_operator.domain.camunda import endpoint
from connector_operator.domain.desired import Configuration, Worker
from connector_operator.domain.objects import CONNECTOR_LABEL, Object, at, labels_of, list_at
from connector_operator.domain.observed import Observed, config_entries, running_config
from connector_operator.domain.reports import ConnectorReport, GatewayState, LoadState, PodReport
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector

_LOAD_REASONS = {
    LoadState.LOAD_FAILED: Reason.LOAD_FAILED,
    LoadState.SETTINGS_INVALID: Reason.SETTINGS_INVALID,
    LoadState.SECRETS_MISSING: Reason.SECRETS_MISSING,
    LoadState.PENDING: Reason.PENDING,
    LoadState.LOADED: Reason.LOADED,
}  # the worst first: with several pods, the worst is what a person has to know

_GATEWAY_REASONS = {
    GatewayState.UNAUTHENTICATED: Reason.UNAUTHENTICATED,
    GatewayState.UNREACHABLE: Reason.GATEWAY_UNREACHABLE,
    GatewayState.CONNECTING: Reason.CONNECTING,
    GatewayState.CONNECTED: Reason.CONNECTED,
}


def live_reports(observed: Observed, reports: Mapping[str, PodReport]) -> tuple[PodReport, ...]:
    """The reports of pods that exist and are not being deleted, by pod name."""
    living = (pod["metadata"]["name"] for pod in observed.pods if "deletionTimestamp" not in pod["metadata"])
    return tuple(reports[name] for name in living if name in reports)


def reports_about(
    connector: str, configuration: Configuration, observed: Observed, reports: Sequence[PodReport]
) -> tuple[tuple[str, ConnectorReport], ...]:
    """What pods say about a Connector's present configuration, as (pod, report).

    A pod of an earlier revision counts too when that revision configured this Connector in the same way: a neighbour's
    roll-out says nothing about this one.
    """
    wanted, config_hash = configuration.entry(connector), configuration.hash_of(connector)
    found: list[tuple[str, ConnectorReport]] = []
    for report in reports:
        document = report.document
        if document is None or connector not in document.connectors:
            continue
        same_revision = document.config_hash == config_hash
        if same_revision or config_entries(observed.configs.get(document.config_hash)).get(connector) == wanted:
            found.append((report.pod, document.connectors[connector]))
    return tuple(found)


def load_progress(
    served: ServedConnector, resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]
) -> Progress:
    """How far the worker's pods have got with one Connector."""
    about = reports_about(served.name, configuration, resolved.observed, reports)
    for state, reason in _LOAD_REASONS.items():
        of_state = [(pod, report) for pod, report in about if report.state is state]
        if of_state:
            return Progress(state is LoadState.LOADED, reason, _load_message(served, *of_state[0]))
    return Progress.no(Reason.PENDING, _why_silent(resolved, reports))


def gateway_progress(resolved: ResolvedRuntime, reports: Sequence[PodReport]) -> Progress:
    """How the worker's pods stand with the Zeebe gateway: the worst of them."""
    documents = [(report.pod, report.document) for report in reports if report.document]
    for state, reason in _GATEWAY_REASONS.items():
        for pod, document in documents:
            if document.gateway.state is state:
                holds = state is GatewayState.CONNECTED
                address = endpoint(resolved.spec.camunda).grpc_address if resolved.spec else ""
                message = "" if holds else f"pod '{pod}' and {address}: {document.gateway.message or state.value}"
                return Progress(holds, reason, message)
    if resolved.problem is None and not any(workers_of(resolved)):
        return Progress(True, Reason.CONNECTED, "there is no Connector to serve, and so no worker")  # noqa: FBT003 - its one True
    return Progress.no(Reason.CONNECTING, _why_silent(resolved, reports))


def workers_of(resolved: ResolvedRuntime) -> Iterable[str]:
    """For whom each worker of the runtime is: a Connector, or (`*`) all that are served."""
    if resolved.spec is None or resolved.spec.isolation == "Shared":
        return ("*",)
    return tuple(served.name for served in resolved.served)


def rollout_progress(applied: AppliedObjects, observed: Observed, configuration: Configuration) -> Progress:
    """How far the Deployments have got with their newest pod templates: the first that is not there yet."""
    progresses = [_rollout(applied, observed, worker) for worker in configuration.workers]
    return next((progress for progress in progresses if not progress.holds), Progress.yes(Reason.AVAILABLE))


def _rollout(applied: AppliedObjects, observed: Observed, worker: Worker) -> Progress:
    deployment, pods = applied.deployment(worker.name, observed), _pods_of(worker, observed)
    if deployment is None:
        return Progress.no(Reason.ROLLING_OUT, applied.awaited or "the worker's Deployment is being created")
    status, spec = at(deployment, "status"), at(deployment, "spec")
    wanted = spec.get("replicas", 1)
    if _exceeded(status):
        return Progress.no(Reason.DEADLINE_EXCEEDED, pods_say(pods) or "the roll-out makes no progress")
    behind = status.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0)
    stale = running_config(deployment) != worker.hash
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    if behind or stale or updated < wanted or total > updated:
        return Progress.no(Reason.ROLLING_OUT, pods_say(pods) or f"{updated} of {wanted} pods are of the newest revision")
    available = status.get("availableReplicas", 0)
    if available < wanted:
        message = pods_say(pods) or f"{available} of {wanted} pods are available"
        return Progress.no(Reason.REPLICAS_UNAVAILABLE, message)
    return Progress.yes(Reason.AVAILABLE)


def _pods_of(worker: Worker, observed: Observed) -> Sequence[Object]:
    return [pod for pod in observed.pods if labels_of(pod).get(CONNECTOR_LABEL, "") == worker.connector]


def _exceeded(status: Mapping[str, object]) -> bool:
    return any(
        condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded"
        for condition in list_at(status, "conditions")
    )


def _load_message(served: ServedConnector, pod: str, report: ConnectorReport) -> str:
    if report.state is LoadState.LOADED:
        return ""
    if report.state is LoadState.SECRETS_MISSING:
        return _missing_secrets(served, report.secrets_missing) or report.message
    return f"pod '{pod}': {report.message or report.state.value}"


def _missing_secrets(served: ServedConnector, missing: Sequence[str]) -> str:
    """Name the Secrets to create; the pod knows only the names of placeholders."""
    wanted = {reference.name: reference.secret_key_ref for reference in served.spec.secrets}
    parts = [f"'{name}' (Secret '{wanted[name].name}', key '{wanted[name].key}')" for name in missing if name in wanted]
    if not parts:
        return ""
    return f"missing {', '.join(parts)}: create it in this namespace; the Connector's jobs wait in Zeebe until then"


def _why_silent(resolved: ResolvedRuntime, reports: Sequence[PodReport]) -> str:
    if resolved.spec and resolved.spec.replicas == 0:
        return f"ConnectorRuntime '{resolved.name}' has 0 replicas: nothing runs until spec.replicas is raised"
    unreadable = [report.problem for report in reports if report.document is None]
    return unreadable[0] if unreadable else pods_say(resolved.observed.pods) or "no worker pod has reported yet"


def pods_say(pods: Sequence[Object]) -> str:
    """The first thing that keeps a pod from running, in the kubelet's or the scheduler's words; empty when nothing does."""
    for pod in pods:
        for container in (*list_at(pod, "status", "initContainerStatuses"), *list_at(pod, "status", "containerStatuses")):
            waiting = at(container, "state", "waiting")
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                return f"pod '{pod['metadata']['name']}': {waiting['reason']}: {waiting.get('message', '')}"[:1000].rstrip(": ")
        for condition in list_at(pod, "status", "conditions"):
            if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
                return f"pod '{pod['metadata']['name']}': {condition.get('message', 'cannot be scheduled')}"[:1000]
    return ""

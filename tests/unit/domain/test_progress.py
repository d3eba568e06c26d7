"""How far the worker has got: judged by its Deployment and by what its pods report, the worst first."""

import json
from typing import Any

import pytest
import scenario_objects as objects

from connector_operator.api.conditions import Reason
from connector_operator.domain.applied import AppliedObjects
from connector_operator.domain.binding import Progress
from connector_operator.domain.desired import Configuration, Worker, configuration_of
from connector_operator.domain.objects import Object
from connector_operator.domain.progress import gateway_progress, live_reports, load_progress, rollout_progress
from connector_operator.domain.reports import PodReport, read_status
from connector_operator.domain.resolve import ResolvedRuntime

SECRET = {"name": "TOKEN", "secretKeyRef": {"name": "crm", "key": "token"}}

RUNNING = configuration_of((Worker("shop-worker", "", "", "c", {}),))


def _report(pod: str, config: Configuration, gateway: str = "Connected", **connectors: Any) -> PodReport:
    states = {name: {"state": said} if isinstance(said, str) else said for name, said in connectors.items()}
    gateway_state = {"state": gateway, "message": "" if gateway == "Connected" else "refused"}
    document = {"version": 1, "configHash": config.hash, "gateway": gateway_state, "connectors": states}
    return read_status(pod, json.dumps(document).encode())


def _pod(name: str, **status: Any) -> Object:
    return objects.stored({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "status": status})


def _waiting(reason: str, message: str = "", *, statuses: str = "containerStatuses") -> Object:
    state = {"waiting": {"reason": reason, "message": message}}
    return _pod("p-0", **{statuses: [{"name": "one", "state": state}]})


def _load(found: ResolvedRuntime, *reports: PodReport, config: Configuration | None = None) -> Progress:
    return load_progress(found.served[0], found, config or objects.configured(found), reports)


@pytest.fixture
def found() -> ResolvedRuntime:
    return objects.resolved(objects.connector(secrets=[SECRET]))


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("Loaded", Progress.yes(Reason.LOADED)),
        ("Pending", Progress.no(Reason.PENDING, "pod 'p-0': Pending")),
        ({"state": "LoadFailed", "message": "no module"}, Progress.no(Reason.LOAD_FAILED, "pod 'p-0': no module")),
        ({"state": "SettingsInvalid", "message": "region"}, Progress.no(Reason.SETTINGS_INVALID, "pod 'p-0': region")),
        (
            {"state": "SecretsMissing", "secretsMissing": ["TOKEN", "UNKNOWN"]},
            Progress.no(
                Reason.SECRETS_MISSING,
                "missing 'TOKEN' (Secret 'crm', key 'token'): create it in this namespace; "
                "the Connector's jobs wait in Zeebe until then",
            ),
        ),
        ({"state": "SecretsMissing", "message": "x"}, Progress.no(Reason.SECRETS_MISSING, "x")),
    ],
)
def test_a_connector_is_as_far_as_its_pod_says(found: ResolvedRuntime, report: Any, expected: Progress) -> None:
    assert _load(found, _report("p-0", objects.configured(found), http=report)) == expected


@pytest.mark.parametrize("worse", ["Pending", "SecretsMissing", "SettingsInvalid", "LoadFailed"])
def test_of_several_pods_the_worst_counts(found: ResolvedRuntime, worse: str) -> None:
    config = objects.configured(found)
    pods = [_report("p-0", config, http="Loaded"), _report("p-1", config, http=worse)]
    assert _load(found, *pods).reason == worse
    assert _load(found, *reversed(pods)).reason == worse


def test_a_pod_that_runs_another_configuration_of_the_connector_says_nothing_about_it(found: ResolvedRuntime) -> None:
    before = objects.resolved(objects.connector(maxJobsActive=7))
    old = _report("p-0", objects.configured(before), http="Loaded")
    now = objects.resolved(objects.connector(), owned=objects.remembered(before))
    assert _load(now, old).reason is Reason.PENDING


def test_a_neighbours_roll_out_says_nothing_about_a_connector() -> None:
    before = objects.resolved(objects.connector("http"))
    old = _report("p-0", objects.configured(before), http="Loaded")
    now = objects.resolved(objects.connector("http"), objects.connector("zz-new"), owned=objects.remembered(before))
    assert objects.configured(now).hash != objects.configured(before).hash
    assert _load(now, old) == Progress.yes(Reason.LOADED)


def test_a_connector_nobody_speaks_of_waits_for_the_reason_that_pods_have() -> None:
    assert _load(objects.resolved(objects.connector())) == Progress.no(Reason.PENDING, "no worker pod has reported yet")
    pulling = objects.resolved(objects.connector(), owned=[_waiting("ImagePullBackOff", "no such image")])
    assert _load(pulling) == Progress.no(Reason.PENDING, "pod 'p-0': ImagePullBackOff: no such image")
    scaled_down = objects.resolved(objects.connector(), of=objects.runtime(replicas=0))
    assert "has 0 replicas: nothing runs until spec.replicas is raised" in _load(scaled_down).message


def test_a_pod_whose_answer_cannot_be_read_is_told_about(found: ResolvedRuntime) -> None:
    progress = _load(found, read_status("p-0", b"<html>"))
    assert progress.reason is Reason.PENDING
    assert progress.message.startswith("cannot read the status of pod 'p-0'")


def test_reports_of_pods_that_are_gone_or_going_do_not_count() -> None:
    going = _pod("going")
    going = {**going, "metadata": {**going["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    found = objects.resolved(owned=[_pod("here"), going])
    reports = {name: PodReport(name, None, "x") for name in ("here", "going", "gone")}
    assert [report.pod for report in live_reports(found.observed, reports)] == ["here"]


@pytest.mark.parametrize(
    ("gateways", "reason"),
    [
        (["Connected"], Reason.CONNECTED),
        (["Connected", "Connecting"], Reason.CONNECTING),
        (["Connected", "GatewayUnreachable", "Connecting"], Reason.GATEWAY_UNREACHABLE),
        (["GatewayUnreachable", "Unauthenticated"], Reason.UNAUTHENTICATED),
        ([], Reason.CONNECTING),
    ],
)
def test_the_gateway_is_as_reachable_as_for_the_worst_pod(found: ResolvedRuntime, gateways: list[str], reason: Reason) -> None:
    config = objects.configured(found)
    reports = [_report(f"p-{number}", config, gateway) for number, gateway in enumerate(gateways)]
    progress = gateway_progress(found, reports)
    assert progress.reason is reason
    assert bool(progress.holds) == (reason is Reason.CONNECTED)


def test_a_gateway_that_refuses_is_told_with_pod_address_and_words(found: ResolvedRuntime) -> None:
    report = _report("p-0", objects.configured(found), "GatewayUnreachable")
    expected = "pod 'p-0' and grpc://zeebe-gateway.camunda:26500: refused"
    assert gateway_progress(found, [report]) == Progress.no(Reason.GATEWAY_UNREACHABLE, expected)


def _rollout(
    *pods: Object, replicas: int = 2, total: int | None = None, generation: int = 4, config: str = "c", **status: Any
) -> Progress:
    labels = {"connectors.camunda.io/config": config}
    spec = {"replicas": replicas, "template": {"metadata": {"labels": labels}}}
    counts = {"replicas": total or replicas, "updatedReplicas": replicas, "availableReplicas": replicas}
    whole = {"observedGeneration": 4, **counts}
    metadata = {"name": "shop-worker", "generation": generation}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec, "status": whole | status}
    owner = {"kind": "ConnectorRuntime", "uid": "uid-of-ConnectorRuntime-shop"}
    live = objects.stored(deployment, generation=generation)
    live["metadata"]["ownerReferences"] = [owner]
    observed = objects.resolved(owned=[live, *pods]).observed
    return rollout_progress(AppliedObjects({}), observed, RUNNING)


EXCEEDED = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        ({}, Progress.yes(Reason.AVAILABLE)),
        ({"replicas": 0}, Progress.yes(Reason.AVAILABLE)),
        ({"generation": 5}, Progress.no(Reason.ROLLING_OUT, "2 of 2 pods are of the newest revision")),
        ({"config": "old"}, Progress.no(Reason.ROLLING_OUT, "2 of 2 pods are of the newest revision")),
        ({"updatedReplicas": 1}, Progress.no(Reason.ROLLING_OUT, "1 of 2 pods are of the newest revision")),
        ({"availableReplicas": 1}, Progress.no(Reason.REPLICAS_UNAVAILABLE, "1 of 2 pods are available")),
        ({"conditions": EXCEEDED}, Progress.no(Reason.DEADLINE_EXCEEDED, "the roll-out makes no progress")),
    ],
)
def test_a_worker_is_as_available_as_its_deployment_says(deployment: dict[str, Any], expected: Progress) -> None:
    assert _rollout(**deployment) == expected


def test_old_pods_that_have_yet_to_go_are_a_roll_out() -> None:
    assert _rollout(total=3) == Progress.no(Reason.ROLLING_OUT, "2 of 2 pods are of the newest revision")


def test_without_a_deployment_it_is_being_created() -> None:
    observed = objects.resolved().observed
    expected = Progress.no(Reason.ROLLING_OUT, "the worker's Deployment is being created")
    assert rollout_progress(AppliedObjects({}), observed, RUNNING) == expected
    awaited = AppliedObjects({}, awaited="Deployment of an earlier ConnectorRuntime is being removed")
    assert rollout_progress(awaited, observed, RUNNING).message == awaited.awaited


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        (_waiting("CrashLoopBackOff", "back-off 10s"), "pod 'p-0': CrashLoopBackOff: back-off 10s"),
        (_waiting("ErrImagePull"), "pod 'p-0': ErrImagePull"),
        (_waiting("CrashLoopBackOff", "fetch", statuses="initContainerStatuses"), "pod 'p-0': CrashLoopBackOff: fetch"),
        (
            _pod("p-0", conditions=[{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]),
            "pod 'p-0': 0/1 nodes are available",
        ),
    ],
)
@pytest.mark.parametrize("status", [{"updatedReplicas": 0}, {"availableReplicas": 0}, {"conditions": EXCEEDED}])
def test_what_keeps_a_pod_from_running_is_told_in_the_clusters_words(pod: Object, message: str, status: dict[str, Any]) -> None:
    assert _rollout(pod, **status).message == message


def test_a_container_that_is_only_being_created_is_no_news() -> None:
    assert _rollout(_waiting("ContainerCreating"), availableReplicas=0).message == "0 of 2 pods are available"

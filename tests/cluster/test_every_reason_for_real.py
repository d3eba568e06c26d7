"""Every reason of every condition shows on a real API server: stories of steps, and a test that together they reach all.

The API server, its controllers and the operator are real; pods run by hand and report as the step says. Argo CD's Lua and
kstatus are asked each time.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cluster_hands
import kstatus_program
import pytest
import worker_pods
from argocd_health import health, wanted
from cluster_hands import Hands, wait_for
from kstatus import compute
from scenario_world import element_template
from worker_pods import WorkerPod

from connector_operator.api.conditions import REASONS, ConditionType, Reason
from connector_operator.domain.sharding import MAX_SHARD_BYTES

pytestmark = pytest.mark.usefixtures("controllers", "operator")

SECONDS = 45.0
NAMES = {"Connector": "crm-lookup", "ConnectorRuntime": "shop", "ConnectorPolicy": "shop"}
TEMPLATES = {"http": [element_template("http-json")], "crm-lookup": [element_template("acme.io:crm-lookup:1")]}
C, R = ConditionType, Reason


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a story plays: the samples, and their worker's one pod."""

    hands: Hands
    pod: WorkerPod


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does, and what then shows, on the samples' objects unless `on` names others by kind."""

    act: Callable[[Scene], Any]
    shows: tuple[tuple[str, ConditionType, Reason], ...]
    on: dict[str, str] = field(default_factory=dict[str, str])


def _nothing(_: Scene) -> None:
    """As it is."""


def _spec(kind: str, **members: Any) -> Callable[[Scene], Any]:
    return lambda scene: scene.hands.edit(kind, NAMES[kind], {"spec": members})


def _connector(reason: Reason, condition: ConditionType = C.ACCEPTED, **members: Any) -> Step:
    return Step(_spec("Connector", **members), (("Connector", condition, reason),))


def _runtime(reason: Reason, condition: ConditionType = C.ACCEPTED, **members: Any) -> Step:
    return Step(_spec("ConnectorRuntime", **members), (("ConnectorRuntime", condition, reason),))


def _reports(reason: Reason, **report: Any) -> Step:
    def act(scene: Scene) -> None:
        scene.pod.report("crm-lookup", state=reason.value, message="because", **report)

    return Step(act, (("Connector", C.LOADED, reason),))


def _gateway(reason: Reason) -> Step:
    def act(scene: Scene) -> None:
        scene.pod.meet(reason.value)

    return Step(act, (("ConnectorRuntime", C.CONNECTED, reason),))


def _template_text(text: str) -> Callable[[Scene], Any]:
    """The ConfigMap with the Connector's own element template."""
    metadata = {"name": "given", "labels": {"connectors.camunda.io/part": "source"}}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"t.json": text}}
    return lambda scene: scene.hands.put(config_map)


def _give_it(scene: Scene) -> None:
    """Name it in the spec; the pod joins the roll-out at once."""
    before = worker_pods.configuration(scene.hands, "shop-worker")
    reference = {"configMapKeyRef": {"name": "given", "key": "t.json"}}
    scene.hands.edit("Connector", "crm-lookup", {"spec": {"elementTemplates": [reference]}})
    changed = wait_for(
        lambda: (now := worker_pods.configuration(scene.hands, "shop-worker")) != before and now, "there is a new configuration"
    )
    scene.pod.restart(str(changed))


def _second_of_a_job_type(scene: Scene) -> None:
    late = scene.hands.get("Connector", "http")
    late["metadata"] = {"name": "late", "labels": late["metadata"]["labels"]}
    scene.hands.put({key: late[key] for key in ("apiVersion", "kind", "metadata", "spec")})


def _steal(scene: Scene) -> None:
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "shop-worker"}}
    scene.hands.put(budget | {"spec": {"maxUnavailable": 1}})
    scene.hands.edit("ConnectorRuntime", "shop", {"spec": {"replicas": 3}})


def _no_progress(scene: Scene) -> None:
    """Of a suspended runtime, since the operator would put the deadline right."""
    scene.hands.edit("ConnectorRuntime", "shop", {"spec": {"suspend": True}})
    scene.hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("False", "Suspended"))
    container = {"name": "connector-runtime", "image": "never:1"}
    template = {"metadata": {"annotations": {"by": "hand"}}, "spec": {"containers": [container]}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop-worker"}}
    scene.hands.put(deployment | {"spec": {"progressDeadlineSeconds": 1, "template": template}})


GOOD = (
    ("Connector", C.ACCEPTED, R.ACCEPTED),
    ("Connector", C.BOUND, R.BOUND),
    ("Connector", C.LOADED, R.LOADED),
    ("Connector", C.PUBLISHED, R.PUBLISHED),
    ("ConnectorRuntime", C.ACCEPTED, R.ACCEPTED),
    ("ConnectorRuntime", C.AVAILABLE, R.AVAILABLE),
    ("ConnectorRuntime", C.CONNECTED, R.CONNECTED),
    ("ConnectorPolicy", C.ACCEPTED, R.ACCEPTED),
)
PACKAGE = {"requirements": ["a==1 --hash=sha256:" + "0" * 64], "entryPoint": "a:b", "indexUrl": "https://index.example:99999/"}
HUGE = json.dumps(element_template("huge", name="x" * MAX_SHARD_BYTES))

BEFORE_A_POD_RUNS = (
    ("Connector", C.LOADED, R.PENDING),
    ("Connector", C.PUBLISHED, R.PENDING),
    ("ConnectorRuntime", C.CONNECTED, R.CONNECTING),
    ("ConnectorRuntime", C.AVAILABLE, R.REPLICAS_UNAVAILABLE),
)

OF_A_NEWER_VERSION = ("ConnectorPolicy", C.ACCEPTED, R.INVALID_SPEC)
"""The schema of this version lets nothing through that this version cannot read."""

STORIES: dict[str, tuple[Step, ...]] = {
    "everything is good": (Step(_nothing, GOOD),),
    "a pod reports": (
        _reports(R.LOAD_FAILED),
        _reports(R.SETTINGS_INVALID),
        _reports(R.SECRETS_MISSING, secretsMissing=["CRM_TOKEN"]),
    ),
    "the gateway answers": (_gateway(R.UNAUTHENTICATED), _gateway(R.GATEWAY_UNREACHABLE)),
    "element templates": (
        _runtime(R.ACCEPTED, catalogue={"enabled": False}),
        Step(_nothing, (("Connector", C.PUBLISHED, R.DISABLED),)),
        _runtime(R.ACCEPTED, catalogue={"enabled": True}),
        Step(_template_text("not JSON"), ()),
        Step(_give_it, (("Connector", C.PUBLISHED, R.INVALID_ELEMENT_TEMPLATE),)),
        Step(_template_text(HUGE), (("Connector", C.PUBLISHED, R.CATALOGUE_FULL),)),
    ),
    "a Connector is edited": (
        _connector(R.REFUSED_BY_POLICY, jobType="evil:1"),
        _connector(R.SUSPENDED, jobType="acme.io:crm-lookup:1", suspend=True),
        _connector(R.SOURCE_NOT_FOUND, suspend=False, source={"configMap": {"name": "gone", "entryPoint": "a:b"}}),
        _connector(R.INVALID_SPEC, source={"configMap": None, "package": PACKAGE}),
        Step(_second_of_a_job_type, (("Connector", C.ACCEPTED, R.JOB_TYPE_CONFLICT),), {"Connector": "late"}),
        Step(lambda scene: scene.hands.delete("ConnectorRuntime", "shop"), (("Connector", C.BOUND, R.NO_RUNTIME),)),
    ),
    "a runtime is edited": (
        _runtime(R.ROLLING_OUT, C.AVAILABLE, image="other:1"),
        _runtime(R.INVALID_SPEC, egress={"deniedRanges": ["10.0.0.1/8"]}),
        Step(_steal, (("ConnectorRuntime", C.ACCEPTED, R.INVALID_SPEC),)),
        _runtime(R.NOT_OWNED, egress=None),
        Step(_spec("ConnectorPolicy", runtimes={"images": []}), (("ConnectorRuntime", C.ACCEPTED, R.REFUSED_BY_POLICY),)),
    ),
    "a roll-out makes no progress": (
        Step(
            _no_progress,
            (("ConnectorRuntime", C.ACCEPTED, R.SUSPENDED), ("ConnectorRuntime", C.AVAILABLE, R.DEADLINE_EXCEEDED)),
        ),
    ),
}


def test_together_the_stories_reach_every_reason() -> None:
    documented = {
        (kind, condition, reason) for kind, by in REASONS.items() for condition, reasons in by.items() for reason in reasons
    }
    told = {shown for story in STORIES.values() for step in story for shown in step.shows}
    assert told | {*BEFORE_A_POD_RUNS, OF_A_NEWER_VERSION} == documented


@pytest.fixture
def applied(hands: Hands) -> Hands:
    """The samples; their policy is for this test's namespace alone."""
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    return hands


def _wait(hands: Hands, kind: str, name: str, condition: ConditionType, reason: Reason) -> None:
    good = reason is REASONS[kind][condition][0]
    hands.wait_condition(kind, name, condition, ("True" if good else "False", reason), seconds=SECONDS)
    assert good or hands.message(kind, name, condition)
    obj = hands.get(kind, name)
    assert kstatus_program.states([obj]) == [compute(obj)]
    assert health(obj)[0] == wanted(obj)


def test_before_a_pod_runs(applied: Hands) -> None:
    for kind, condition, reason in BEFORE_A_POD_RUNS:
        _wait(applied, kind, NAMES[kind], condition, reason)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_shows_its_reasons(applied: Hands, story: str) -> None:
    wait_for(lambda: applied.exists("Deployment", "shop-worker"), "there is a worker")
    with worker_pods.running(applied, "shop-worker", TEMPLATES) as pod:
        scene = Scene(applied, pod)
        applied.wait_condition("ConnectorRuntime", "shop", "Ready", ("True", "Ready"), seconds=SECONDS)
        for step in STORIES[story]:
            step.act(scene)
            for kind, condition, reason in step.shows:
                _wait(applied, kind, step.on.get(kind, NAMES[kind]), condition, reason)


@pytest.fixture
def newer_schema(hands: Hands, kube_config: Path) -> Iterator[None]:
    """A definition of policies that allows a word which this version does not know."""
    name = "connectorpolicies.connectors.camunda.io"
    definition = hands.get("CustomResourceDefinition", name)
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["enforcement"]["enum"].append("Perhaps")
    hands.edit("CustomResourceDefinition", name, {"spec": {"versions": definition["spec"]["versions"]}})
    yield
    hands.delete("ConnectorPolicy", "shop")
    cluster_hands.install_crds(kube_config)


def test_a_policy_of_a_newer_version_is_told(applied: Hands, newer_schema: None) -> None:
    wait_for(
        lambda: applied.edit("ConnectorPolicy", "shop", {"spec": {"enforcement": "Perhaps"}}), "the newer schema is in force"
    )
    kind, condition, reason = OF_A_NEWER_VERSION
    _wait(applied, kind, NAMES[kind], condition, reason)
    applied.wait_condition("Connector", "http", "Accepted", ("False", Reason.REFUSED_BY_POLICY))

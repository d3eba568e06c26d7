"""What has to happen to the samples for each reason of each condition: a table, and how to play a row of it."""

import json
from collections.abc import Callable
from typing import Any

from scenario_world import World, element_template

from connector_operator.api.conditions import ConditionType, Reason
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, KINDS, Kind
from connector_operator.domain.objects import DEPLOYMENT
from connector_operator.domain.sharding import MAX_SHARD_BYTES

SAMPLE = {CONNECTOR.kind: "crm-lookup", CONNECTOR_RUNTIME.kind: "shop", CONNECTOR_POLICY.kind: "shop"}
Act = Callable[[World], None]
Reached = tuple[str, ConditionType, Reason]
"""Kind, condition, reason."""


def _spec(kind: str, **members: Any) -> Act:
    """Edit members of the spec of the sample object of that kind."""

    def act(world: World) -> None:
        world.edit(kind_of_name(kind), SAMPLE[kind], lambda obj: obj["spec"].update(members))

    return act


def _reports(**report: Any) -> Act:
    return lambda world: world.roll_out(reports={"crm-lookup": report})


def _gateway(state: str) -> Act:
    return lambda world: world.roll_out(gateway=state)


def _deployment(**status: Any) -> Act:
    def act(world: World) -> None:
        deployment = world.get(DEPLOYMENT, "shop-worker")
        ref = next(ref for ref in world.kube.objects if ref.kind == DEPLOYMENT)
        world.kube.put_status(ref, {**deployment["status"], **status})

    return act


def _given(text: str) -> Act:
    def act(world: World) -> None:
        labels = {"connectors.camunda.io/part": "source"}
        metadata = {"name": "given", "labels": labels}
        world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"t.json": text}})
        reference = {"configMapKeyRef": {"name": "given", "key": "t.json"}}
        _spec("Connector", elementTemplates=[reference])(world)

    return act


def _nothing(world: World) -> None:
    """The samples as they are."""


def _conflict(world: World) -> None:
    world.delete(CONNECTOR_POLICY, "shop")  # which would refuse this job type first
    _spec("Connector", jobType=world.get(CONNECTOR, "http")["spec"]["jobType"])(world)


def _steal(world: World) -> None:
    """Somebody else makes an object of the name that the runtime's budget is to have."""
    theirs = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "shop-worker"}}
    world.put(theirs | {"spec": {"maxUnavailable": 1}})
    _spec("ConnectorRuntime", replicas=3)(world)


HUGE = json.dumps(element_template("huge", name="x" * MAX_SHARD_BYTES))

TABLE: dict[Reached, Act] = {
    ("Connector", ConditionType.ACCEPTED, Reason.ACCEPTED): _nothing,
    ("Connector", ConditionType.ACCEPTED, Reason.INVALID_SPEC): _spec("Connector", source={}),
    ("Connector", ConditionType.ACCEPTED, Reason.REFUSED_BY_POLICY): _spec("Connector", jobType="evil:1"),
    ("Connector", ConditionType.ACCEPTED, Reason.JOB_TYPE_CONFLICT): _conflict,
    ("Connector", ConditionType.ACCEPTED, Reason.SOURCE_NOT_FOUND): _spec(
        "Connector", source={"configMap": {"name": "gone", "entryPoint": "a:b"}}
    ),
    ("Connector", ConditionType.ACCEPTED, Reason.SUSPENDED): _spec("Connector", suspend=True),
    ("Connector", ConditionType.BOUND, Reason.BOUND): _nothing,
    ("Connector", ConditionType.BOUND, Reason.NO_RUNTIME): lambda world: world.delete(CONNECTOR_RUNTIME, "shop"),
    ("Connector", ConditionType.LOADED, Reason.LOADED): _nothing,
    ("Connector", ConditionType.LOADED, Reason.PENDING): _spec("Connector", maxJobsActive=7),
    ("Connector", ConditionType.LOADED, Reason.LOAD_FAILED): _reports(state="LoadFailed", message="no module"),
    ("Connector", ConditionType.LOADED, Reason.SETTINGS_INVALID): _reports(state="SettingsInvalid", message="region"),
    ("Connector", ConditionType.LOADED, Reason.SECRETS_MISSING): _reports(state="SecretsMissing", secretsMissing=["CRM_TOKEN"]),
    ("Connector", ConditionType.PUBLISHED, Reason.PUBLISHED): _nothing,
    ("Connector", ConditionType.PUBLISHED, Reason.DISABLED): _spec("ConnectorRuntime", catalogue={"enabled": False}),
    ("Connector", ConditionType.PUBLISHED, Reason.PENDING): lambda world: world.delete(CONNECTOR_RUNTIME, "shop"),
    ("Connector", ConditionType.PUBLISHED, Reason.INVALID_ELEMENT_TEMPLATE): _given("not JSON"),
    ("Connector", ConditionType.PUBLISHED, Reason.CATALOGUE_FULL): _given(HUGE),
    ("ConnectorRuntime", ConditionType.ACCEPTED, Reason.ACCEPTED): _nothing,
    ("ConnectorRuntime", ConditionType.ACCEPTED, Reason.INVALID_SPEC): _spec("ConnectorRuntime", camunda={}),
    ("ConnectorRuntime", ConditionType.ACCEPTED, Reason.REFUSED_BY_POLICY): _spec("ConnectorPolicy", runtimes={"images": []}),
    ("ConnectorRuntime", ConditionType.ACCEPTED, Reason.NOT_OWNED): _steal,
    ("ConnectorRuntime", ConditionType.ACCEPTED, Reason.SUSPENDED): _spec("ConnectorRuntime", suspend=True),
    ("ConnectorRuntime", ConditionType.AVAILABLE, Reason.AVAILABLE): _nothing,
    ("ConnectorRuntime", ConditionType.AVAILABLE, Reason.ROLLING_OUT): _deployment(updatedReplicas=0),
    ("ConnectorRuntime", ConditionType.AVAILABLE, Reason.REPLICAS_UNAVAILABLE): _deployment(availableReplicas=0),
    ("ConnectorRuntime", ConditionType.AVAILABLE, Reason.DEADLINE_EXCEEDED): _deployment(
        conditions=[{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
    ),
    ("ConnectorRuntime", ConditionType.CONNECTED, Reason.CONNECTED): _nothing,
    ("ConnectorRuntime", ConditionType.CONNECTED, Reason.CONNECTING): _gateway("Connecting"),
    ("ConnectorRuntime", ConditionType.CONNECTED, Reason.UNAUTHENTICATED): _gateway("Unauthenticated"),
    ("ConnectorRuntime", ConditionType.CONNECTED, Reason.GATEWAY_UNREACHABLE): _gateway("GatewayUnreachable"),
    ("ConnectorPolicy", ConditionType.ACCEPTED, Reason.ACCEPTED): _nothing,
    ("ConnectorPolicy", ConditionType.ACCEPTED, Reason.INVALID_SPEC): _spec("ConnectorPolicy", enforcement="Perhaps"),
}


SHOWS_WHEN_LOADED = {Reason.INVALID_ELEMENT_TEMPLATE, Reason.CATALOGUE_FULL}
"""As the only thing that is wrong: before that, the roll-out is what everything waits for."""


async def rolled_out() -> World:
    """The samples applied, rolled out and loaded."""
    world = World()
    world.bring_samples()
    await world.settle_rolled_out()
    return world


async def reach(world: World, reached: Reached) -> Kind:
    """Bring the samples, rolled out, to where one row's reason shows; the kind that it shows on."""
    kind, _, reason = reached
    TABLE[reached](world)
    await world.settle()
    if reason in SHOWS_WHEN_LOADED:
        world.roll_out()
        await world.settle()
    return kind_of_name(kind)


def kind_of_name(name: str) -> Kind:
    """One of our three kinds."""
    return next(item.kind for item in KINDS if item.kind.kind == name)

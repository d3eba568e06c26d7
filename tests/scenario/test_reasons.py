"""Every reason of every condition is reached: a table of what has to happen, and a test that the table is complete."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from scenario_world import World, element_template

from connector_operator.api.conditions import REASONS, ConditionType, Reason
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, KINDS
from connector_operator.domain.objects import DEPLOYMENT
from connector_operator.domain.sharding import MAX_SHARD_BYTES

SAMPLE = {CONNECTOR.kind: "crm-lookup", CONNECTOR_RUNTIME.kind: "shop", CONNECTOR_POLICY.kind: "shop"}
Act = Callable[[World], None]


def _spec(kind: str, **members: Any) -> Act:
    """Edit members of the spec of the sample object of that kind."""

    def act(world: World) -> None:
        found = next(item.kind for item in KINDS if item.kind.kind == kind)
        world.edit(found, SAMPLE[kind], lambda obj: obj["spec"].update(members))

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

TABLE: dict[tuple[str, ConditionType, Reason], Act] = {
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


SHOWS_WHEN_LOADED = {Reason.CATALOGUE_FULL}
"""Element templates are looked at when a pod has loaded their Connector."""


@pytest.fixture
async def world() -> World:
    """The samples applied, rolled out and loaded."""
    world = World()
    world.bring_samples()
    await world.settle_rolled_out()
    return world


def test_the_table_has_every_reason_that_a_condition_may_have() -> None:
    documented = {
        (kind, condition, reason) for kind, by in REASONS.items() for condition, reasons in by.items() for reason in reasons
    }
    assert set(TABLE) == documented


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_a_reason_is_reached_and_told_in_a_sentence(world: World, reached: tuple[str, ConditionType, Reason]) -> None:
    kind, condition, reason = reached
    TABLE[reached](world)
    await world.settle()
    if reason in SHOWS_WHEN_LOADED:
        world.roll_out()
        await world.settle()
    found = next(item.kind for item in KINDS if item.kind.kind == kind)
    status, said = world.condition(found, SAMPLE[kind], condition)
    assert said == reason
    good = reason is REASONS[kind][condition][0]
    assert status == ("True" if good else "False")
    assert good or world.message(found, SAMPLE[kind], condition)


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_ready_is_true_or_has_a_failing_reason_of_its_own_object(
    world: World, reached: tuple[str, ConditionType, Reason]
) -> None:
    TABLE[reached](world)
    await world.settle()
    for kind, name in SAMPLE.items():
        found = next(item.kind for item in KINDS if item.kind.kind == kind)
        if name not in world.names(found):
            continue
        conditions = {item["type"]: item for item in world.get(found, name)["status"]["conditions"]}
        ready = conditions.pop("Ready")
        aspects = [item for name, item in conditions.items() if name in REASONS[kind]]
        failing = {item["reason"] for item in aspects if item["status"] != "True"} - {"Disabled"}
        assert ready["reason"] in (failing or {"Ready"})
        assert (ready["status"] == "True") == (not failing)

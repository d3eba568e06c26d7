"""`spec.isolation`: one worker for all Connectors of a runtime, or one for each; switching leaves nothing behind."""

from typing import Any

import pytest
from scenario_world import World

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.domain.names import connector_worker
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT, POD_DISRUPTION_BUDGET, SERVICE

CRM, HTTP = connector_worker("shop", "crm-lookup"), connector_worker("shop", "http")


@pytest.fixture
async def world() -> World:
    """The samples, each Connector in a worker of its own, rolled out."""
    world = World()
    world.bring_samples()
    _isolate(world, "PerConnector")
    await world.settle_rolled_out()
    return world


def _isolate(world: World, isolation: str, **spec: Any) -> None:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda runtime: runtime["spec"].update(isolation=isolation, **spec))


def _pod_labels(world: World, deployment: str) -> dict[str, str]:
    return dict(world.get(DEPLOYMENT, deployment)["spec"]["template"]["metadata"]["labels"])


async def test_each_connector_has_a_worker_of_its_own_and_all_is_ready(world: World) -> None:
    assert world.names(DEPLOYMENT) == sorted([CRM, HTTP])
    assert _pod_labels(world, CRM)["connectors.camunda.io/connector"] == "crm-lookup"
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("True", "Ready")
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("True", "Ready")
    assert sorted(world.catalogue()) == ["acme.io_3acrm-lookup_3a1-v1.json", "http-json-v1.json"]
    status = world.get(CONNECTOR_RUNTIME, "shop")["status"]
    assert (status["replicas"], status["connectors"]["summary"]) == (2, "2/2")


async def test_a_worker_mounts_only_what_its_connector_declares(world: World) -> None:
    volumes = [volume["name"] for volume in world.get(DEPLOYMENT, HTTP)["spec"]["template"]["spec"]["volumes"]]
    assert volumes == ["config", "tmp"]
    assert "secrets-crm-lookup" in str(world.get(DEPLOYMENT, CRM)["spec"]["template"]["spec"]["volumes"])


async def test_editing_one_connector_rolls_out_its_worker_alone(world: World) -> None:
    before = {name: world.get(DEPLOYMENT, name)["spec"]["template"] for name in (CRM, HTTP)}
    world.edit(CONNECTOR, "http", lambda connector: connector["spec"].update(maxJobsActive=7))
    await world.settle()
    assert world.get(DEPLOYMENT, CRM)["spec"]["template"] == before[CRM]
    assert world.get(DEPLOYMENT, HTTP)["spec"]["template"] != before[HTTP]
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("True", "Ready")
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Available") == ("False", "RollingOut")


@pytest.mark.parametrize(("before", "after"), [("PerConnector", "Shared"), ("Shared", "PerConnector")])
async def test_switching_prunes_the_workers_of_the_other_shape(world: World, before: str, after: str) -> None:
    workers = {"Shared": ["shop-worker"], "PerConnector": sorted([CRM, HTTP])}
    for isolation in (before, after):
        _isolate(world, isolation, replicas=2)
        await world.settle()
        world.roll_out()
        await world.settle()
        assert world.names(DEPLOYMENT) == workers[isolation]
        assert world.names(POD_DISRUPTION_BUDGET) == workers[isolation]
    configs = [name for name in world.names(CONFIG_MAP) if "-config-" in name]
    assert len(configs) == len(workers[after])
    assert world.condition(CONNECTOR, "http", "Loaded") == ("True", "Loaded")


async def test_a_connector_that_is_refused_loses_its_worker_and_its_neighbour_keeps_running(world: World) -> None:
    entries = [{"jobTypes": ["io.camunda:*"], "sources": {"builtin": ["*"]}}]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=entries))
    await world.settle()
    assert world.names(DEPLOYMENT) == [HTTP]
    assert world.condition(CONNECTOR, "http", "Ready") == ("True", "Ready")


async def test_without_any_connector_there_is_no_worker_and_nothing_to_wait_for(world: World) -> None:
    for name in ("crm-lookup", "http"):
        world.delete(CONNECTOR, name)
    await world.settle()
    world.roll_out()
    await world.settle()
    assert world.names(DEPLOYMENT) == []
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("True", "Ready")
    assert "no Connector" in world.message(CONNECTOR_RUNTIME, "shop", "Connected")


async def test_the_metrics_service_finds_the_pods_of_all_workers(world: World) -> None:
    selector = world.get(SERVICE, "shop-metrics")["spec"]["selector"].items()
    assert all(selector <= _pod_labels(world, name).items() for name in (CRM, HTTP))


async def test_a_failed_roll_out_of_one_worker_is_told_with_its_own_pods_words(world: World) -> None:
    ref = next(ref for ref in world.kube.objects if ref.kind == DEPLOYMENT and ref.name == HTTP)
    stalled = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
    world.kube.put_status(ref, {**world.get(DEPLOYMENT, HTTP)["status"], "conditions": stalled})
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Available") == ("False", "DeadlineExceeded")


def test_two_pairs_of_runtime_and_connector_never_share_a_name() -> None:
    assert connector_worker("a", "b-c") != connector_worker("a-b", "c")
    long = connector_worker("r" * 63, "c" * 63)
    assert len(long) <= 47
    assert long != connector_worker("r" * 63, "d" * 63)

"""`connectors status` shows each runtime with its Connectors and pods, and why something is not ready."""

import pytest
from scenario_reasons import TABLE, Reached, reach, rolled_out
from scenario_world import World

from connector_operator.api.conditions import ConditionType, Reason
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cli.standing import Standing, as_table, is_ready
from connector_operator.cli.status import look


@pytest.fixture
async def world() -> World:
    return await rolled_out()


async def _shown(world: World) -> list[str]:
    return list(as_table(await look(world.kube, world.namespace)))


async def test_a_runtime_is_shown_with_its_connectors_and_pods(world: World) -> None:
    assert await _shown(world) == [
        "READY    KIND              NAME             REASON   MESSAGE",
        "True     ConnectorRuntime  shop/shop        Ready    2/2 Connectors",
        "True       Connector         crm-lookup     Ready",
        "True       Connector         http           Ready",
        "Unknown    Pod               shop-worker-1  Running",
    ]
    assert is_ready(await look(world.kube, ""))
    assert await look(world.kube, "elsewhere") == []


async def test_what_nobody_has_looked_at_is_unknown_and_not_ready() -> None:
    world = World()
    world.apply("connectors.yaml", "runtime.yaml")
    found = await look(world.kube, "")
    assert [(item.ready, item.message) for item in found] == [("Unknown", "no operator has looked at its newest spec yet")]
    assert not is_ready(found)


async def test_an_edit_that_nobody_has_looked_at_is_unknown(world: World) -> None:
    world.edit(CONNECTOR, "http", lambda obj: obj["spec"].update(maxJobsActive=7))
    (runtime,) = await look(world.kube, "")
    assert [item.ready for item in runtime.below] == ["True", "Unknown", "Unknown"]


async def test_a_connector_that_no_runtime_selects_stands_alone(world: World) -> None:
    world.delete(CONNECTOR_RUNTIME, "shop")
    await world.settle()
    found = await look(world.kube, "")
    assert [(item.kind, item.name, item.reason) for item in found] == [
        ("Connector", "crm-lookup", "NoRuntime"),
        ("Connector", "http", "NoRuntime"),
    ]


@pytest.mark.parametrize("reached", [row for row in TABLE if row[0] != "ConnectorPolicy"], ids="-".join)
async def test_it_says_what_the_conditions_say(world: World, reached: Reached) -> None:
    kind = await reach(world, reached)
    name = "shop" if kind == CONNECTOR_RUNTIME else "crm-lookup"
    found = await look(world.kube, "")
    (shown,) = [item for item in _all(found) if (item.kind, item.name) == (kind.kind, name)]
    assert (shown.ready, shown.reason) == world.condition(kind, name, ConditionType.READY)
    assert shown.reason in (Reason.READY, Reason.SUSPENDED) or not is_ready(found)


def _all(found: "list[Standing] | tuple[Standing, ...]") -> list[Standing]:
    return [item for root in found for item in (root, *root.below)]

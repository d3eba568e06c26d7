"""Two Connectors of one connector function bring the same element template: Modeler has it once, and both are published."""

import pytest
from scenario_objects import sample
from scenario_world import World, element_template

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME


@pytest.fixture
async def world() -> World:
    world = World()
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    twin = sample("Connector", "http")
    twin["metadata"]["name"] = "http-twin"
    twin["spec"]["jobType"] += "-twin"
    world.put(twin)
    world.pods.templates = {name: [element_template("http")] for name in ("http", "http-twin")}
    await world.settle_rolled_out()
    return world


async def test_both_connectors_are_published_with_one_template(world: World) -> None:
    assert list(world.catalogue()) == ["http-v1.json"]
    published = world.get(CONNECTOR_RUNTIME, "shop")["status"]["catalogue"]
    assert published == {"configMaps": ["shop-element-templates"], "templates": 1}
    for name in ("http", "http-twin"):
        assert world.condition(CONNECTOR, name, "Published") == ("True", "Published")
        assert world.get(CONNECTOR, name)["status"]["elementTemplates"][0]["key"] == "http-v1.json"


async def test_what_is_shared_is_fetched_once_from_each_and_not_again(world: World) -> None:
    before = world.pods.fetches
    assert before == 2  # crm-lookup reports none and is asked for nothing
    await world.round()
    assert world.pods.fetches == before


@pytest.mark.parametrize(("gone", "left"), [("http", "http-twin"), ("http-twin", "http")])
async def test_it_never_leaves_the_catalogue_while_one_of_them_is_there(world: World, gone: str, left: str) -> None:
    world.delete(CONNECTOR, gone)
    await world.round()
    assert list(world.catalogue()) == ["http-v1.json"]
    await world.settle()
    assert list(world.catalogue()) == ["http-v1.json"]
    world.delete(CONNECTOR, left)
    await world.settle()
    assert world.catalogue() == {}


async def test_a_new_operator_knows_who_shares(world: World) -> None:
    writes = len(world.kube.writes)
    world.restart()
    await world.settle()
    assert len(world.kube.writes) == writes
    world.delete(CONNECTOR, "http")
    await world.settle()
    assert list(world.catalogue()) == ["http-v1.json"]

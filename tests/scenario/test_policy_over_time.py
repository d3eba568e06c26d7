"""A policy that changes acts on what runs; where none can be relied on, nothing is allowed by mistake."""

from typing import Any

import pytest
from scenario_world import World

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.domain.objects import DEPLOYMENT
from connector_operator.domain.resolve import WorkerDefaults

HTTP_ONLY: list[dict[str, Any]] = [{"jobTypes": ["io.camunda:*"], "sources": {"builtin": ["*"]}}]
CRM = "acme.io_3acrm-lookup_3a1-v1.json"


@pytest.fixture
async def world() -> World:
    """The samples, rolled out and published."""
    world = World()
    world.bring_samples()
    await world.settle_rolled_out()
    return world


def _policy(world: World, **spec: Any) -> None:
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(spec))


async def test_tightened_it_takes_a_connector_out_of_worker_and_catalogue_and_loosened_it_comes_back(world: World) -> None:
    allowed = world.get(CONNECTOR_POLICY, "shop")["spec"]["connectors"]
    assert CRM in world.catalogue()
    _policy(world, connectors=HTTP_ONLY)
    await world.settle()
    assert world.served() == ["http"]
    assert sorted(world.catalogue()) == ["http-json-v1.json"]
    assert "ConnectorPolicy 'shop'" in world.message(CONNECTOR, "crm-lookup")
    _policy(world, connectors=allowed)
    await world.settle_rolled_out()
    assert world.served() == ["crm-lookup", "http"]
    assert CRM in world.catalogue()
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("True", "Ready")


async def test_audit_warns_and_refuses_nothing(world: World) -> None:
    _policy(world, connectors=HTTP_ONLY, enforcement="Audit")
    await world.settle()
    assert world.served() == ["crm-lookup", "http"]
    assert world.condition(CONNECTOR, "crm-lookup", "Accepted") == ("True", "Accepted")
    assert "audit: ConnectorPolicy 'shop' allows no job type" in world.message(CONNECTOR, "crm-lookup", "Accepted")


async def test_a_policy_that_cannot_be_read_allows_nothing_and_names_itself(world: World) -> None:
    _policy(world, enforcement="Perhaps")
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Accepted") == ("False", "RefusedByPolicy")
    assert "ConnectorPolicy 'shop' cannot be read" in world.message(CONNECTOR, "http")
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "RefusedByPolicy")
    assert world.names(DEPLOYMENT) == ["shop-worker"]


async def test_an_unreadable_policy_for_other_namespaces_refuses_nothing_here(world: World) -> None:
    elsewhere = {"matchLabels": {"nobody": "has-this"}}
    _policy(world, enforcement="Perhaps", namespaceSelector=elsewhere)
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Accepted") == ("True", "Accepted")


@pytest.mark.parametrize("enforcement", [None, "Audit"])
async def test_denied_by_default_a_namespace_without_an_enforced_policy_is_allowed_nothing(
    world: World, enforcement: str | None
) -> None:
    world.defaults = WorkerDefaults("runtime:1", default_deny=True)
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Accepted") == ("True", "Accepted")
    if enforcement:
        _policy(world, enforcement=enforcement)
    else:
        world.delete(CONNECTOR_POLICY, "shop")
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Accepted") == ("False", "RefusedByPolicy")
    assert "--default-policy=deny" in world.message(CONNECTOR, "http")

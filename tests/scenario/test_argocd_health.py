"""Argo CD shows our kinds as what they are, by the Lua in deploy/argocd, run over the objects of every state."""

import pytest
from argocd_health import health, wanted
from scenario_reasons import SAMPLE, TABLE, Reached, kind_of_name, reach, rolled_out
from scenario_world import World

from connector_operator.api.conditions import Reason


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_every_reason_is_shown_as_kstatus_has_it_and_suspended_as_suspended(reached: Reached) -> None:
    world = await rolled_out()
    found, reason = await reach(world, reached), reached[2]
    obj = world.get(found, SAMPLE[reached[0]])
    status, message = health(obj)
    assert status == wanted(obj)
    assert (status == "Suspended") == (reason is Reason.SUSPENDED)
    ready = world.condition(found, SAMPLE[reached[0]], "Ready")[1]
    assert ready in message or message == world.message(found, SAMPLE[reached[0]])


@pytest.mark.parametrize("kind", SAMPLE)
async def test_what_nobody_has_looked_at_progresses(kind: str) -> None:
    world = World()
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    obj = world.get(kind_of_name(kind), SAMPLE[kind])
    assert health(obj) == ("Progressing", "no operator has looked at it yet")
    assert health({**obj, "status": None}) == ("Progressing", "no operator has looked at it yet")


async def test_an_edit_progresses_before_anybody_has_looked() -> None:
    world = await rolled_out()
    kind = kind_of_name("Connector")
    world.edit(kind, "http", lambda obj: obj["spec"].update(maxJobsActive=7))
    assert health(world.get(kind, "http")) == ("Progressing", "no operator has looked at the newest spec yet")

"""Every reason of every condition is reached: a table of what has to happen, and a test that the table is complete."""

import pytest
from scenario_reasons import SAMPLE, TABLE, Reached, kind_of_name, reach, rolled_out
from scenario_world import World

from connector_operator.api.conditions import REASONS


@pytest.fixture
async def world() -> World:
    return await rolled_out()


def test_the_table_has_every_reason_that_a_condition_may_have() -> None:
    documented = {
        (kind, condition, reason) for kind, by in REASONS.items() for condition, reasons in by.items() for reason in reasons
    }
    assert set(TABLE) == documented


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_a_reason_is_reached_and_told_in_a_sentence(world: World, reached: Reached) -> None:
    kind, condition, reason = reached
    found = await reach(world, reached)
    status, said = world.condition(found, SAMPLE[kind], condition)
    assert said == reason
    good = reason is REASONS[kind][condition][0]
    assert status == ("True" if good else "False")
    assert good or world.message(found, SAMPLE[kind], condition)


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_ready_is_true_or_has_a_failing_reason_of_its_own_object(world: World, reached: Reached) -> None:
    await reach(world, reached)
    for kind, name in SAMPLE.items():
        found = kind_of_name(kind)
        if name not in world.names(found):
            continue
        conditions = {item["type"]: item for item in world.get(found, name)["status"]["conditions"]}
        ready = conditions.pop("Ready")
        aspects = [item for name, item in conditions.items() if name in REASONS[kind]]
        failing = {item["reason"] for item in aspects if item["status"] != "True"} - {"Disabled"}
        assert ready["reason"] in (failing or {"Ready"})
        assert (ready["status"] == "True") == (ready["reason"] in ("Ready", "Suspended"))

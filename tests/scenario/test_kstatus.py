"""Whoever waits for our kinds by kstatus (Flux, Helm) is told the right thing in every state that they can be in."""

import pytest
from kstatus import State, compute
from scenario_reasons import SAMPLE, TABLE, Reached, kind_of_name, reach, rolled_out
from scenario_world import World

from connector_operator.api.conditions import REASONS, Reason
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, KINDS

MEANS = {
    State.CURRENT: {
        Reason.ACCEPTED,
        Reason.BOUND,
        Reason.LOADED,
        Reason.PUBLISHED,
        Reason.DISABLED,
        Reason.AVAILABLE,
        Reason.CONNECTED,
        Reason.SUSPENDED,
    },
    State.IN_PROGRESS: {
        Reason.SOURCE_NOT_FOUND,
        Reason.NO_RUNTIME,
        Reason.PENDING,
        Reason.SECRETS_MISSING,
        Reason.ROLLING_OUT,
        Reason.REPLICAS_UNAVAILABLE,
        Reason.CONNECTING,
        Reason.GATEWAY_UNREACHABLE,
    },
    State.FAILED: {
        Reason.INVALID_SPEC,
        Reason.REFUSED_BY_POLICY,
        Reason.JOB_TYPE_CONFLICT,
        Reason.NOT_OWNED,
        Reason.LOAD_FAILED,
        Reason.SETTINGS_INVALID,
        Reason.INVALID_ELEMENT_TEMPLATE,
        Reason.CATALOGUE_FULL,
        Reason.DEADLINE_EXCEEDED,
        Reason.UNAUTHENTICATED,
    },
}
"""What a wait must do while a kind has this reason: end well, go on, or end at once because somebody has to change something."""


@pytest.fixture
async def world() -> World:
    return await rolled_out()


def _state(world: World, kind: str) -> State:
    return compute(world.get(kind_of_name(kind), SAMPLE[kind]))


def test_every_reason_has_one_meaning() -> None:
    reasons = [reason for by in REASONS.values() for reasons in by.values() for reason in reasons]
    assert sorted({*reasons}) == sorted(reason for meant in MEANS.values() for reason in meant)


@pytest.mark.parametrize("reached", TABLE, ids="-".join)
async def test_a_wait_ends_or_goes_on_as_the_reason_means(world: World, reached: Reached) -> None:
    await reach(world, reached)
    assert [state for state, meant in MEANS.items() if reached[2] in meant] == [_state(world, reached[0])]


@pytest.mark.parametrize("kind", SAMPLE)
async def test_what_nobody_has_looked_at_is_in_progress(kind: str) -> None:
    world = World()
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    assert _state(world, kind) is State.IN_PROGRESS


EDITS = {
    CONNECTOR.kind: {"maxJobsActive": 7},
    CONNECTOR_RUNTIME.kind: {"replicas": 2},
    CONNECTOR_POLICY.kind: {"enforcement": "Audit"},
}


@pytest.mark.parametrize("kind", SAMPLE)
async def test_an_edit_is_in_progress_before_anybody_has_looked(world: World, kind: str) -> None:
    assert _state(world, kind) is State.CURRENT
    world.edit(kind_of_name(kind), SAMPLE[kind], lambda obj: obj["spec"].update(EDITS[kind]))
    assert _state(world, kind) is State.IN_PROGRESS


@pytest.mark.parametrize("kind", [kind for kind in SAMPLE if kind != CONNECTOR_POLICY.kind])
async def test_an_edit_goes_on_until_it_is_rolled_out(world: World, kind: str) -> None:
    world.edit(CONNECTOR, "crm-lookup", lambda obj: obj["spec"].update(maxJobsActive=7))
    await world.settle()
    assert _state(world, kind) is State.IN_PROGRESS
    world.roll_out()
    await world.settle()
    assert _state(world, kind) is State.CURRENT


def test_all_kinds_are_sampled() -> None:
    assert set(SAMPLE) == {item.kind.kind for item in KINDS}

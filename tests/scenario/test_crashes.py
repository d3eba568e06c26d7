"""An operator that ends anywhere, or hears nothing back, leaves a cluster from which the next one gets to the same end."""

from collections.abc import Callable

import pytest
from scenario_crash import CrashingKube, picture, settle_through_crashes
from scenario_world import World, sample_templates

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cluster.port import ApiUnavailable
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT, SERVICE, ObjectRef


def _install(world: World) -> None:
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")


def _edit(world: World) -> None:
    world.edit(CONNECTOR, "http", lambda obj: obj["spec"].update(maxJobsActive=7))
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(replicas=3))


def _shrink(world: World) -> None:
    world.delete(CONNECTOR, "crm-lookup")
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(replicas=1))


STEPS: tuple[Callable[[World], None], ...] = (_install, _edit, _shrink)
"""Each is followed by settling, by a roll-out and by settling again."""


def _world(crash_at: int | None = None, *, after_commit: bool = False) -> World:
    world = World(kube=CrashingKube(crash_at=crash_at, after_commit=after_commit))
    world.pods.templates = sample_templates()
    return world


async def _live_through_all_steps(world: World) -> bool:
    crashed = False
    for step in STEPS:
        step(world)
        crashed |= await settle_through_crashes(world)
        world.roll_out()
        crashed |= await settle_through_crashes(world)
    return crashed


@pytest.fixture
async def undisturbed() -> World:
    """The same steps with nothing going wrong."""
    world = _world()
    await _live_through_all_steps(world)
    return world


@pytest.mark.parametrize("after_commit", [False, True], ids=["unsent", "unanswered"])
async def test_after_a_crash_at_any_write_the_next_operator_gets_to_the_same_end(undisturbed: World, after_commit: bool) -> None:
    wanted = picture(undisturbed)
    writes = len(undisturbed.kube.writes)
    assert writes > 30
    for crash_at in range(writes):
        world = _world(crash_at, after_commit=after_commit)
        assert await _live_through_all_steps(world), f"no crash at write {crash_at}"
        assert picture(world) == wanted, f"after a crash at write {crash_at}: {undisturbed.kube.writes[crash_at]}"


@pytest.mark.parametrize("after_commit", [False, True], ids=["unsent", "unanswered"])
@pytest.mark.parametrize("kind", [CONFIG_MAP, DEPLOYMENT, SERVICE], ids=lambda kind: kind.kind)
async def test_an_api_server_that_is_away_for_one_write_delays_and_changes_nothing(
    undisturbed: World, kind: object, after_commit: bool
) -> None:
    world = _world()
    _install(world)
    error = ApiUnavailable("apply", ObjectRef(kind, "shop", "any"), status=503)
    world.kube.fail_next("apply", kind, error, after_commit=after_commit)
    with pytest.raises(ApiUnavailable):
        await world.settle()
    await world.settle()
    world.roll_out()
    await world.settle()
    for step in STEPS[1:]:
        step(world)
        await world.settle()
        world.roll_out()
        await world.settle()
    assert picture(world) == picture(undisturbed)

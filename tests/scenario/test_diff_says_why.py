"""`connectors diff` says which pods would restart and because of which field, and nothing when nothing would be written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenario_world import World, sample

from connector_operator.cli.diff import RuntimeDiff, diff_against
from connector_operator.cli.files import Files, Loaded

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The samples, rolled out by an operator with the settings that the command reads from its environment."""
    monkeypatch.setenv("CONNECTOR_OPERATOR_RUNTIME_IMAGE", "runtime:1")
    world = World()
    world.bring_samples()
    await world.settle_rolled_out()
    return world


async def _diff(world: World, change: Change = lambda _: None) -> RuntimeDiff:
    """The samples from files, each object changed first, compared with the cluster."""
    objects = [obj for file in ("namespace.yaml", "policy.yaml", "connectors.yaml", "runtime.yaml") for obj in sample(file)]
    for obj in objects:
        change(obj)
    (snapshot,) = Files(tuple(Loaded(Path("samples.yaml"), _in(world.namespace, obj)) for obj in objects)).runtimes()
    return await diff_against(world.kube, snapshot)


def _in(namespace: str, obj: dict[str, Any]) -> dict[str, Any]:
    return (
        obj if obj["kind"] in ("Namespace", "ConnectorPolicy") else obj | {"metadata": {"namespace": namespace} | obj["metadata"]}
    )


def _of(kind: str, name: str, **members: Any) -> Change:
    def change(obj: dict[str, Any]) -> None:
        if (obj["kind"], obj["metadata"]["name"]) == (kind, name):
            obj["spec"] |= members

    return change


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (_of("Connector", "http", maxJobsActive=7), ["connectors[http].maxJobsActive: 100 → 7"]),
        (_of("Connector", "http", timeout="1m"), ["connectors[http].timeoutSeconds: 300 → 60"]),
        (_of("ConnectorRuntime", "shop", secretFilter="DISABLED"), ['secretFilter: "DISABLED" is added']),
        (
            _of("ConnectorRuntime", "shop", image="runtime:2"),
            ['pod template: spec.containers[connector-runtime].image: "runtime:1" → "runtime:2"'],
        ),
        (_of("Connector", "http", suspend=True), ["connectors[http]: "]),
    ],
)
async def test_each_restart_has_the_field_that_is_why(world: World, change: Change, because: list[str]) -> None:
    (restart,) = (await _diff(world, change)).restarts
    assert restart.deployment == "shop-worker"
    assert [str(item).startswith(text) for item, text in zip(restart.because, because, strict=True)] == [True] * len(because)


async def test_the_same_files_are_no_difference(world: World) -> None:
    diff = await _diff(world)
    assert str(diff) == "shop/shop:\nnothing to do"
    assert diff.as_json() == {"namespace": "shop", "name": "shop", "writes": [], "restarts": []}


async def test_what_restarts_no_pod_is_a_write_alone(world: World) -> None:
    diff = await _diff(world, _of("ConnectorRuntime", "shop", replicas=3))
    assert diff.restarts == ()
    assert {(item["why"], item["kind"]) for item in diff.as_json()["writes"]} == {
        ("change", "Deployment"),
        ("create", "PodDisruptionBudget"),
    }


async def test_what_is_not_there_yet_restarts_nothing() -> None:
    diff = await _diff(World())
    assert diff.restarts == ()
    assert {item["why"] for item in diff.as_json()["writes"]} == {"create"}


@pytest.mark.parametrize(
    "change", [_of("Connector", "http", maxJobsActive=7), _of("ConnectorRuntime", "shop", image="runtime:2")]
)
async def test_a_restart_that_is_told_is_one_that_happens(world: World, change: Change) -> None:
    before = world.template_hash()
    assert (await _diff(world, change)).restarts
    world.apply("connectors.yaml", "runtime.yaml", change=change)
    await world.settle()
    assert world.template_hash() != before

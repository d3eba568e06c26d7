"""What the kubelet and Prometheus are told."""

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from connector_operator.engine.metrics import Metrics, Readings, ReadingsCollector
from connector_operator.engine.probes import MAX_LOOP_LAG, MAX_LOSSY_ROUNDS, MAX_RECONCILE, LoopLag, Probes, Vitals


class World:
    """The probes of an operator whose health a test decides."""

    loop_lag = 0.0
    oldest_reconcile = 0.0
    watch_age = 0.0
    lossy_rounds = 0
    ready = True

    def __init__(self):
        self.registry = CollectorRegistry()
        vitals = Vitals(lambda: self.loop_lag, lambda: self.oldest_reconcile, lambda: self.watch_age, lambda: self.lossy_rounds)
        self.probes = Probes(vitals, lambda: self.ready, self.registry, host="127.0.0.1", port=0)

    async def get(self, path):
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def world():
    world = World()
    world.port = await world.probes.start()
    yield world
    await world.probes.stop()


async def test_a_healthy_operator_is_alive_and_ready(world):
    assert (await world.get("/livez"))[0] == 200
    assert (await world.get("/readyz"))[0] == 200


async def test_an_operator_whose_store_is_not_complete_is_alive_but_not_ready(world):
    world.ready = False
    assert (await world.get("/livez"))[0] == 200
    status, text = await world.get("/readyz")
    assert status == 503
    assert "not complete" in text


@pytest.mark.parametrize(
    ("vital", "limit", "text"),
    [
        ("loop_lag", MAX_LOOP_LAG + 0.1, "the event loop was"),
        ("oldest_reconcile", MAX_RECONCILE + 1, "a reconcile has been running"),
        ("lossy_rounds", MAX_LOSSY_ROUNDS, "the watch lost events"),
    ],
)
async def test_what_a_restart_repairs_ends_the_life(world, vital, limit, text):
    setattr(world, vital, limit)
    status, said = await world.get("/livez")
    assert status == 503
    assert text in said


async def test_a_silent_watch_alone_is_no_reason_to_restart(world):
    world.watch_age = 100_000
    status, text = await world.get("/livez")
    assert status == 200
    assert "100000 s ago" in text


async def test_metrics_are_what_the_registry_holds(world):
    metrics = Metrics(world.registry)
    metrics.reconciles.labels("Connector", "ok").inc()
    world.registry.register(
        ReadingsCollector(
            Readings(
                {"queue_depth": lambda: 7.0},
                lambda: {"pods": 3},
                lambda: {("Connector", "Ready"): 2, ("Connector", "LoadFailed"): 1},
            )
        )
    )
    status, text = await world.get("/metrics")
    assert status == 200
    for line in (
        'connector_operator_reconciles_total{kind="Connector",result="ok"} 1.0',
        "connector_operator_queue_depth 7.0",
        'connector_operator_store_objects{resource="pods"} 3.0',
        'connector_operator_resources{kind="Connector",reason="Ready"} 2.0',
        'connector_operator_resources{kind="Connector",reason="LoadFailed"} 1.0',
    ):
        assert line in text.splitlines()


async def test_the_loop_lag_is_how_much_later_than_asked_the_loop_came_round():
    times = iter([10.0, 17.5])
    lag = LoopLag(interval=0.0, monotonic=lambda: next(times))
    with pytest.raises(RuntimeError):  # the clock has run out: one measurement was enough
        await lag.run()
    assert lag.last == pytest.approx(7.5)

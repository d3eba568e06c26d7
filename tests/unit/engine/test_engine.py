"""The workers: what a reconcile may do to them, and what it may not."""

import asyncio
import logging
import time

import kube_objects as make
import pytest
from prometheus_client import CollectorRegistry

from connector_operator.api.conditions import Reason
from connector_operator.cluster.port import ApiConflict, ApiGone, ApiRejected, ApiUnavailable
from connector_operator.domain.binding import Binding, Progress
from connector_operator.domain.objects import CONFIG_MAP, ObjectRef
from connector_operator.domain.result import ReconcileResult
from connector_operator.domain.snapshot import Key
from connector_operator.engine.engine import Engine, EnginePace
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Pace, Schedule
from connector_operator.engine.store import Store

MAIN = Key("ConnectorRuntime", "shop", "main")
CRM = Key("Connector", "shop", "crm")
REF = ObjectRef(CONFIG_MAP, "shop", "settings")
BINDING = Binding(
    runtime="main",
    generation=1,
    problem=None,
    loaded=Progress.yes(Reason.LOADED),
    published=Progress.yes(Reason.PUBLISHED),
)


class World:
    """An engine with reconciles that a test decides; `visits` are the keys reconciled, in order."""

    def __init__(self, **pace):
        self.registry = CollectorRegistry()
        self.store = Store()
        self.schedule = Schedule(Pace(first_quiet=0.005, quiet=0.005, backoff=0.01, backoff_max=0.02))
        self.queue = WorkQueue(self.schedule)
        self.intake = Intake(self.store, self.queue)
        self.visits = asyncio.Queue()
        self.answers = {}
        reconcilers = {
            "ConnectorRuntime": self.reconciling("ConnectorRuntime", lambda snapshot: snapshot.runtime),
            "Connector": self.reconciling("Connector", lambda snapshot: snapshot.connector),
            "ConnectorPolicy": self.reconciling("ConnectorPolicy", lambda snapshot: snapshot.policy),
        }
        pace = {"workers": 2, "rejected": 0.05, "drain": 0.2, **pace}
        self.engine = Engine(self.store, self.queue, reconcilers, Metrics(self.registry), EnginePace(**pace))
        self.engine.start()

    def reconciling(self, kind, subject):
        async def reconcile(snapshot):
            metadata = subject(snapshot)["metadata"]
            key = Key(kind, metadata.get("namespace", ""), metadata["name"])
            self.visits.put_nowait((key, snapshot))
            answers = self.answers.get(key, [])
            answer = (answers.pop(0) if answers else None) or ReconcileResult()
            if callable(answer):
                answer = await answer()
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return reconcile

    def put(self, *objects):
        for obj in objects:
            self.intake.observe(None, obj)

    async def visit(self):
        async with asyncio.timeout(5):
            return (await self.visits.get())[0]

    async def quiet(self):
        """Wait until nothing is scheduled any more, and forget the visits."""
        while self.schedule.running or self.schedule.next_due(0.0) is not None:
            await asyncio.sleep(0.005)
        while not self.visits.empty():
            self.visits.get_nowait()

    def counted(self, result, kind="ConnectorRuntime"):
        name = "connector_operator_reconciles_total"
        return self.registry.get_sample_value(name, {"kind": kind, "result": result}) or 0


@pytest.fixture
async def world():
    world = World()
    world.put(make.namespace("shop"), make.runtime("main"))
    yield world
    await world.engine.stop()


async def test_nothing_is_reconciled_before_the_store_is_complete(world):
    await asyncio.sleep(0.05)
    assert world.visits.empty()
    world.intake.begin()
    assert await world.visit() == MAIN


async def test_a_reconcile_gets_the_snapshot_of_its_key(world):
    world.put(make.connector("crm"))
    world.intake.begin()
    visits = dict([await world.visits.get(), await world.visits.get()])
    assert visits[MAIN] == world.store.runtime_snapshot(MAIN)
    assert visits[CRM] == world.store.connector_snapshot(CRM)


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (ApiUnavailable("apply", REF, status=503), "unavailable"),
        (ApiUnavailable("apply", REF, status=429, retry_after=0.02), "unavailable"),
        (ApiConflict("apply", REF, status=409), "stale"),
        (ApiGone("apply", REF, status=404), "stale"),
        (ApiRejected("apply", REF, status=422), "rejected"),
        (TimeoutError(), "timeout"),
        (ZeroDivisionError("nobody foresaw this"), "crashed"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_a_reconcile_that_fails_is_tried_again_and_counted(world, error, result):
    world.answers[MAIN] = [error]
    world.intake.begin()
    assert [await world.visit(), await world.visit()] == [MAIN, MAIN]
    await world.quiet()
    assert world.counted(result) == 1
    assert world.counted("ok") == 1


async def test_what_was_refused_is_not_tried_again_soon_unless_something_changes():
    world = World(rejected=3600.0)
    world.put(make.namespace("shop"), make.runtime("main"))
    world.answers[MAIN] = [ApiRejected("apply", REF, status=422)]
    world.intake.begin()
    await world.visit()
    async with asyncio.timeout(5):
        while not world.counted("rejected"):
            await asyncio.sleep(0.005)
    assert world.schedule.next_due(0.0) > time.monotonic() + 3000
    world.put(make.changed(make.runtime("main"), spec={}))
    assert await world.visit() == MAIN
    await world.engine.stop()


async def test_no_failure_ends_a_worker(world):
    world.answers[MAIN] = [RuntimeError("again") for _ in range(6)]
    world.intake.begin()
    for _ in range(7):
        assert await world.visit() == MAIN
    await world.quiet()
    assert world.counted("ok") == 1


async def test_what_nobody_foresaw_is_logged_with_its_traceback(world, caplog):
    world.answers[MAIN] = [ZeroDivisionError("x")]
    with caplog.at_level(logging.ERROR):
        world.intake.begin()
        await world.visit()
        await world.visit()
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "ConnectorRuntime shop/main" in record.getMessage()


async def test_a_hanging_reconcile_is_given_up_at_its_deadline_and_blocks_no_other_key():
    world = World(deadline=0.05, workers=1)

    async def hang():
        await asyncio.sleep(60)

    world.answers[MAIN] = [hang]
    world.put(make.namespace("shop"), make.runtime("main"), make.connector("crm"))
    world.intake.begin()
    assert {await world.visit(), await world.visit(), await world.visit()} == {MAIN, CRM}
    await world.quiet()
    assert world.counted("timeout") == 1
    await world.engine.stop()


async def test_a_key_of_which_no_snapshot_can_be_taken_costs_only_itself(world):
    world.queue.add(Key("Nothing", "shop", "strange"))
    world.intake.begin()
    assert await world.visit() == MAIN
    async with asyncio.timeout(5):
        while not world.counted("crashed", "Nothing"):
            await asyncio.sleep(0.005)


async def test_requeue_after_brings_the_key_back(world):
    world.answers[MAIN] = [ReconcileResult(requeue_after=0.02)]
    world.intake.begin()
    assert [await world.visit(), await world.visit()] == [MAIN, MAIN]


async def test_an_object_that_was_refused_is_tried_again_although_nothing_changed(world):
    world.answers[MAIN] = [ReconcileResult(refused=True)]
    world.intake.begin()
    assert [await world.visit(), await world.visit()] == [MAIN, MAIN]


async def test_a_change_during_a_reconcile_is_seen_by_another_one(world):
    async def change():
        world.put(make.changed(make.runtime("main"), spec={"replicas": 3}))
        return ReconcileResult()

    world.answers[MAIN] = [change]
    world.intake.begin()
    await world.visit()
    _, snapshot = await world.visits.get()
    assert snapshot.runtime["spec"] == {"replicas": 3}


async def test_new_bindings_wake_their_connectors_and_equal_ones_wake_nobody(world):
    world.put(make.connector("crm"))
    world.intake.begin()
    await world.quiet()
    world.answers[MAIN] = [ReconcileResult(bindings={"crm": BINDING}), ReconcileResult(bindings={"crm": BINDING})]
    world.queue.add(MAIN)
    assert [await world.visit(), await world.visit()] == [MAIN, CRM]
    await world.quiet()
    world.queue.add(MAIN)
    assert await world.visit() == MAIN
    await world.quiet()
    assert world.counted("ok", "Connector") == 2


async def test_a_runtime_that_is_gone_leaves_its_connectors_unbound(world):
    world.put(make.connector("crm"))
    world.answers[MAIN] = [ReconcileResult(bindings={"crm": BINDING})]
    world.intake.begin()
    await world.quiet()
    assert world.store.connector_snapshot(CRM).bindings == {"main": BINDING}
    world.intake.observe("DELETED", make.runtime("main"))
    assert await world.visit() == CRM
    await world.quiet()
    assert world.store.connector_snapshot(CRM).bindings == {}
    assert world.counted("gone") == 1


async def test_a_key_is_settled_when_its_last_reconcile_said_so(world):
    assert not world.engine.settled(MAIN)
    world.answers[MAIN] = [ReconcileResult(settled=False), ReconcileResult(settled=True), RuntimeError("x")]
    world.intake.begin()
    expected = [False, True, False, True]
    for settled in expected:
        await world.visit()
        while world.schedule.running:
            await asyncio.sleep(0)
        assert world.engine.settled(MAIN) == settled
        world.queue.add(MAIN)


async def test_stopping_waits_for_what_runs_and_takes_nothing_more(world):
    finished = asyncio.Event()

    async def slow():
        await asyncio.sleep(0.05)
        finished.set()
        return ReconcileResult()

    world.answers[MAIN] = [slow]
    world.intake.begin()
    await world.visit()
    world.put(make.connector("crm"))
    await world.engine.stop()
    assert finished.is_set()
    assert world.visits.empty()


async def test_stopping_cancels_what_does_not_end(world, caplog):
    cancelled = asyncio.Event()

    async def endless():
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    world.answers[MAIN] = [endless]
    world.intake.begin()
    await world.visit()
    await world.engine.stop()
    assert cancelled.is_set()
    assert "ConnectorRuntime shop/main" in caplog.text


async def test_stopping_before_the_store_is_complete_ends_at_once(world):
    await asyncio.wait_for(world.engine.stop(), 5)


async def test_the_oldest_reconcile_is_the_one_that_runs(world):
    released = asyncio.Event()

    async def wait():
        await released.wait()
        return ReconcileResult()

    world.answers[MAIN] = [wait]
    assert world.engine.oldest_reconcile == 0
    world.intake.begin()
    await world.visit()
    await asyncio.sleep(0.01)
    assert world.engine.oldest_reconcile > 0
    released.set()
    await world.quiet()
    assert world.engine.oldest_reconcile == 0

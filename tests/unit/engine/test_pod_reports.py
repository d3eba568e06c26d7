"""Which pods are asked, how often, and what of their answers reaches the store."""

import asyncio
import json
import random

import kube_objects as make
import pytest
from prometheus_client import CollectorRegistry

from connector_operator.cluster.pods import PodUnreachable
from connector_operator.domain.snapshot import Key
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.pod_reports import PodReports, PollPace
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule
from connector_operator.engine.store import Store

MAIN = Key("ConnectorRuntime", "shop", "main")


def body(state="Connected"):
    gateway = {"state": state, "message": ""}
    return json.dumps({"version": 1, "configHash": "0123456789", "gateway": gateway, "connectors": {}}).encode()


class World:
    """Pods in a store, a clock that a test turns, and answers that a test decides."""

    def __init__(self, jitter=0.0):
        self.now = 1000.0
        self.schedule = Schedule()
        self.store, self.queue = Store(), WorkQueue(self.schedule)
        self.intake = Intake(self.store, self.queue)
        self.intake.begin()
        self.settled = True
        self.answer = body()
        self.asked = []
        self.reports = PodReports(
            self.store,
            self.intake,
            self.fetch,
            lambda _key: self.settled,
            Metrics(CollectorRegistry()),
            PollPace(jitter=jitter, tick=0.001),
            lambda: self.now,
            random.Random(1),
        )

    async def fetch(self, pod_ip):
        self.asked.append(pod_ip)
        answer = self.answer.pop(0) if isinstance(self.answer, list) else self.answer
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return await answer()
        return answer

    async def look(self, seconds=0.0):
        """Let time pass, look once, and wait for the answers."""
        self.now += seconds
        self.reports.look()
        while not self.reports._due.empty():
            pod = self.reports._due.get_nowait()
            await self.reports._ask(pod, self.reports._polled[pod["metadata"]["uid"]])

    def touched(self):
        """Whether the runtime was woken since the last call."""
        woken = False
        while (taken := self.schedule.take(10**9)) is not None:
            self.queue.done(taken.key)
            woken = woken or taken.key == MAIN
        return woken


@pytest.fixture
def world():
    world = World()
    world.store.upsert(make.pod("main-1"))
    return world


async def test_a_pod_is_asked_at_once_and_its_report_wakes_its_runtime(world):
    await world.look()
    assert world.store.report("shop", "main-1").document.config_hash == "0123456789"
    assert world.touched()


async def test_the_same_answer_again_wakes_nobody(world):
    await world.look()
    world.touched()
    await world.look(10)
    assert len(world.asked) == 2
    assert not world.touched()


async def test_another_answer_wakes_the_runtime(world):
    await world.look()
    world.touched()
    world.answer = body("Unauthenticated")
    await world.look(10)
    assert world.touched()


async def test_a_calm_pod_is_asked_every_ten_seconds(world):
    await world.look()
    await world.look(9.9)
    assert len(world.asked) == 1
    await world.look(0.1)
    assert len(world.asked) == 2


async def test_while_its_runtime_is_not_settled_a_pod_is_asked_every_second(world):
    world.settled = False
    for _ in range(5):
        await world.look(1)
    assert len(world.asked) == 5


async def test_a_runtime_that_becomes_unsettled_has_its_pods_asked_within_a_second(world):
    await world.look()
    world.settled = False
    await world.look(1)
    assert len(world.asked) == 2


async def test_a_runtime_that_never_settles_is_asked_calmly_after_five_minutes(world):
    world.settled = False
    for _ in range(300):
        await world.look(1)
    asked = len(world.asked)
    for _ in range(20):
        await world.look(1)
    assert len(world.asked) - asked == 2


async def test_a_runtime_that_settles_and_unsettles_is_asked_eagerly_again(world):
    world.settled = False
    for _ in range(310):
        await world.look(1)
    world.settled = True
    await world.look(1)
    world.settled = False
    asked = len(world.asked)
    await world.look(1)
    await world.look(1)
    assert len(world.asked) - asked == 2


async def test_many_pods_are_not_asked_in_step():
    world = World(jitter=0.2)
    for number in range(50):
        world.store.upsert(make.pod(f"main-{number}"))
    await world.look()
    asked = []
    for _ in range(8):
        before = len(world.asked)
        await world.look(1.5)
        asked.append(len(world.asked) - before)
    assert sum(asked) == 50
    assert max(asked) < 35


@pytest.mark.parametrize(
    "pod",
    [
        make.changed(make.pod("main-1"), status={"phase": "Pending"}),
        make.changed(make.pod("main-1"), status={"phase": "Failed", "podIP": "10.0.0.1"}),
        make.changed(make.pod("main-1"), status={"phase": "Running"}),
        make.changed(make.pod("main-1"), deletionTimestamp="2026-01-01T00:00:00Z"),
        make.changed(make.pod("main-1"), labels={"connectors.camunda.io/part": "worker"}),
    ],
    ids=["pending", "failed", "no address", "being deleted", "not of a runtime"],
)
async def test_a_pod_that_cannot_answer_is_not_asked(pod):
    world = World()
    world.store.upsert(pod)
    await world.look()
    assert world.asked == []


async def test_the_last_words_of_a_pod_that_died_do_not_count(world):
    await world.look()
    world.touched()
    world.store.upsert(make.changed(make.pod("main-1"), status={"phase": "Failed", "podIP": "127.0.0.1"}))
    await world.look(1)
    assert world.store.report("shop", "main-1") is None
    assert world.touched()


async def test_a_pod_that_misses_once_or_twice_keeps_its_report(world):
    await world.look()
    world.touched()
    world.answer = PodUnreachable("cannot get '/status': refused")
    await world.look(10)
    await world.look(10)
    assert world.store.report("shop", "main-1").document is not None
    assert not world.touched()


async def test_a_pod_that_misses_three_times_in_a_row_has_a_report_that_says_why(world):
    await world.look()
    world.touched()
    world.answer = PodUnreachable("cannot get '/status': refused")
    for _ in range(3):
        await world.look(10)
    report = world.store.report("shop", "main-1")
    assert report.document is None
    assert report.problem == "cannot get '/status': refused"
    assert world.touched()


async def test_misses_count_only_in_a_row(world):
    refused = PodUnreachable("cannot get '/status': refused")
    world.answer = [refused, refused, body(), refused, refused]
    for _ in range(5):
        await world.look(10)
    assert world.store.report("shop", "main-1").document is not None


async def test_garbage_is_a_report_at_once(world):
    world.answer = b"<html>"
    await world.look()
    assert world.store.report("shop", "main-1").document is None


async def test_an_answer_that_comes_after_the_pod_is_gone_is_dropped(world):
    async def go():
        world.intake.observe("DELETED", make.pod("main-1"))
        return body()

    world.answer = go
    await world.look()
    assert world.store.report("shop", "main-1") is None


async def test_an_answer_of_an_earlier_pod_of_the_same_name_is_dropped(world):
    async def replace():
        world.store.upsert(make.changed(make.pod("main-1"), uid="another"))
        return body()

    world.answer = replace
    await world.look()
    assert world.store.report("shop", "main-1") is None


async def test_no_more_pods_are_asked_at_once_than_agreed_and_none_twice():
    world = World()
    for number in range(40):
        world.store.upsert(make.pod(f"main-{number}"))
    at_once, most = 0, 0
    release = asyncio.Event()

    async def wait():
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await release.wait()
        at_once -= 1
        return body()

    world.answer = wait
    running = asyncio.create_task(world.reports.run())
    async with asyncio.timeout(5):
        while at_once < 16:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        release.set()
        while len(world.asked) < 40:
            await asyncio.sleep(0.001)
    running.cancel()
    assert most == 16
    assert len(world.asked) == 40

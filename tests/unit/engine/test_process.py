"""The whole engine, with an API server in memory and reconciles of a few lines: how it begins, works and ends."""

import asyncio
import os
import signal
from dataclasses import dataclass, field

import kube_objects as make
import pytest
from kube_fake import KubeFake
from prometheus_client import CollectorRegistry

from connector_operator.cluster.pods import PodUnreachable
from connector_operator.domain.objects import CONNECTOR, WATCHED_KINDS, ObjectRef, uid_of
from connector_operator.domain.result import ReconcileResult
from connector_operator.engine.assembly import Wiring, assemble
from connector_operator.engine.audit import Scope
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.process import PartEnded

CRM = ObjectRef(CONNECTOR, "shop", "crm")


@dataclass
class Operator:
    """An operator whose only work is to write `{"seen": generation}` into the status of Connectors."""

    fake: KubeFake = field(default_factory=KubeFake)
    feed_error: Exception | None = None
    feed_stopped: bool = False
    breaking: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.fake.put(make.namespace("shop"))
        nothing = self.nothing
        wiring = Wiring(
            api=self.fake,
            feed=self.feed,
            fetch_status=self.fetch_status,
            reconcilers={"Connector": self.reconcile, "ConnectorRuntime": nothing, "ConnectorPolicy": nothing},
            scope=Scope(WATCHED_KINDS),
            metrics=Metrics(CollectorRegistry()),
            background={"breakable": self.breakable},
        )
        self.process, self.probes = assemble(wiring, probes_port=0, probes_host="127.0.0.1")
        self.stop = asyncio.Event()

    async def feed(self, observe, *, stop, started):
        started()
        self.fake.watch(observe)
        if self.feed_error:
            raise self.feed_error
        await stop.wait()
        self.feed_stopped = True

    async def breakable(self):
        await self.breaking.wait()
        raise ZeroDivisionError("a part broke")

    async def fetch_status(self, _pod_ip):
        raise PodUnreachable("nobody is there")

    async def reconcile(self, snapshot):
        generation = snapshot.connector["metadata"]["generation"]
        if snapshot.connector.get("status") != {"observedGeneration": generation}:
            status = {"observedGeneration": generation}
            await self.fake.apply_status(CRM, uid=uid_of(snapshot.connector), status=status)
        return ReconcileResult()

    async def nothing(self, _snapshot):
        return ReconcileResult()

    async def until_seen(self, generation):
        async with asyncio.timeout(10):
            while self.fake.objects[CRM].get("status") != {"observedGeneration": generation}:
                await asyncio.sleep(0.01)


@pytest.fixture
async def operator():
    operator = Operator()
    operator.task = asyncio.create_task(operator.process.run(operator.stop))
    yield operator
    operator.stop.set()
    await asyncio.gather(operator.task, return_exceptions=True)


async def test_what_a_user_writes_is_reconciled_and_then_nothing_is_written(operator):
    operator.fake.put(make.connector("crm"))
    await operator.until_seen(1)
    operator.fake.put(make.changed(dict(operator.fake.objects[CRM]), spec={"jobType": "new"}))
    await operator.until_seen(2)
    operator.fake.clear_writes()
    await asyncio.sleep(1.5)  # longer than a quiet period: the echo of our own write has been reconciled
    assert operator.fake.writes == []


async def test_a_status_that_someone_else_changed_is_put_right(operator):
    operator.fake.put(make.connector("crm"))
    await operator.until_seen(1)
    operator.fake.put_status(CRM, {"observedGeneration": 99})
    await operator.until_seen(1)


async def test_told_to_stop_it_ends_by_itself_and_the_feed_last(operator):
    await operator.process.ready.wait()
    operator.stop.set()
    await asyncio.wait_for(operator.task, 5)
    assert operator.feed_stopped
    assert not operator.process.ready.is_set()


async def test_sigterm_ends_it_although_a_feed_takes_the_signals_for_itself():
    operator = Operator()
    stolen = []

    async def greedy(observe, *, stop, started):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stolen.append, "by the feed")
        started()
        operator.fake.watch(observe)
        await stop.wait()

    operator.process.feed = greedy
    task = asyncio.create_task(operator.process.run(operator.stop))
    await operator.process.ready.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(task, 5)
    assert stolen == []


async def test_sigterm_ends_it_while_the_feed_is_still_starting():
    operator = Operator()

    async def slow(observe, *, stop, started):
        await stop.wait()

    operator.process.feed = slow
    task = asyncio.create_task(operator.process.run(operator.stop))
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(task, 5)


async def test_a_feed_that_ends_ends_the_operator_with_an_error():
    operator = Operator(feed_error=ConnectionError("watching failed for good"))
    with pytest.raises(PartEnded, match="'feed' ended: watching failed for good"):
        await asyncio.wait_for(operator.process.run(operator.stop), 5)


async def test_a_part_that_breaks_ends_the_operator_with_an_error(operator):
    await operator.process.ready.wait()
    operator.breaking.set()
    with pytest.raises(PartEnded, match="'breakable' ended: a part broke"):
        await asyncio.wait_for(asyncio.shield(operator.task), 5)
    assert operator.feed_stopped


async def test_no_task_is_left_behind():
    before = asyncio.all_tasks()
    operator = Operator()
    task = asyncio.create_task(operator.process.run(operator.stop))
    await operator.process.ready.wait()
    operator.stop.set()
    await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_the_probes_tell_of_the_process(operator):
    await operator.process.ready.wait()
    operator.fake.put(make.connector("crm"))
    await operator.until_seen(1)
    read = operator.probes.registry.get_sample_value
    assert read("connector_operator_ready") == 1.0
    assert read("connector_operator_store_objects", {"resource": "connectors"}) == 1.0
    assert operator.probes.vitals.ailments() == []

"""The barrier and the audit, with an API server in memory and a watch that a test can break."""

import asyncio
import logging

import kube_objects as make
import pytest
from kube_fake import KubeFake
from prometheus_client import CollectorRegistry

from connector_operator.cluster.port import ApiUnavailable
from connector_operator.domain.objects import CONNECTOR, POD, WATCHED_KINDS, ObjectRef, ref_of
from connector_operator.domain.snapshot import Key
from connector_operator.engine.audit import Audit, AuditPace, FeedSilent, Scope
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule
from connector_operator.engine.store import Store

CRM = ObjectRef(CONNECTOR, "shop", "crm")
CRM_KEY = Key("Connector", "shop", "crm")
PACE = AuditPace(second_look=0.0, poll=0.001, patience=0.005, retry=0.001)


class World:
    """A cluster, a store, and a watch between them that delivers only while `deaf` is false."""

    def __init__(self, namespaces=()):
        self.fake = KubeFake()
        for name in ("shop", "bank"):
            self.fake.put(make.namespace(name))
        self.registry = CollectorRegistry()
        self.schedule = Schedule()
        self.store, self.queue = Store(), WorkQueue(self.schedule)
        self.intake = Intake(self.store, self.queue)
        self.intake.begin()
        scope = Scope(WATCHED_KINDS, namespaces)
        self.audit = Audit(self.fake, self.store, self.intake, Metrics(self.registry), scope, PACE)
        self.deaf = False

    def watch(self):
        self.fake.watch(lambda event_type, obj: None if self.deaf else self.intake.observe(event_type, obj))

    def touched(self, key):
        return key in self.schedule.scheduled | set(self.schedule.ready)

    def settle(self):
        """Run everything that is due, so that only later touches show."""
        while (taken := self.schedule.take(10**9)) is not None:
            self.queue.done(taken.key)

    def counted(self, name, resource):
        return self.registry.get_sample_value(f"connector_operator_{name}_total", {"resource": resource}) or 0


class Reading:
    """A `KubeApi` that reads through given functions."""

    def __init__(self, fake, list_metadata, get=None):
        self.get, self.list_metadata = get or fake.get, list_metadata


@pytest.fixture
def world():
    return World()


async def test_the_barrier_waits_until_the_watch_has_delivered_everything(world):
    world.fake.put(make.connector("crm"))
    barrier = asyncio.create_task(world.audit.barrier())
    await asyncio.sleep(0.03)
    assert not barrier.done()
    world.watch()
    await asyncio.wait_for(barrier, 5)
    assert world.store.get(CRM) is not None


async def test_the_barrier_says_what_it_waits_for(world, caplog):
    world.watch()
    world.deaf = True
    world.fake.put(make.connector("crm"))
    barrier = asyncio.create_task(world.audit.barrier())
    with caplog.at_level(logging.WARNING):
        await asyncio.sleep(0.03)
    barrier.cancel()
    assert "Connector shop/crm" in caplog.text


async def test_the_barrier_gives_up_on_a_watch_that_delivers_nothing(world):
    world.watch()
    world.deaf = True
    world.fake.put(make.connector("crm"))
    with pytest.raises(FeedSilent, match="Connector shop/crm"):
        await asyncio.wait_for(world.audit.barrier(), 5)


async def test_the_barrier_does_not_wait_for_what_is_gone_meanwhile(world):
    world.watch()
    world.deaf = True
    world.fake.put(make.connector("crm"))
    barrier = asyncio.create_task(world.audit.barrier())
    await asyncio.sleep(0.01)
    world.fake.remove(CRM)
    await asyncio.wait_for(barrier, 5)


async def test_the_barrier_is_not_fooled_by_an_earlier_object_of_the_same_name(world):
    world.watch()
    world.fake.put(make.connector("crm"))
    world.deaf = True
    world.fake.remove(CRM)
    world.fake.put(make.connector("crm"))
    barrier = asyncio.create_task(world.audit.barrier())
    await asyncio.sleep(0.03)
    assert not barrier.done()
    barrier.cancel()


async def test_the_barrier_outlasts_an_api_server_that_is_away(world, caplog):
    world.watch()
    for _ in range(3):
        world.fake.fail_next("list_metadata", POD, ApiUnavailable("list", ObjectRef(POD, "", ""), status=503))
    await asyncio.wait_for(world.audit.barrier(), 5)
    assert caplog.text.count("cannot complete the store yet") == 3


async def test_an_unlabelled_object_of_a_labelled_kind_is_not_waited_for(world):
    world.watch()
    world.deaf = True
    world.fake.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "users-own", "namespace": "shop"}})
    await asyncio.wait_for(world.audit.barrier(), 5)


async def test_a_clean_audit_changes_nothing(world):
    world.watch()
    world.fake.put(make.connector("crm"))
    world.settle()
    await world.audit.once()
    assert not world.touched(CRM_KEY)
    assert world.audit.lossy_rounds == 0
    assert world.fake.writes == []


async def test_a_ghost_is_purged_and_its_dependants_are_woken(world):
    world.watch()
    world.fake.put(make.runtime("main"))
    world.fake.put(make.connector("crm"))
    world.settle()
    world.deaf = True
    world.fake.remove(CRM)
    await world.audit.once()
    assert world.store.get(CRM) is None
    assert world.touched(Key("ConnectorRuntime", "shop", "main"))
    assert world.counted("ghosts", "connectors") == 1


async def test_an_object_that_lost_its_label_is_a_ghost(world):
    world.watch()
    pod = world.fake.put(make.pod("main-1"))
    world.deaf = True
    world.fake.put(make.changed(dict(pod), labels={}))
    await world.audit.once()
    assert world.store.get(ref_of(pod)) is None


async def test_an_object_that_a_stale_list_leaves_out_is_no_ghost(world):
    world.watch()
    world.fake.put(make.connector("crm"))
    lists = world.fake.list_metadata

    async def from_another_day(kind, *, namespace="", labelled):
        return [one for one in await lists(kind, namespace=namespace, labelled=labelled) if one.ref != CRM]

    world.audit.api = Reading(world.fake, from_another_day)
    await world.audit.once()
    assert world.store.get(CRM) is not None
    assert world.counted("ghosts", "connectors") == 0


async def test_what_appears_during_an_audit_is_no_ghost(world):
    world.watch()
    lists = world.fake.list_metadata

    async def slowly(kind, *, namespace="", labelled):
        found = await lists(kind, namespace=namespace, labelled=labelled)
        if kind == CONNECTOR:
            world.fake.put(make.connector("crm"))
        return found

    world.audit.api = Reading(world.fake, slowly)
    await world.audit.once()
    assert world.store.get(CRM) is not None


async def test_an_object_that_stays_behind_is_fetched_and_enqueued(world):
    world.watch()
    crm = world.fake.put(make.connector("crm"))
    world.settle()
    world.deaf = True
    world.fake.put(make.changed(dict(crm), spec={"jobType": "new"}))
    await world.audit.once()
    assert world.store.get(CRM)["spec"] == {"jobType": "new"}
    assert world.touched(CRM_KEY)
    assert world.counted("repairs", "connectors") == 1


async def test_an_object_that_the_watch_never_told_about_is_fetched(world):
    world.watch()
    world.deaf = True
    world.fake.put(make.connector("crm"))
    await world.audit.once()
    assert world.store.get(CRM) is not None
    assert world.touched(CRM_KEY)


async def test_an_object_that_the_watch_delivers_a_little_later_is_left_to_the_watch(world):
    world.watch()
    crm = world.fake.put(make.connector("crm"))
    world.deaf = True
    newer = world.fake.put(make.changed(dict(crm), spec={"jobType": "new"}))
    world.audit.pace = AuditPace(second_look=0.02)
    fetched = []

    async def get(ref):
        fetched.append(ref)
        return await world.fake.get(ref)

    world.audit.api = Reading(world.fake, world.fake.list_metadata, get)
    auditing = asyncio.create_task(world.audit.once())
    await asyncio.sleep(0.005)
    world.intake.observe("MODIFIED", newer)
    await auditing
    assert fetched == []
    assert world.counted("repairs", "connectors") == 0


async def test_a_store_that_is_ahead_of_a_restored_api_server_is_put_back(world):
    world.watch()
    crm = world.fake.put(make.connector("crm"))
    ahead = make.changed(dict(crm), spec={"jobType": "from the future"})
    ahead["metadata"]["resourceVersion"] = "999999"
    world.intake.observe("MODIFIED", ahead)
    await world.audit.once()
    assert world.store.get(CRM)["spec"] == crm["spec"]


async def test_audits_that_repair_again_and_again_are_counted_until_one_is_clean(world):
    world.watch()
    world.deaf = True
    for number in (1, 2):
        world.fake.put(make.connector(f"lost-{number}"))
        await world.audit.once()
        assert world.audit.lossy_rounds == number
    await world.audit.once()
    assert world.audit.lossy_rounds == 0


async def test_only_the_namespaces_in_scope_are_listed():
    world = World(namespaces=("shop",))
    world.fake.put(make.connector("crm"))
    world.fake.put(make.connector("pay", namespace="bank"))
    found = await world.audit._list()
    assert {one.ref for one in found if one.ref.kind == CONNECTOR} == {CRM}


async def test_an_audit_that_fails_is_counted_and_the_next_one_comes(world):
    world.watch()
    world.audit.pace = AuditPace(interval=(0.001, 0.002), second_look=0.0)
    world.fake.fail_next("list_metadata", CONNECTOR, ApiUnavailable("list", ObjectRef(CONNECTOR, "", ""), status=500))
    running = asyncio.create_task(world.audit.run())
    name = "connector_operator_audits_total"
    async with asyncio.timeout(5):
        while not world.registry.get_sample_value(name, {"result": "clean"}):
            await asyncio.sleep(0.005)
    running.cancel()
    assert world.registry.get_sample_value(name, {"result": "failed"}) == 1

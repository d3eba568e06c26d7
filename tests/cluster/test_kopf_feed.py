"""kopf as a feed, at a real API server: it tells what is and what changes, ends when told, and writes nothing."""

import asyncio
import signal
from contextlib import asynccontextmanager

import cluster_hands
import kube_contract
import pytest
from prometheus_client import CollectorRegistry

from connector_operator.api.kinds import CONNECTOR
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.domain.objects import LABELLED_KINDS, WATCHED_KINDS, ref_of
from connector_operator.engine.audit import Audit, Scope
from connector_operator.engine.intake import Intake
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule
from connector_operator.engine.store import Store
from connector_operator.feed import kopf_feed
from connector_operator.feed.kopf_feed import KopfFeed, feed_settings


class Listener:
    """Remembers what the feed told, and waits for more."""

    def __init__(self):
        self.told = asyncio.Queue()
        self.names = set()

    def __call__(self, event_type, obj):
        self.names.add(obj["metadata"]["name"])
        self.told.put_nowait((event_type, obj["kind"], obj["metadata"]["name"], obj))

    async def hear(self, kind, name, *event_types):
        async with asyncio.timeout(30):
            while True:
                event_type, told_kind, told_name, obj = await self.told.get()
                if (told_kind, told_name) == (kind, name) and (not event_types or event_type in event_types):
                    return obj


@asynccontextmanager
async def feeding(kube_config, hands):
    """A feed of the test's namespace, as (listener, event to stop it, its task).

    No fixture: the task that runs a test is younger than its fixtures, and kopf cancels what is younger than itself.
    """
    listener, stop, started = Listener(), asyncio.Event(), asyncio.Event()
    feed = KopfFeed(Connection(kube_config), WATCHED_KINDS, (hands.namespace,))
    task = asyncio.create_task(feed(listener, stop=stop, started=started.set))
    await started.wait()
    try:
        yield listener, stop, task
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_tells_what_is_what_changes_and_what_goes(kube_config, hands):
    async with feeding(kube_config, hands) as (listener, _, _):
        made = hands.put(kube_contract.connector(hands.namespace))
        assert (await listener.hear("Connector", "crm", None, "ADDED"))["metadata"]["uid"] == made["metadata"]["uid"]
        hands.edit("Connector", "crm", {"spec": {"suspend": True}})
        assert (await listener.hear("Connector", "crm", "MODIFIED"))["spec"]["suspend"] is True
        hands.delete("Connector", "crm")
        await listener.hear("Connector", "crm", "DELETED")


async def test_objects_of_labelled_kinds_are_told_of_by_their_label_alone(kube_config, hands):
    async with feeding(kube_config, hands) as (listener, _, _):
        unlabelled = kube_contract.config_map(hands.namespace, name="users-own")
        del unlabelled["metadata"]["labels"]
        hands.put(unlabelled)
        hands.put(kube_contract.config_map(hands.namespace, name="ours"))
        await listener.hear("ConfigMap", "ours")
        hands.put({**unlabelled, "data": {"more": "x"}})
        hands.put(kube_contract.config_map(hands.namespace, name="ours", more="x"))
        await listener.hear("ConfigMap", "ours", "MODIFIED")
        assert "users-own" not in listener.names


async def test_an_object_that_loses_its_label_is_told_of_as_deleted(kube_config, hands):
    async with feeding(kube_config, hands) as (listener, _, _):
        hands.put(kube_contract.config_map(hands.namespace, name="ours"))
        await listener.hear("ConfigMap", "ours")
        hands.edit("ConfigMap", "ours", {"metadata": {"labels": None}})
        await listener.hear("ConfigMap", "ours", "DELETED")


async def test_nothing_is_ever_written_to_what_is_watched(kube_config, hands):
    async with feeding(kube_config, hands) as (listener, _, _):
        made = hands.put(kube_contract.connector(hands.namespace))
        await listener.hear("Connector", "crm")
        await asyncio.sleep(1)
        seen = hands.get("Connector", "crm")
        assert seen["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
        assert "finalizers" not in seen["metadata"]


async def test_it_ends_when_told(kube_config, hands):
    async with feeding(kube_config, hands) as (listener, stop, task):
        hands.put(kube_contract.connector(hands.namespace))
        await listener.hear("Connector", "crm")
        stop.set()
        await asyncio.wait_for(task, 15)


@pytest.mark.parametrize("seconds", [0, 0.01, 0.05])
async def test_it_ends_when_told_while_it_is_still_starting(kube_config, hands, seconds):
    async with feeding(kube_config, hands) as (_, stop, task):
        await asyncio.sleep(seconds)
        stop.set()
        await asyncio.wait_for(task, 15)


async def test_a_watch_that_fails_for_good_is_an_error(kube_config, hands, tmp_path, monkeypatch):
    monkeypatch.setattr(kopf_feed, "_Backoffs", tuple)  # no patience: the first 403 is final
    nobody = cluster_hands.service_account_kubeconfig(hands, kube_config, "nobody", tmp_path / "kubeconfig")
    # one kind: of several watches that fail at once, kopf leaves all errors but one to the garbage collector
    feed = KopfFeed(Connection(nobody), (CONNECTOR,), (hands.namespace,))
    with pytest.raises(Exception, match="forbidden"):
        await asyncio.wait_for(feed(Listener(), stop=asyncio.Event(), started=lambda: None), 30)


async def test_tasks_that_are_older_than_the_feed_outlive_it(kube_config, hands):
    stop, started, older_ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def older():
        try:
            await asyncio.sleep(60)
        finally:
            older_ended.set()

    ours = asyncio.create_task(older())
    await asyncio.sleep(0)
    feed = KopfFeed(Connection(kube_config), WATCHED_KINDS, (hands.namespace,))
    task = asyncio.create_task(feed(Listener(), stop=stop, started=started.set))
    await started.wait()
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.wait_for(task, 15)
    assert not older_ended.is_set()
    ours.cancel()


async def test_signal_handlers_that_are_put_back_when_it_has_started_stay_in_place(kube_config, hands):
    stop, caught = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def take_back():
        loop.add_signal_handler(signal.SIGTERM, caught.set)

    feed = KopfFeed(Connection(kube_config), WATCHED_KINDS, (hands.namespace,))
    task = asyncio.create_task(feed(Listener(), stop=stop, started=take_back))
    await asyncio.sleep(1)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(caught.wait(), 5)
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 15)


async def test_the_barrier_falls_when_the_feed_has_delivered_what_the_lists_name(kube_config, hands):
    hands.put(kube_contract.connector(hands.namespace))
    store, queue = Store(), WorkQueue(Schedule())
    intake = Intake(store, queue)
    stop, started = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(KopfFeed(Connection(kube_config), WATCHED_KINDS)(intake.observe, stop=stop, started=started.set))
    async with ClusterApi(Connection(kube_config), lambda _call: None) as api:
        audit = Audit(api, store, intake, Metrics(CollectorRegistry()), Scope(WATCHED_KINDS))
        await asyncio.wait_for(audit.barrier(), 60)
    assert store.get(ref_of(kube_contract.connector(hands.namespace))) is not None
    assert store.sizes()["namespaces"] >= 4
    stop.set()
    await asyncio.wait_for(task, 15)


def test_every_labelled_kind_is_selected_by_the_server():
    selectors = feed_settings(WATCHED_KINDS).watching.label_selectors
    for kind in LABELLED_KINDS:
        assert selectors[kind.group, kind.version, kind.plural] == "connectors.camunda.io/part"
    assert len(selectors) == len(LABELLED_KINDS)


def test_a_request_is_retried_for_a_bounded_time_each_time_anew():
    backoffs = feed_settings(WATCHED_KINDS).networking.error_backoffs
    assert 60 < sum(backoffs) < 180
    assert len(list(backoffs)) == len(list(backoffs)) > 5

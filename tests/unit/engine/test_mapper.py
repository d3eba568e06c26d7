"""Who is touched by what: one row per rule."""

import kube_objects as make
import pytest
from recording_queue import RecordingQueue

from connector_operator.domain.reports import PodReport
from connector_operator.domain.snapshot import Key
from connector_operator.engine.intake import Intake
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule
from connector_operator.engine.store import Store

MAIN = Key("ConnectorRuntime", "shop", "main")
SPARE = Key("ConnectorRuntime", "shop", "spare")
CRM = Key("Connector", "shop", "crm")
MAIL = Key("Connector", "shop", "mail")
PAY = Key("Connector", "bank", "pay")
BANK = Key("ConnectorRuntime", "bank", "main")
GUARD = Key("ConnectorPolicy", "", "guard")
NEW = Key("Connector", "shop", "new")

SHOP = {MAIN, SPARE, CRM, MAIL}
EVERYTHING = SHOP | {PAY, BANK, GUARD}

THERE = {
    "shop": make.namespace("shop"),
    "bank": make.namespace("bank"),
    "main": make.runtime("main"),
    "spare": make.runtime("spare"),
    "crm": make.connector("crm"),
    "mail": make.connector("mail"),
    "pay": make.connector("pay", namespace="bank"),
    "bank-main": make.runtime("main", namespace="bank"),
    "guard": make.policy("guard"),
    "pod": make.pod("main-1"),
    "deployment": make.deployment("main"),
    "code": make.source("code", a="1"),
}


@pytest.fixture
def queue():
    return RecordingQueue()


@pytest.fixture
def intake(queue):
    intake = Intake(Store(), queue)
    for obj in THERE.values():
        intake.observe(None, obj)
    intake.begin()
    queue.added.clear()
    return intake


def pod_status(**members):
    return {**THERE["pod"]["status"], **members}


CHANGES = {
    "a Connector's spec touches the runtimes of its namespace, the policies and itself": (
        make.changed(THERE["crm"], spec={"jobType": "x"}),
        {CRM, MAIN, SPARE, GUARD},
    ),
    "a Connector's labels touch the same": (make.changed(THERE["crm"], labels={"team": "a"}), {CRM, MAIN, SPARE, GUARD}),
    "a Connector that is being deleted touches the same": (
        make.changed(THERE["crm"], deletionTimestamp="2026-01-01T00:00:00Z"),
        {CRM, MAIN, SPARE, GUARD},
    ),
    "a request to reconcile a Connector touches the same": (
        make.changed(THERE["crm"], annotations={"reconcile.fluxcd.io/requestedAt": "now"}),
        {CRM, MAIN, SPARE, GUARD},
    ),
    "any other annotation touches nothing": (make.changed(THERE["crm"], annotations={"note": "x"}), set()),
    "a new Connector touches the runtimes of its namespace, the policies and itself": (
        make.connector("new"),
        {NEW, MAIN, SPARE, GUARD},
    ),
    "a Connector's status touches itself alone": (make.changed(THERE["crm"], status={"ready": True}), {CRM}),
    "a new revision without a change touches nothing": (make.changed(THERE["crm"]), set()),
    "a runtime's spec touches itself and the Connectors of its namespace": (
        make.changed(THERE["main"], spec={"replicas": 2}),
        {MAIN, CRM, MAIL},
    ),
    "a runtime's status touches itself alone": (make.changed(THERE["main"], status={"replicas": 1}), {MAIN}),
    "a policy's spec touches every runtime, every Connector and itself": (
        make.changed(THERE["guard"], spec={"enforcement": "Audit"}),
        EVERYTHING,
    ),
    "a policy's status touches itself alone": (make.changed(THERE["guard"], status={"refused": 1}), {GUARD}),
    "a namespace's labels touch everything in it and the policies": (
        make.changed(THERE["shop"], labels={"tier": "gold"}),
        SHOP | {GUARD},
    ),
    "a namespace's other changes touch nothing": (make.changed(THERE["shop"], status={"phase": "Active"}), set()),
    "a source touches everything in its namespace": (make.changed(THERE["code"], data={"a": "2"}), SHOP),
    "a ConfigMap that stops being a source touches everything in its namespace": (
        make.changed(THERE["code"], labels={"connectors.camunda.io/part": "mine"}),
        SHOP,
    ),
    "an object of ours touches its runtime": (make.changed(THERE["deployment"], status={"replicas": 2}), {MAIN}),
    "an object that changes hands touches both runtimes": (
        make.changed(
            THERE["deployment"], labels={**THERE["deployment"]["metadata"]["labels"], "connectors.camunda.io/runtime": "x"}
        ),
        {MAIN, Key("ConnectorRuntime", "shop", "x")},
    ),
    "a pod's address touches its runtime": (make.changed(THERE["pod"], status=pod_status(podIP="10.0.0.9")), {MAIN}),
    "what we do not keep of a pod touches nothing": (make.changed(THERE["pod"], status=pod_status(hostIP="10.0.0.9")), set()),
    "a new pod touches its runtime": (make.pod("spare-1", runtime="spare"), {SPARE}),
}


@pytest.mark.parametrize(("obj", "keys"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change(intake, queue, obj, keys):
    intake.observe("MODIFIED", obj)
    assert queue.added == keys


DELETIONS = {
    "a Connector touches the runtimes, the policies and itself": ("crm", {CRM, MAIN, SPARE, GUARD}),
    "a runtime touches itself and the Connectors": ("main", {MAIN, CRM, MAIL}),
    "a policy touches everything and itself": ("guard", EVERYTHING),
    "a namespace touches everything in it and the policies": ("bank", {PAY, BANK, GUARD}),
    "a source touches everything in its namespace": ("code", SHOP),
    "an object of ours touches its runtime": ("deployment", {MAIN}),
    "a pod touches its runtime": ("pod", {MAIN}),
}


@pytest.mark.parametrize(("name", "keys"), DELETIONS.values(), ids=DELETIONS.keys())
def test_the_deletion_of(intake, queue, name, keys):
    intake.observe("DELETED", THERE[name])
    assert queue.added == keys


def test_a_deletion_that_is_told_twice_touches_nothing_the_second_time(intake, queue):
    intake.observe("DELETED", THERE["crm"])
    queue.added.clear()
    intake.observe("DELETED", THERE["crm"])
    assert queue.added == set()


def test_an_event_that_is_told_twice_touches_nothing_the_second_time(intake, queue):
    change = make.changed(THERE["crm"], spec={"jobType": "x"})
    intake.observe("MODIFIED", change)
    queue.added.clear()
    intake.observe("MODIFIED", change)
    assert queue.added == set()


def test_a_connector_that_is_deleted_and_made_again_between_two_events_counts_as_new(intake, queue):
    intake.observe("MODIFIED", make.changed(THERE["crm"], uid="reborn"))
    assert queue.added == {CRM, MAIN, SPARE, GUARD}


def test_before_the_store_is_complete_nothing_is_touched_and_then_everything_once(queue):
    intake = Intake(Store(), queue)
    for obj in THERE.values():
        intake.observe(None, obj)
    intake.report(THERE["pod"], PodReport("main-1", None, "silent"))
    assert queue.added == set()
    intake.begin()
    assert queue.added == EVERYTHING


async def test_at_the_start_runtimes_come_before_the_connectors_that_wait_for_them():
    now = 0.0
    queue = WorkQueue(Schedule(), monotonic=lambda: now)
    intake = Intake(Store(), queue)
    for obj in THERE.values():
        intake.observe(None, obj)
    intake.begin()
    now = 1.0
    first = [(await queue.get()).key for _ in (MAIN, SPARE, BANK)]
    assert set(first) == {MAIN, SPARE, BANK}

"""The store: what it believes, and what a snapshot holds."""

import kube_objects as make
import pytest

from connector_operator.api.conditions import Reason
from connector_operator.domain.binding import Binding, Progress
from connector_operator.domain.objects import CONNECTOR, POD, ref_of
from connector_operator.domain.reports import PodReport
from connector_operator.domain.snapshot import Key
from connector_operator.engine.store import Store

RUNTIME = Key("ConnectorRuntime", "shop", "main")
CONNECTOR_KEY = Key("Connector", "shop", "crm")


@pytest.fixture
def store():
    store = Store()
    for obj in (make.namespace("shop", tier="gold"), make.runtime(), make.connector("crm")):
        store.upsert(obj)
    return store


def binding(runtime="main", reason=Reason.LOADED):
    return Binding(
        runtime=runtime, generation=1, problem=None, loaded=Progress.yes(reason), published=Progress.yes(Reason.PUBLISHED)
    )


def test_an_upsert_answers_the_previous_object(store):
    first = make.connector("mail")
    assert store.upsert(first) is None
    assert store.upsert(make.changed(first, spec={})) == first


def test_an_older_revision_does_not_replace_a_newer_one(store):
    old = make.connector("mail")
    new = make.changed(old, spec={"jobType": "new"})
    store.upsert(new)
    store.upsert(old)
    assert store.get(ref_of(old)) == new


def test_an_older_revision_replaces_a_newer_one_for_a_caller_who_knows_better(store):
    old = make.connector("mail")
    store.upsert(make.changed(old, spec={}))
    store.upsert(old, even_older=True)
    assert store.get(ref_of(old)) == old


def test_a_new_object_of_the_same_name_replaces_the_old_one_whatever_its_revision(store):
    reborn = make.connector("mail")
    first = make.changed(reborn, spec={})
    reborn["metadata"]["uid"] = "another"
    store.upsert(first)
    store.upsert(reborn)
    assert store.get(ref_of(reborn)) == reborn


def test_a_late_deletion_does_not_take_the_new_object_of_the_same_name(store):
    assert store.remove(ref_of(make.connector("crm")), uid="an-earlier-one") is None
    assert store.get(ref_of(make.connector("crm"))) is not None


def test_a_runtime_snapshot_holds_what_its_namespace_holds_in_a_fixed_order(store):
    for name in ("zebra", "ape"):
        store.upsert(make.connector(name))
        store.upsert(make.policy(name))
    store.upsert(make.source("code", a="1"))
    store.upsert(make.connector("stranger", namespace="elsewhere"))
    snapshot = store.runtime_snapshot(RUNTIME)
    assert [one["metadata"]["name"] for one in snapshot.connectors] == ["ape", "crm", "zebra"]
    assert [one["metadata"]["name"] for one in snapshot.namespace.policies] == ["ape", "zebra"]
    assert snapshot.namespace.labels["tier"] == "gold"
    assert snapshot.namespace.sources["code"]["data"] == {"a": "1"}


def test_a_runtime_snapshot_holds_the_objects_that_carry_its_label_and_no_others(store):
    mine, others = make.deployment("main"), make.deployment("other")
    for obj in (mine, others, make.pod("main-1"), make.deployment("main", namespace="elsewhere")):
        store.upsert(obj)
    owned = store.runtime_snapshot(RUNTIME).owned
    assert {(one["kind"], one["metadata"]["name"]) for one in owned} == {("Deployment", "main-worker"), ("Pod", "main-1")}


def test_an_object_that_changes_its_runtime_label_changes_its_runtime(store):
    pod = make.pod("main-1")
    store.upsert(pod)
    store.upsert(make.changed(pod, labels={**pod["metadata"]["labels"], "connectors.camunda.io/runtime": "other"}))
    assert store.runtime_snapshot(RUNTIME).owned == ()


def test_a_removed_object_is_in_no_snapshot(store):
    pod = make.pod("main-1")
    store.upsert(pod)
    store.remove(ref_of(pod))
    store.remove(ref_of(make.connector("crm")))
    snapshot = store.runtime_snapshot(RUNTIME)
    assert snapshot.owned == ()
    assert snapshot.connectors == ()


def test_a_config_map_of_ours_is_no_source(store):
    config_map = make.source("main-config-1")
    config_map["metadata"]["labels"] = {"connectors.camunda.io/part": "config"}
    store.upsert(config_map)
    assert store.runtime_snapshot(RUNTIME).namespace.sources == {}


def test_nothing_is_decided_in_a_namespace_whose_labels_are_not_known():
    store = Store()
    store.upsert(make.runtime())
    store.upsert(make.connector("crm"))
    assert store.runtime_snapshot(RUNTIME) is None
    assert store.connector_snapshot(CONNECTOR_KEY) is None


def test_where_namespaces_are_not_watched_one_counts_as_having_only_its_name():
    store = Store(knows_namespaces=False)
    store.upsert(make.runtime())
    assert store.runtime_snapshot(RUNTIME).namespace.labels == {"kubernetes.io/metadata.name": "shop"}


@pytest.mark.parametrize("take", ["runtime_snapshot", "connector_snapshot", "policy_snapshot"])
def test_there_is_no_snapshot_of_what_is_gone(store, take):
    assert getattr(store, take)(Key("any", "shop", "gone")) is None


def test_a_snapshot_does_not_change_with_the_store(store):
    snapshot = store.runtime_snapshot(RUNTIME)
    before = snapshot.connectors
    store.upsert(make.connector("mail"))
    store.upsert(make.changed(make.connector("crm"), spec={"jobType": "new"}))
    assert snapshot.connectors == before
    assert len(store.runtime_snapshot(RUNTIME).connectors) == 2


def test_a_policy_snapshot_holds_the_connectors_of_the_cluster_and_all_namespaces(store):
    store.upsert(make.policy("guard"))
    store.upsert(make.namespace("bank"))
    store.upsert(make.connector("pay", namespace="bank"))
    snapshot = store.policy_snapshot(Key("ConnectorPolicy", "", "guard"))
    assert [one["metadata"]["name"] for one in snapshot.connectors] == ["pay", "crm"]
    assert set(snapshot.namespaces) == {"shop", "bank"}


@pytest.mark.parametrize(
    "change",
    [
        make.changed(make.namespace("shop"), labels={"tier": "lead"}),
        make.policy("new"),
        make.source("new", a="1"),
        make.connector("new"),
        make.deployment("main"),
    ],
    ids=lambda obj: obj["kind"],
)
def test_every_snapshot_is_of_now(store, change):
    before = store.runtime_snapshot(RUNTIME)
    assert store.runtime_snapshot(RUNTIME) == before
    store.upsert(make.changed(change))
    changed = store.runtime_snapshot(RUNTIME)
    assert changed != before
    store.remove(ref_of(change))
    if change["kind"] != "Namespace":
        assert store.runtime_snapshot(RUNTIME) == before
    else:
        assert store.runtime_snapshot(RUNTIME) is None


def test_a_source_that_stops_being_one_is_in_no_later_snapshot(store):
    source = make.source("code", a="1")
    store.upsert(source)
    assert set(store.runtime_snapshot(RUNTIME).namespace.sources) == {"code"}
    store.upsert(make.changed(source, labels={"connectors.camunda.io/part": "mine"}))
    assert store.runtime_snapshot(RUNTIME).namespace.sources == {}


def test_a_report_is_news_once(store):
    store.upsert(make.pod("main-1"))
    assert store.set_report("shop", PodReport("main-1", None, "silent"))
    assert not store.set_report("shop", PodReport("main-1", None, "silent"))
    assert store.set_report("shop", PodReport("main-1", None, "still silent"))
    assert store.runtime_snapshot(RUNTIME).reports == {"main-1": PodReport("main-1", None, "still silent")}


def test_nothing_is_kept_about_a_pod_that_is_gone(store):
    pod = make.pod("main-1")
    store.upsert(pod)
    store.set_report("shop", PodReport("main-1", None, "silent"))
    store.remove(ref_of(pod))
    assert store.report("shop", "main-1") is None
    assert not store.set_report("shop", PodReport("main-1", None, "late"))
    assert store.report("shop", "main-1") is None


def test_bindings_that_differ_name_their_connectors(store):
    assert store.set_bindings(RUNTIME, {"crm": binding(), "mail": binding()}) == {
        CONNECTOR_KEY,
        Key("Connector", "shop", "mail"),
    }
    assert store.set_bindings(RUNTIME, {"crm": binding(), "mail": binding()}) == set()
    assert store.set_bindings(RUNTIME, {"crm": binding(reason=Reason.PENDING), "mail": binding()}) == {CONNECTOR_KEY}


def test_bindings_that_vanish_name_their_connectors(store):
    store.set_bindings(RUNTIME, {"crm": binding()})
    assert store.set_bindings(RUNTIME, {}) == {CONNECTOR_KEY}
    assert store.connector_snapshot(CONNECTOR_KEY).bindings == {}


def test_a_connector_snapshot_holds_its_bindings_by_runtime(store):
    store.upsert(make.runtime("second"))
    store.set_bindings(RUNTIME, {"crm": binding(), "mail": binding()})
    store.set_bindings(Key("ConnectorRuntime", "shop", "second"), {"crm": binding("second")})
    store.set_bindings(Key("ConnectorRuntime", "shop", "gone"), {"crm": binding("gone")})
    snapshot = store.connector_snapshot(CONNECTOR_KEY)
    assert snapshot.bindings == {"main": binding(), "second": binding("second")}
    assert [one["metadata"]["name"] for one in snapshot.runtimes] == ["main", "second"]


def test_sizes_and_keys_count_what_is_there(store):
    store.upsert(make.pod("main-1"))
    assert store.sizes()["pods"] == 1
    assert store.sizes()["connectors"] == 1
    assert store.keys(CONNECTOR) == {CONNECTOR_KEY}
    store.remove(ref_of(make.pod("main-1")))
    assert store.sizes()["pods"] == 0
    assert store.all(POD) == ()


def written_status(obj, **spec):
    """The answer to a status write, a revision later."""
    return make.changed(obj, status={"conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}]}, **spec)


def test_the_event_of_an_own_status_write_is_no_news(store):
    before = make.connector("mail")
    store.upsert(before)
    answer = written_status(before)
    store.acknowledge(answer)
    assert store.get(ref_of(before)) == answer
    assert store.upsert(answer) is store.get(ref_of(before))


def test_a_spec_that_changed_before_the_status_was_written_still_comes_as_news(store):
    before = make.connector("mail")
    store.upsert(before)
    edited = make.changed(before, spec={"jobType": "new"})
    store.acknowledge(written_status(edited))
    assert store.upsert(edited) == before
    assert store.get(ref_of(before)) == edited


def test_the_answer_to_a_status_write_does_not_bring_back_what_is_gone(store):
    gone = make.connector("mail")
    store.upsert(gone)
    store.remove(ref_of(gone))
    store.acknowledge(written_status(gone))
    assert store.get(ref_of(gone)) is None


def test_custom_resources_are_counted_by_the_reason_of_their_ready_condition(store):
    mail = make.connector("mail")
    store.upsert(mail)
    assert store.ready_reasons() == {}
    ready = written_status(mail)
    store.upsert(ready)
    assert store.ready_reasons() == {("Connector", "Ready"): 1}
    store.upsert(make.changed(ready, status={"conditions": [{"type": "Ready", "status": "False", "reason": "LoadFailed"}]}))
    assert store.ready_reasons() == {("Connector", "LoadFailed"): 1}
    store.remove(ref_of(mail))
    assert store.ready_reasons() == {}

"""The adapter at a real API server: the same contract as the one in memory, and what only the real one can tell."""

import asyncio
from dataclasses import dataclass

import cluster_hands
import kube_contract
import kube_objects as make
import pytest

from connector_operator.cluster import client
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.events import EventRecorder
from connector_operator.cluster.permissions import PERMISSIONS
from connector_operator.cluster.port import ApiRejected, ApiUnavailable
from connector_operator.domain.objects import CONFIG_MAP, CONNECTOR, POD, ObjectRef, uid_of
from connector_operator.engine.startup import missing_parts


@pytest.fixture
def home(hands):
    return hands.namespace


@pytest.fixture
def calls():
    return []


@pytest.fixture
async def api(kube_config, calls):
    async with ClusterApi(Connection(kube_config), calls.append) as api:
        yield api


@dataclass
class Neighbour:
    """Another field manager, by the official client."""

    hands: cluster_hands.Hands

    async def put(self, manifest):
        return await asyncio.to_thread(self.hands.put, manifest)

    async def put_status(self, ref, status):
        return await asyncio.to_thread(self._apply_status, ref, status)

    def _apply_status(self, ref, status):
        resource = self.hands.api.resources.get(api_version=ref.kind.api_version, kind=ref.kind.kind)
        manifest = {"apiVersion": ref.kind.api_version, "kind": ref.kind.kind, "metadata": {"name": ref.name}, "status": status}
        return resource.status.patch(
            body=manifest,
            name=ref.name,
            namespace=ref.namespace,
            content_type="application/apply-patch+yaml",
            field_manager="neighbour",
        ).to_dict()


@pytest.fixture
def others(hands):
    return Neighbour(hands)


class TestContract(kube_contract.KubeApiContract):
    pass


async def test_a_list_of_several_pages_is_complete(api, home, monkeypatch):
    monkeypatch.setattr(client, "PAGE", 3)
    for number in range(8):
        await api.apply(kube_contract.config_map(home, name=f"settings-{number}"))
    listed = await api.list_metadata(CONFIG_MAP, namespace=home, labelled=True)
    assert [one.ref.name for one in listed] == [f"settings-{number}" for number in range(8)]


async def test_a_list_of_nothing_is_empty(api, home):
    assert await api.list_metadata(CONNECTOR, namespace=home, labelled=False) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda pod: pod.update(imagined=True),
        lambda pod: pod["containers"][0].update(imagined={"a": 1}),
        lambda pod: pod["containers"][0].update(ports="http"),
    ],
    ids=["an unknown field of the pod", "an unknown field of a container", "a wrong type"],
)
async def test_a_manifest_that_the_schema_does_not_know_is_rejected_once_and_for_all(api, home, change):
    manifest = kube_contract.deployment(home)
    change(manifest["spec"]["template"]["spec"])
    with pytest.raises(ApiRejected):
        await api.apply(manifest)


async def test_a_connector_that_its_schema_refuses_is_not_there_for_us_either(hands, home, api):
    with pytest.raises(Exception, match="spec"):
        hands.put({**kube_contract.connector(home), "spec": {}})
    assert await api.get(ObjectRef(CONNECTOR, home, "crm")) is None


async def test_an_event_is_shown_below_its_object(api, hands, home):
    made = hands.put(kube_contract.connector(home))
    recorder = EventRecorder(api, monotonic=lambda: 0.0)
    running = asyncio.create_task(recorder.run())
    recorder.record(made, "Warning", "LoadFailed", "cannot load 'crm': no such module")
    await recorder.drain()
    running.cancel()
    (event,) = hands.every("Event")
    assert event["involvedObject"]["uid"] == uid_of(made)
    assert (event["reason"], event["message"]) == ("LoadFailed", "cannot load 'crm': no such module")


async def test_an_event_about_a_cluster_wide_object_is_accepted(api, calls):
    recorder = EventRecorder(api, monotonic=lambda: 0.0)
    running = asyncio.create_task(recorder.run())
    recorder.record(make.policy("guard"), "Normal", "Checked", "all is well")
    await recorder.drain()
    running.cancel()
    assert [(call.verb, call.result) for call in calls] == [("create", "ok")]


async def test_an_administrator_misses_nothing(api):
    kinds = [one.kind for one in PERMISSIONS]
    assert await missing_parts(api, kinds, ()) == []


@pytest.fixture
async def nobody(kube_config, hands, tmp_path):
    """The API as a ServiceAccount without any right sees it."""
    kubeconfig = cluster_hands.service_account_kubeconfig(hands, kube_config, "nobody", tmp_path / "kubeconfig")
    seen = []
    async with ClusterApi(Connection(kubeconfig), seen.append) as api:
        yield api


async def test_without_rights_every_permission_is_named(nobody):
    kinds = [one.kind for one in PERMISSIONS]
    missing = await missing_parts(nobody, kinds, ())
    assert len(missing) == sum(len(one.verbs) for one in PERMISSIONS)


async def test_without_rights_a_call_is_rejected_in_the_servers_own_words(nobody, home):
    with pytest.raises(ApiRejected, match=r"cannot apply ConfigMap .*403.*is forbidden"):
        await nobody.apply(kube_contract.config_map(home))
    with pytest.raises(ApiRejected, match="cannot list pods"):
        await nobody.list_metadata(POD, labelled=True)


async def test_who_may_not_write_any_more_is_refused_before_the_call(api, home, calls):
    allowed = True
    api.write_only_while(lambda: allowed)
    made = await api.apply(kube_contract.config_map(home))
    allowed = False
    before = len(calls)
    for write in (
        api.apply(kube_contract.config_map(home, name="other")),
        api.delete(ObjectRef(CONFIG_MAP, home, "settings"), uid=uid_of(made)),
        api.apply_status(ObjectRef(CONNECTOR, home, "crm"), uid="", status={}),
        api.create_event({"metadata": {"namespace": home, "name": "e"}}),
    ):
        with pytest.raises(ApiUnavailable, match="another operator may have the lease by now"):
            await write
    assert len(calls) == before
    assert await api.get(ObjectRef(CONFIG_MAP, home, "settings")) is not None

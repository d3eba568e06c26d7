"""The API server in memory keeps the contract that the real one is tested for, and what only a fake can be asked."""

from dataclasses import dataclass

import kube_contract
import kube_ssa
import pytest
from kube_fake import KubeFake

from connector_operator.cluster.port import ApiRejected, ApiUnavailable
from connector_operator.domain.objects import CONFIG_MAP, CONNECTOR, DEPLOYMENT, NAMESPACE, ObjectRef, ref_of, uid_of


@pytest.fixture
def fake():
    fake = KubeFake()
    fake.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "home"}})
    return fake


@pytest.fixture
def api(fake):
    return fake


@pytest.fixture
def home():
    return "home"


@dataclass
class Neighbours:
    """Other field managers, who apply, too."""

    fake: KubeFake

    async def put(self, manifest):
        ref = ref_of(manifest)
        live = self.fake.objects.get(ref)
        merged = kube_ssa.apply(dict(live), {}, "neighbour", manifest)[0] if live else manifest
        return self.fake.put(merged)

    async def put_status(self, ref, status):
        live = self.fake.objects[ref]
        merged = kube_ssa.apply({"status": live.get("status", {})}, {}, "neighbour", {"status": status})[0]
        return self.fake.put_status(ref, merged["status"])


@pytest.fixture
def others(fake):
    return Neighbours(fake)


class TestContract(kube_contract.KubeApiContract):
    pass


async def test_writes_are_recorded_in_their_order(fake, home):
    applied = await fake.apply(kube_contract.config_map(home))
    await fake.delete(ref_of(applied), uid=uid_of(applied))
    assert fake.writes == [("apply", ref_of(applied)), ("delete", ref_of(applied))]
    fake.clear_writes()
    assert fake.writes == []


async def test_a_fault_before_the_commit_leaves_nothing_behind(fake, home):
    ref = ObjectRef(CONFIG_MAP, home, "settings")
    fake.fail_next("apply", CONFIG_MAP, ApiUnavailable("apply", ref, status=503))
    with pytest.raises(ApiUnavailable):
        await fake.apply(kube_contract.config_map(home))
    assert ref not in fake.objects
    assert fake.writes == []
    await fake.apply(kube_contract.config_map(home))


async def test_a_fault_after_the_commit_leaves_the_write_behind(fake, home):
    ref = ObjectRef(CONFIG_MAP, home, "settings")
    fake.fail_next("apply", CONFIG_MAP, ApiUnavailable("apply", ref, status=504), after_commit=True)
    with pytest.raises(ApiUnavailable):
        await fake.apply(kube_contract.config_map(home))
    assert ref in fake.objects
    assert fake.writes == [("apply", ref)]


def test_a_fault_needs_a_method_that_exists(fake):
    with pytest.raises(ValueError, match="no such method"):
        fake.fail_next("patch", CONFIG_MAP, ApiUnavailable("patch", ObjectRef(CONFIG_MAP, "", "")))


async def test_watchers_hear_what_is_there_and_every_change(fake, home):
    heard = []
    fake.watch(lambda event_type, obj: heard.append((event_type, ref_of(obj).name)))
    applied = await fake.apply(kube_contract.config_map(home))
    await fake.apply(kube_contract.config_map(home))
    await fake.apply(kube_contract.config_map(home, a="1"))
    await fake.delete(ref_of(applied), uid=uid_of(applied))
    assert heard == [("ADDED", "home"), ("ADDED", "settings"), ("MODIFIED", "settings"), ("DELETED", "settings")]


async def test_what_an_object_owns_goes_with_it(fake, home):
    owner = fake.put(kube_contract.connector(home))
    owned = kube_contract.config_map(home)
    owned["metadata"]["ownerReferences"] = [{"kind": "Connector", "name": "crm", "uid": uid_of(owner)}]
    applied = await fake.apply(owned)
    fake.remove(ref_of(owner))
    assert ref_of(applied) not in fake.objects


async def test_a_namespace_takes_everything_in_it_along(fake, home):
    await fake.apply(kube_contract.config_map(home))
    fake.remove(ObjectRef(NAMESPACE, "", home))
    assert fake.objects == {}


async def test_a_namespace_on_its_way_out_takes_nothing_in(fake, home):
    metadata = {"name": home, "deletionTimestamp": "2026-01-01T00:00:00Z"}
    fake.put({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    with pytest.raises(ApiRejected, match="being terminated"):
        await fake.apply(kube_contract.config_map(home))


async def test_the_operator_has_no_right_to_the_status_of_a_deployment(fake, home):
    applied = await fake.apply(kube_contract.deployment(home))
    with pytest.raises(ApiRejected):
        await fake.apply_status(ref_of(applied), uid=uid_of(applied), status={"replicas": 3})


async def test_the_server_adds_defaults_that_nobody_applied(fake, home):
    applied = await fake.apply(kube_contract.deployment(home))
    assert applied["spec"]["replicas"] == 1
    assert await fake.apply(kube_contract.deployment(home)) == applied


def test_objects_are_copies(fake, home):
    made = fake.put(kube_contract.connector(home))
    fake.objects[ref_of(made)]["spec"]["jobType"] = "changed"
    assert fake.objects[ref_of(made)]["spec"] == made["spec"]


async def test_denied_verbs_are_denied(fake):
    fake.denied.add(("patch", "connectors/status"))
    assert not await fake.can_i("patch", CONNECTOR, subresource="status")
    assert await fake.can_i("patch", DEPLOYMENT)

"""What every `KubeApi` does: the same tests for the API server in memory and for a real one.

A test class inherits `KubeApiContract` and gives the fixtures `api` (the operator's own access), `others` (everybody else's
hands), and `home`, the name of a namespace that exists and is empty.
"""

from typing import Any, Protocol

import pytest

from connector_operator.api.kinds import API_VERSION, CONNECTOR, GROUP, Kind
from connector_operator.cluster.port import LEASE, ApiConflict, ApiGone, ApiRejected, KubeApi, LeaseApi
from connector_operator.domain.objects import (
    CONFIG_MAP,
    DEPLOYMENT,
    PART_LABEL,
    Object,
    ObjectRef,
    list_at,
    ref_of,
    uid_of,
)


class Others(Protocol):
    """Users and other controllers."""

    async def put(self, manifest: dict[str, Any]) -> Object:
        """Create or change an object as another field manager, with exactly these fields of its own."""
        ...

    async def put_status(self, ref: ObjectRef, status: dict[str, Any]) -> Object:
        """Change an object's status as another field manager."""
        ...


def config_map(home: str, name: str = "settings", **data: str) -> dict[str, Any]:
    """A ConfigMap of ours."""
    metadata = {"name": name, "namespace": home, "labels": {PART_LABEL: "config"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def connector(home: str, name: str = "crm") -> dict[str, Any]:
    """A Connector that every schema accepts."""
    spec = {"jobType": f"io.acme:{name}:1", "source": {"builtin": "http-json"}}
    return {"apiVersion": API_VERSION, "kind": "Connector", "metadata": {"name": name, "namespace": home}, "spec": spec}


def deployment(home: str, name: str = "worker") -> dict[str, Any]:
    """A Deployment that leaves its replicas to others."""
    labels = {"app": name}
    container = {"name": "runtime", "image": "registry.example/runtime:1"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": name, "namespace": home, "labels": {PART_LABEL: "worker"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def condition(kind: str, status: str) -> dict[str, Any]:
    """A condition as the CRDs want it."""
    return {
        "type": kind,
        "status": status,
        "reason": "Tested",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }


def revision(obj: Object) -> str:
    """The resource version."""
    return str(obj["metadata"]["resourceVersion"])


class KubeApiContract:
    """Inherit it; see the module."""

    async def test_there_is_none_of_an_unknown_name(self, api: KubeApi, home: str):
        assert await api.get(ObjectRef(CONFIG_MAP, home, "nothing")) is None

    async def test_apply_creates_and_get_reads_it_back(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home, a="1"))
        read = await api.get(ref_of(applied))
        assert read is not None
        assert uid_of(read) == uid_of(applied) != ""
        assert read["data"] == {"a": "1"}

    async def test_applying_the_same_again_changes_nothing(self, api: KubeApi, home: str):
        first = await api.apply(config_map(home, a="1"))
        assert revision(await api.apply(config_map(home, a="1"))) == revision(first)

    async def test_what_is_no_longer_applied_is_removed(self, api: KubeApi, home: str):
        await api.apply(config_map(home, a="1", b="2"))
        assert (await api.apply(config_map(home, a="1")))["data"] == {"a": "1"}

    async def test_what_others_added_stays(self, api: KubeApi, others: Others, home: str):
        await api.apply(config_map(home, a="1"))
        await others.put(config_map(home, theirs="x"))
        assert (await api.apply(config_map(home, a="2")))["data"] == {"a": "2", "theirs": "x"}

    async def test_what_others_changed_is_taken_back(self, api: KubeApi, others: Others, home: str):
        await api.apply(config_map(home, a="1"))
        await others.put(config_map(home, a="hijacked"))
        assert (await api.apply(config_map(home, a="1")))["data"] == {"a": "1"}

    async def test_a_field_that_was_never_applied_is_left_to_others(self, api: KubeApi, others: Others, home: str):
        await api.apply(deployment(home))
        scaled = deployment(home)
        scaled["spec"]["replicas"] = 5
        await others.put(scaled)
        changed = deployment(home)
        changed["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/runtime:2"
        applied = await api.apply(changed)
        assert applied["spec"]["replicas"] == 5
        assert list_at(applied, "spec", "template", "spec", "containers")[0]["image"] == "registry.example/runtime:2"

    async def test_a_change_of_the_spec_raises_the_generation(self, api: KubeApi, home: str):
        first = await api.apply(deployment(home))
        changed = deployment(home)
        changed["spec"]["paused"] = True
        assert (await api.apply(changed))["metadata"]["generation"] == first["metadata"]["generation"] + 1

    async def test_a_manifest_with_another_uid_is_a_conflict(self, api: KubeApi, home: str):
        await api.apply(config_map(home, a="1"))
        mistaken = config_map(home, a="2")
        mistaken["metadata"]["uid"] = "00000000-0000-4000-8000-00000000dead"
        with pytest.raises(ApiConflict, match="cannot apply ConfigMap"):
            await api.apply(mistaken)

    async def test_a_manifest_with_a_revision_is_applied_where_nothing_is_and_to_no_other_revision(self, api: KubeApi, home: str):
        manifest = config_map(home, a="1")
        manifest["metadata"]["resourceVersion"] = "1"
        made = await api.apply(manifest)
        with pytest.raises(ApiConflict, match="cannot apply ConfigMap"):
            await api.apply(manifest)
        assert await api.get(ref_of(made)) == made
        manifest["metadata"]["resourceVersion"] = revision(made)
        assert revision(await api.apply(manifest | {"data": {"a": "2"}})) != revision(made)

    async def test_nothing_can_be_applied_in_a_namespace_that_is_not_there(self, api: KubeApi):
        with pytest.raises(ApiGone, match="not found"):
            await api.apply(config_map("nowhere"))

    async def test_an_immutable_config_map_refuses_other_data(self, api: KubeApi, home: str):
        await api.apply({**config_map(home, a="1"), "immutable": True})
        with pytest.raises(ApiRejected, match="immutable"):
            await api.apply({**config_map(home, a="2"), "immutable": True})

    async def test_an_invalid_name_is_rejected(self, api: KubeApi, home: str):
        with pytest.raises(ApiRejected):
            await api.apply(config_map(home, name="Not_A_Name"))

    async def test_a_selector_cannot_change(self, api: KubeApi, home: str):
        await api.apply(deployment(home))
        other = deployment(home)
        other["spec"]["selector"] = {"matchLabels": {"app": "other"}}
        other["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
        with pytest.raises(ApiRejected, match="immutable"):
            await api.apply(other)

    async def test_delete_takes_the_object_that_is_meant(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home))
        await api.delete(ref_of(applied), uid=uid_of(applied))
        assert await api.get(ref_of(applied)) is None

    async def test_delete_spares_another_object_of_the_same_name(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home))
        with pytest.raises(ApiConflict, match="cannot delete ConfigMap"):
            await api.delete(ref_of(applied), uid="00000000-0000-4000-8000-00000000dead")
        assert await api.get(ref_of(applied)) is not None

    async def test_deleting_what_is_gone_is_done(self, api: KubeApi, home: str):
        await api.delete(ObjectRef(CONFIG_MAP, home, "nothing"), uid="00000000-0000-4000-8000-00000000dead")

    async def test_a_list_names_objects_with_uid_and_revision(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home))
        (only,) = await api.list_metadata(CONFIG_MAP, namespace=home, labelled=True)
        assert (only.ref, only.uid, only.resource_version) == (ref_of(applied), uid_of(applied), revision(applied))

    async def test_a_labelled_list_leaves_out_what_has_no_label(self, api: KubeApi, others: Others, home: str):
        unlabelled = config_map(home, name="users-own")
        del unlabelled["metadata"]["labels"]
        await others.put(unlabelled)
        await api.apply(config_map(home))
        labelled = await api.list_metadata(CONFIG_MAP, namespace=home, labelled=True)
        everything = await api.list_metadata(CONFIG_MAP, namespace=home, labelled=False)
        assert [one.ref.name for one in labelled] == ["settings"]
        assert {"settings", "users-own"} <= {one.ref.name for one in everything}

    async def test_a_list_of_whole_objects_is_of_what_is_read_one_by_one(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home, theme="dark"))
        (only,) = await api.list_objects(CONFIG_MAP, namespace=home, labelled=True)
        assert only == await api.get(ref_of(applied))

    async def test_what_is_put_exactly_follows_the_revision_that_it_names(self, api: LeaseApi, home: str):
        ref = ObjectRef(LEASE, home, "writer")
        manifest = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": {"holderIdentity": "a"}}
        metadata = {"name": ref.name, "namespace": home}
        assert await api.get(ref) is None
        made = await api.put_exactly(ref, manifest | {"metadata": metadata})
        with pytest.raises(ApiConflict):
            await api.put_exactly(ref, manifest | {"metadata": metadata})
        stale = metadata | {"resourceVersion": revision(made)}
        await api.put_exactly(ref, manifest | {"metadata": stale, "spec": {"holderIdentity": "b"}})
        with pytest.raises(ApiConflict):
            await api.put_exactly(ref, manifest | {"metadata": stale})
        live = await api.get(ref)
        assert live is not None
        assert live["spec"]["holderIdentity"] == "b"

    async def test_a_list_without_a_namespace_is_of_all(self, api: KubeApi, home: str):
        applied = await api.apply(config_map(home))
        assert ref_of(applied) in {one.ref for one in await api.list_metadata(CONFIG_MAP, labelled=True)}

    async def test_a_kind_that_is_not_served_is_gone(self, api: KubeApi):
        unknown = Kind(GROUP, "v1alpha1", "Plugin", "plugins")
        assert not await api.serves(unknown)
        with pytest.raises(ApiGone):
            await api.list_metadata(unknown, labelled=False)

    async def test_our_kinds_are_served(self, api: KubeApi):
        assert await api.serves(CONNECTOR)
        assert await api.serves(DEPLOYMENT)

    async def test_a_status_is_written_beside_the_spec(self, api: KubeApi, others: Others, home: str):
        made = await others.put(connector(home))
        written = await api.apply_status(
            ref_of(made), uid=uid_of(made), status={"observedGeneration": 1, "conditions": [condition("Ready", "True")]}
        )
        assert written["spec"] == made["spec"]
        assert written["metadata"]["generation"] == made["metadata"]["generation"]
        assert list_at(written, "status", "conditions")[0]["status"] == "True"

    async def test_the_same_status_again_changes_nothing(self, api: KubeApi, others: Others, home: str):
        made = await others.put(connector(home))
        status = {"conditions": [condition("Ready", "True")]}
        first = await api.apply_status(ref_of(made), uid=uid_of(made), status=status)
        assert revision(await api.apply_status(ref_of(made), uid=uid_of(made), status=status)) == revision(first)

    async def test_conditions_merge_by_type_and_ours_go_when_no_longer_true(self, api: KubeApi, others: Others, home: str):
        made = await others.put(connector(home))
        both = {"conditions": [condition("Ready", "False"), condition("Stalled", "True")]}
        await api.apply_status(ref_of(made), uid=uid_of(made), status=both)
        await others.put_status(ref_of(made), {"conditions": [condition("Audited", "True")]})
        alone = {"conditions": [condition("Ready", "True")]}
        written = await api.apply_status(ref_of(made), uid=uid_of(made), status=alone)
        kept = {one["type"]: one["status"] for one in list_at(written, "status", "conditions")}
        assert kept == {"Ready": "True", "Audited": "True"}

    async def test_a_status_that_met_another_object_of_the_same_name_is_a_conflict(self, api: KubeApi, others: Others, home: str):
        made = await others.put(connector(home))
        with pytest.raises(ApiConflict, match="cannot apply the status of Connector"):
            await api.apply_status(ref_of(made), uid="00000000-0000-4000-8000-00000000dead", status={"observedGeneration": 7})

    async def test_there_is_no_status_of_what_is_gone(self, api: KubeApi, home: str):
        with pytest.raises(ApiGone):
            await api.apply_status(ObjectRef(CONNECTOR, home, "gone"), uid="", status={"observedGeneration": 1})

    async def test_an_event_must_be_about_an_object_of_its_namespace(self, api: KubeApi, home: str):
        event: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "crm.1", "namespace": home},
            "involvedObject": {"apiVersion": API_VERSION, "kind": "Connector", "name": "crm", "namespace": "elsewhere"},
            "type": "Normal",
            "reason": "Tested",
            "message": "",
        }
        with pytest.raises(ApiRejected):
            await api.create_event(event)
        event["involvedObject"]["namespace"] = home
        await api.create_event(event)

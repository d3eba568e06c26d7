"""Bad input costs its own object a condition that says what to do; what ran keeps running, neighbours are untouched."""

from typing import Any

import pytest
from scenario_world import World, element_template

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cluster.port import ApiRejected
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT, SERVICE_ACCOUNT, ObjectRef


@pytest.fixture
async def world() -> World:
    """The samples and a Connector `probe` beside them, rolled out and loaded; the policy allows more than the sample's."""
    world = World()
    names = {"http": "http-json", "crm-lookup": "acme.io:crm-lookup:1", "probe": "probe"}
    world.pods.templates = {name: [element_template(template)] for name, template in names.items()}
    world.apply("connectors.yaml", "runtime.yaml")
    world.put(_probe())
    await world.settle()
    world.roll_out()
    await world.settle()
    for name in names:
        assert world.condition(CONNECTOR, name, "Ready") == ("True", "Ready")
    return world


def _probe(name: str = "probe", **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"team": "shop"}}
    spec = {"jobType": f"acme.io:{name}:1", "source": {"builtin": "http-json"}} | spec
    return {"apiVersion": CONNECTOR.api_version, "kind": "Connector", "metadata": metadata, "spec": spec}


def _source(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"connectors.camunda.io/part": "source"}}
    files = {key.replace("__", "."): text for key, text in data.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": files}


def _untouched(world: World) -> None:
    for name in ("http", "crm-lookup"):
        assert world.condition(CONNECTOR, name, "Ready") == ("True", "Ready")
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("True", "Ready")


async def _recovers(world: World) -> None:
    world.put(_probe())
    await world.settle()
    world.roll_out()
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Ready") == ("True", "Ready")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("LoadFailed", "there is no connector 'no-such-thing' in this image; it has http-json"),
        ("LoadFailed", "cannot import 'probe.py': line 3: invalid syntax"),
        ("SettingsInvalid", "cannot use the settings: region: field required; correct spec.settings"),
    ],
)
async def test_what_a_pod_cannot_load_is_told_in_the_pods_words(world: World, state: str, message: str) -> None:
    world.put(_probe(source={"builtin": "no-such-thing"}))
    await world.settle()
    world.roll_out(reports={"probe": {"state": state, "message": message}})
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Ready") == ("False", state)
    assert world.condition(CONNECTOR, "probe", "Stalled") == ("True", state)
    assert message in world.message(CONNECTOR, "probe")
    _untouched(world)
    assert world.get(CONNECTOR_RUNTIME, "shop")["status"]["notReady"] == [{"name": "probe", "reason": state}]
    assert world.get(CONNECTOR_RUNTIME, "shop")["status"]["connectors"]["summary"] == "2/3"
    await _recovers(world)


@pytest.mark.parametrize(
    ("spec", "reason", "message"),
    [
        (
            {"source": {"builtin": "http-json", "configMap": {"name": "a", "entryPoint": "a:b"}}},
            "InvalidSpec",
            "spec.source: needs exactly one of builtin, configMap",
        ),
        ({"jobType": "no spaces"}, "InvalidSpec", "spec.jobType: string should match pattern"),
        ({"settings": {"text": "x" * 40_000}}, "InvalidSpec", "spec.settings: at most 32768 bytes of JSON"),
        ({"source": {"configMap": {"name": "gone", "entryPoint": "a:b"}}}, "SourceNotFound", "kubectl label configmap gone"),
        ({"jobType": "io.camunda:http-json:1"}, "JobTypeConflict", "with the older Connector 'http'"),
    ],
)
async def test_a_bad_edit_keeps_the_last_good_version_running(
    world: World, spec: dict[str, Any], reason: str, message: str
) -> None:
    before = world.template_hash()
    world.put(_probe(**spec))
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Ready") == ("False", reason)
    assert message in world.message(CONNECTOR, "probe")
    assert world.template_hash() == before
    assert sorted(world.served()) == ["crm-lookup", "http", "probe"]
    assert "probe-v1.json" in world.catalogue()
    _untouched(world)
    world.restart()
    await world.settle()
    assert world.template_hash() == before
    world.put(_probe())
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Ready") == ("True", "Ready")


@pytest.mark.parametrize("spec", [{"source": {}}, {"jobType": "io.camunda:http-json:1"}, {"timeout": "soon"}])
async def test_a_connector_that_was_never_good_has_no_effect(world: World, spec: dict[str, Any]) -> None:
    before = world.template_hash()
    world.put(_probe("bad", **spec))
    await world.settle()
    assert world.condition(CONNECTOR, "bad", "Accepted")[0] == "False"
    assert world.template_hash() == before
    _untouched(world)


async def test_when_the_older_of_two_goes_the_younger_takes_over_its_job_type(world: World) -> None:
    world.put(_probe("younger", jobType="acme.io:probe:1"))
    await world.settle()
    assert world.condition(CONNECTOR, "younger", "Accepted") == ("False", "JobTypeConflict")
    assert "younger" not in world.served()
    world.delete(CONNECTOR, "probe")
    await world.settle()
    assert "younger" in world.served()
    world.roll_out()
    await world.settle()
    assert world.condition(CONNECTOR, "younger", "Loaded") == ("True", "Loaded")


@pytest.mark.parametrize("text", ["not JSON", "[" * 100_000, '{"id": "\\ud800"}', "NaN", "[]1"])
async def test_an_element_template_that_is_not_one_costs_only_its_own_connector(world: World, text: str) -> None:
    world.put(_source("given", t__json=text))
    world.put(_probe(elementTemplates=[{"configMapKeyRef": {"name": "given", "key": "t.json"}}]))
    await world.settle()
    world.roll_out()
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Loaded") == ("True", "Loaded")
    assert world.condition(CONNECTOR, "probe", "Ready") == ("False", "InvalidElementTemplate")
    assert "spec.elementTemplates[0]: ConfigMap 'given' key 't.json'" in world.message(CONNECTOR, "probe")
    _untouched(world)
    world.put(_source("given", t__json="[]"))
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Ready") == ("True", "Ready")


async def test_a_catalogue_that_somebody_damages_is_repaired(world: World) -> None:
    before = world.catalogue()
    world.edit(CONFIG_MAP, "shop-element-templates", lambda obj: obj["data"].update({"probe-v1.json": "{"}))
    await world.settle()
    assert world.catalogue() == before
    _untouched(world)


@pytest.mark.parametrize("part", ["config", "accepted", "catalogue", "source-copy", "worker"])
async def test_a_config_map_with_our_labels_that_is_not_ours_is_left_alone_and_breaks_nothing(world: World, part: str) -> None:
    labels = {"connectors.camunda.io/part": part, "connectors.camunda.io/runtime": "shop"}
    data = {"config.json": "[[", "accepted.json": '{"http": {}}', "x.json": "{"}
    world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "labels": labels}, "data": data})
    world.kube.clear_writes()
    await world.settle()
    assert world.kube.writes == []
    assert world.get(CONFIG_MAP, "theirs")["data"] == data


async def test_missing_secrets_are_named_and_their_arrival_needs_no_roll_out(world: World) -> None:
    before, (pod,) = world.template_hash(), [ref.name for ref in world.kube.objects if ref.kind.kind == "Pod"]
    world.report(pod, {"crm-lookup": {"state": "SecretsMissing", "secretsMissing": ["CRM_TOKEN"]}})
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("False", "SecretsMissing")
    assert world.message(CONNECTOR, "crm-lookup") == (
        "missing 'CRM_TOKEN' (Secret 'crm', key 'token'): create it in this namespace; "
        "the Connector's jobs wait in Zeebe until then"
    )
    world.report(pod, {})
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("True", "Ready")
    assert world.template_hash() == before


@pytest.mark.parametrize(("state", "waits"), [("GatewayUnreachable", "Reconciling"), ("Unauthenticated", "Stalled")])
async def test_a_gateway_that_cannot_be_used_is_the_runtimes_reason_with_its_address(
    world: World, state: str, waits: str
) -> None:
    world.roll_out(gateway=state)
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("False", state)
    assert world.condition(CONNECTOR_RUNTIME, "shop", waits) == ("True", state)
    assert "grpc://zeebe-gateway.camunda:26500: connection refused" in world.message(CONNECTOR_RUNTIME, "shop")


async def test_a_policy_that_allows_nothing_empties_the_worker_and_its_end_fills_it_again(world: World) -> None:
    nothing = {"apiVersion": CONNECTOR_POLICY.api_version, "kind": "ConnectorPolicy", "metadata": {"name": "nothing"}, "spec": {}}
    world.put(nothing)
    await world.settle()
    assert world.served() == []
    for name in ("http", "crm-lookup", "probe"):
        assert world.condition(CONNECTOR, name, "Ready") == ("False", "RefusedByPolicy")
    world.delete(CONNECTOR_POLICY, "nothing")
    await world.settle()
    world.roll_out()
    await world.settle()
    _untouched(world)


async def test_a_policy_that_only_audits_is_told_and_changes_nothing(world: World) -> None:
    before, meta = world.template_hash(), {"name": "watch"}
    spec = {"enforcement": "Audit"}
    world.put({"apiVersion": CONNECTOR_POLICY.api_version, "kind": "ConnectorPolicy", "metadata": meta, "spec": spec})
    await world.settle()
    assert world.condition(CONNECTOR, "probe", "Accepted") == ("True", "Accepted")
    assert world.message(CONNECTOR, "probe", "Accepted").startswith("audit: ConnectorPolicy 'watch' allows no job type")
    assert world.template_hash() == before
    _untouched(world)


async def test_a_disabled_catalogue_keeps_nobody_from_being_ready(world: World) -> None:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(catalogue={"enabled": False}))
    await world.settle()
    labels = world.get(CONFIG_MAP, "shop-element-templates")["metadata"]["labels"]
    assert "connectors.camunda.io/element-templates" not in labels
    assert world.condition(CONNECTOR, "http", "Published") == ("False", "Disabled")
    _untouched(world)


async def test_an_object_of_somebody_else_under_our_name_stops_the_runtime_and_stays_theirs() -> None:
    world = World()
    theirs = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop-worker", "labels": {"theirs": "yes"}}}
    world.put(theirs)
    world.apply("connectors.yaml", "runtime.yaml")
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("False", "NotOwned")
    assert world.message(CONNECTOR_RUNTIME, "shop") == (
        "ServiceAccount shop/shop-worker exists and does not belong to this ConnectorRuntime: it is left untouched; "
        "delete it, or rename the runtime"
    )
    assert world.get(SERVICE_ACCOUNT, "shop-worker")["metadata"]["labels"] == {"theirs": "yes"}
    assert world.names(DEPLOYMENT) == []
    world.delete(SERVICE_ACCOUNT, "shop-worker")
    await world.settle()
    assert world.names(DEPLOYMENT) == ["shop-worker"]


async def test_what_the_api_server_refuses_is_told_with_its_words_and_leaves_what_runs(world: World) -> None:
    before = world.template_hash()
    ref = ObjectRef(DEPLOYMENT, "shop", "shop-worker")
    refusal = ApiRejected("apply", ref, status=422, message="spec.template: Invalid value")
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(image="acme/other:2"))
    world.kube.fail_next("apply", DEPLOYMENT, refusal)
    await world.round()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "InvalidSpec")
    assert world.message(CONNECTOR_RUNTIME, "shop") == (
        "Deployment shop/shop-worker is refused by the API server: spec.template: Invalid value"
    )
    assert world.template_hash() == before
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("True", "Accepted")
    assert world.template_hash() != before


async def test_a_runtime_that_becomes_invalid_keeps_its_worker_and_recovers(world: World) -> None:
    before = world.template_hash()
    good = world.get(CONNECTOR_RUNTIME, "shop")["spec"]
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(camunda={"grpcAddress": "zeebe"}))
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "InvalidSpec")
    assert world.template_hash() == before
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj.update(spec=good))
    await world.settle()
    assert world.template_hash() == before
    _untouched(world)

"""From three sample files to a worker, its catalogue and statuses; each change ends where it should and nothing else moves."""

import pytest
from scenario_world import World

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT, POD_DISRUPTION_BUDGET, SERVICE, SERVICE_ACCOUNT


@pytest.fixture
async def world() -> World:
    """The samples applied, rolled out and loaded."""
    world = World()
    world.bring_samples()
    await world.settle_rolled_out()
    return world


async def test_before_anything_runs_every_resource_says_what_it_waits_for() -> None:
    world = World()
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Accepted") == ("True", "Accepted")
    assert world.condition(CONNECTOR, "http", "Bound") == ("True", "Bound")
    assert world.condition(CONNECTOR, "http", "Loaded") == ("False", "Pending")
    assert world.condition(CONNECTOR, "http", "Ready") == ("False", "Pending")
    assert world.condition(CONNECTOR, "http", "Reconciling") == ("True", "Pending")
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("False", "RollingOut")


async def test_the_samples_end_ready(world: World) -> None:
    for name in ("http", "crm-lookup"):
        assert world.condition(CONNECTOR, name, "Ready") == ("True", "Ready")
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("True", "Ready")
    status = world.get(CONNECTOR_RUNTIME, "shop")["status"]
    assert status["connectors"] == {"selected": 2, "accepted": 2, "loaded": 2, "summary": "2/2"}
    assert world.get(CONNECTOR_POLICY, "shop")["status"]["matched"] == 2


async def test_one_file_makes_exactly_these_objects(world: World) -> None:
    assert world.names(DEPLOYMENT) == ["shop-worker"]
    assert world.names(SERVICE_ACCOUNT) == ["shop-worker"]
    assert world.names(SERVICE) == ["shop-metrics"]
    assert world.names(POD_DISRUPTION_BUDGET) == []
    kinds = sorted(name.rsplit("-", 1)[0] if "config" in name or "source" in name else name for name in world.names(CONFIG_MAP))
    assert kinds == ["crm-lookup", "shop-accepted", "shop-config", "shop-element-templates", "shop-source"]


async def test_the_pods_templates_are_published(world: World) -> None:
    assert sorted(template["id"] for template in world.catalogue().values()) == ["acme.io:crm-lookup:1", "http-json"]
    published = world.get(CONNECTOR, "crm-lookup")["status"]["elementTemplates"]
    assert published == [
        {
            "id": "acme.io:crm-lookup:1",
            "version": 1,
            "configMap": "shop-element-templates",
            "key": "acme.io_3acrm-lookup_3a1-v1.json",
        }
    ]


async def test_templates_that_are_published_are_not_fetched_again(world: World) -> None:
    fetches = world.pods.fetches
    world.restart()
    await world.settle()
    assert world.pods.fetches == fetches


async def test_a_restart_writes_nothing(world: World) -> None:
    world.restart()
    world.kube.clear_writes()
    await world.settle()
    assert world.kube.writes == []


async def test_a_refused_connector_says_so_and_runs_nowhere(world: World) -> None:
    before = world.template_hash()
    world.apply("refused.yaml")
    await world.settle()
    assert world.condition(CONNECTOR, "mailer", "Accepted") == ("False", "RefusedByPolicy")
    assert world.condition(CONNECTOR, "mailer", "Stalled") == ("True", "RefusedByPolicy")
    assert "ConnectorPolicy 'shop' allows no job type 'evil.example:mailer:1'" in world.message(CONNECTOR, "mailer")
    assert world.template_hash() == before
    assert world.get(CONNECTOR_POLICY, "shop")["status"]["refusedNames"] == ["shop/mailer"]


async def test_a_policy_tightened_later_takes_the_connector_out_and_loosened_brings_it_back(world: World) -> None:
    allowed = world.get(CONNECTOR_POLICY, "shop")["spec"]["connectors"]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=allowed[:1]))
    await world.settle()
    assert world.served() == ["http"]
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("False", "RefusedByPolicy")
    assert [template["id"] for template in world.catalogue().values()] == ["http-json"]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=allowed))
    await world.settle()
    world.roll_out()
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Ready") == ("True", "Ready")


async def test_a_policy_that_allows_nothing_empties_the_worker_and_keeps_it(world: World) -> None:
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=[]))
    await world.settle()
    assert world.served() == []
    assert "it allows none at all" in world.message(CONNECTOR, "http")
    assert world.catalogue() == {}


async def test_a_deleted_connector_leaves_worker_and_catalogue(world: World) -> None:
    world.delete(CONNECTOR, "crm-lookup")
    await world.settle()
    assert world.served() == ["http"]
    assert [template["id"] for template in world.catalogue().values()] == ["http-json"]


async def test_old_configurations_stay_while_a_pod_uses_them_and_then_go(world: World) -> None:
    world.delete(CONNECTOR, "crm-lookup")
    await world.settle()
    configs = [name for name in world.names(CONFIG_MAP) if "-config-" in name]
    assert len(configs) == 2
    world.roll_out()
    await world.settle()
    assert len([name for name in world.names(CONFIG_MAP) if "-config-" in name]) == 1
    assert [name for name in world.names(CONFIG_MAP) if "-source-" in name] == []


async def test_a_deleted_runtime_takes_everything_along_and_unbinds_its_connectors(world: World) -> None:
    world.delete(CONNECTOR_RUNTIME, "shop")
    await world.settle()
    assert world.names(DEPLOYMENT) == []
    assert world.names(CONFIG_MAP) == ["crm-lookup"]
    assert world.condition(CONNECTOR, "http", "Ready") == ("False", "NoRuntime")


@pytest.mark.parametrize("damage", ["scale", "image", "delete"])
async def test_drift_is_repaired(world: World, damage: str) -> None:
    def harm(deployment: dict) -> None:
        if damage == "scale":
            deployment["spec"]["replicas"] = 7
        else:
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] = "evil:latest"

    before = world.get(DEPLOYMENT, "shop-worker")["spec"]
    if damage == "delete":
        world.delete(DEPLOYMENT, "shop-worker")
    else:
        world.edit(DEPLOYMENT, "shop-worker", harm)
    await world.settle()
    assert world.get(DEPLOYMENT, "shop-worker")["spec"] == before


async def test_what_others_add_is_left_alone(world: World) -> None:
    annotation = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
    world.edit(DEPLOYMENT, "shop-worker", lambda obj: obj["spec"]["template"]["metadata"].update(annotations=annotation))
    world.kube.clear_writes()
    await world.round()
    assert [write for write in world.kube.writes if write[1].kind == DEPLOYMENT] == []
    assert world.get(DEPLOYMENT, "shop-worker")["spec"]["template"]["metadata"]["annotations"] == annotation


async def test_replicas_left_out_are_never_set(world: World) -> None:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].pop("replicas"))
    await world.settle()
    world.edit(DEPLOYMENT, "shop-worker", lambda obj: obj["spec"].update(replicas=5))
    await world.settle()
    assert world.get(DEPLOYMENT, "shop-worker")["spec"]["replicas"] == 5


async def test_several_replicas_get_a_disruption_budget_that_goes_with_them(world: World) -> None:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(replicas=3))
    await world.settle()
    assert world.names(POD_DISRUPTION_BUDGET) == ["shop-worker"]
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(replicas=1))
    await world.settle()
    assert world.names(POD_DISRUPTION_BUDGET) == []


async def test_a_suspended_runtime_keeps_what_runs(world: World) -> None:
    before = world.template_hash()
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(suspend=True, replicas=9))
    world.delete(CONNECTOR, "crm-lookup")
    await world.settle()
    assert world.template_hash() == before
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "Suspended")
    assert world.condition(CONNECTOR, "http", "Loaded") == ("True", "Loaded")


async def test_a_suspended_connector_leaves_worker_and_catalogue(world: World) -> None:
    world.edit(CONNECTOR, "http", lambda obj: obj["spec"].update(suspend=True))
    await world.settle()
    assert world.served() == ["crm-lookup"]
    assert world.condition(CONNECTOR, "http", "Ready") == ("True", "Suspended")
    conditions = [condition["type"] for condition in world.get(CONNECTOR, "http")["status"]["conditions"]]
    assert "Stalled" not in conditions
    assert "Reconciling" not in conditions


async def test_a_neighbours_roll_out_does_not_unload_a_connector(world: World) -> None:
    world.edit(CONNECTOR, "http", lambda obj: obj["spec"].update(maxJobsActive=7))
    await world.settle()
    assert world.condition(CONNECTOR, "http", "Loaded") == ("False", "Pending")
    assert world.condition(CONNECTOR, "crm-lookup", "Loaded") == ("True", "Loaded")


async def test_an_edited_connector_is_never_called_ready_before_it_is_rolled_out(world: World) -> None:
    world.edit(CONNECTOR, "http", lambda obj: obj["spec"].update(maxJobsActive=7))
    reconciler_first = world.store.connector_snapshot
    snapshot = reconciler_first(next(key for key in world.store.keys(CONNECTOR) if key.name == "http"))
    assert snapshot is not None
    await world.settle()
    status = world.get(CONNECTOR, "http")["status"]
    assert status["observedGeneration"] == 2
    assert world.condition(CONNECTOR, "http", "Ready") == ("False", "Pending")


async def test_a_flux_reconcile_request_is_echoed(world: World) -> None:
    world.edit(
        CONNECTOR,
        "http",
        lambda obj: obj["metadata"].setdefault("annotations", {}).update({"reconcile.fluxcd.io/requestedAt": "then"}),
    )
    await world.settle()
    assert world.get(CONNECTOR, "http")["status"]["lastHandledReconcileAt"] == "then"


async def test_an_event_tells_only_what_somebody_has_to_know(world: World) -> None:
    told = [(reason, kind) for name, kind, reason in world.told.events if name == "http"]
    assert told == [("Ready", "Normal")]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=[]))
    await world.settle()
    assert ("http", "Warning", "RefusedByPolicy") in world.told.events

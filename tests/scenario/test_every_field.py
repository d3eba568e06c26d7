"""Every field of a ConnectorRuntime and a Connector does what it says to the worker that is rendered."""

import copy
import json
from typing import Any

import pytest
from scenario_world import World

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT
from connector_operator.domain.resolve import WorkerDefaults


@pytest.fixture
async def world() -> World:
    """The samples, reconciled."""
    world = World()
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle()
    return world


async def _with(world: World, **spec: Any) -> World:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda runtime: runtime["spec"].update(copy.deepcopy(spec)))
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("True", "Accepted")
    return world


def _pod(world: World) -> dict[str, Any]:
    return json.loads(json.dumps(world.get(DEPLOYMENT, "shop-worker")["spec"]["template"]))


def _mounted(world: World, path: str) -> dict[str, Any]:
    spec = _pod(world)["spec"]
    name = {mount["mountPath"]: mount["name"] for mount in spec["containers"][0]["volumeMounts"]}[path]
    return next(volume for volume in spec["volumes"] if volume["name"] == name)


async def test_oauth_reaches_the_worker_as_files_and_addresses(world: World) -> None:
    oauth = {"clientSecretRef": {"name": "zeebe-client"}, "tokenUrl": "https://id.acme.io/token", "audience": "zeebe"}
    await _with(world, camunda={"grpcAddress": "grpcs://zeebe.acme.io:443", "auth": {"oauth": oauth}})
    assert world.config()["camunda"] == {
        "grpcAddress": "grpcs://zeebe.acme.io:443",
        "tenantIds": [],
        "auth": {
            "type": "oauth",
            "directory": "/var/run/secrets/camunda/auth",
            "tokenUrl": "https://id.acme.io/token",
            "audience": "zeebe",
        },
    }
    sources = _mounted(world, "/var/run/secrets/camunda/auth")["projected"]["sources"]
    assert [source["secret"]["items"][0]["key"] for source in sources] == ["clientId", "clientSecret"]
    assert all(source["secret"]["optional"] and source["secret"]["name"] == "zeebe-client" for source in sources)


async def test_basic_authentication_reaches_the_worker(world: World) -> None:
    await _with(world, camunda={"grpcAddress": "grpc://zeebe:26500", "auth": {"basic": {"secretRef": {"name": "user"}}}})
    assert world.config()["camunda"]["auth"] == {"type": "basic", "directory": "/var/run/secrets/camunda/auth"}


async def test_saas_implies_addresses_token_url_and_audience(world: World) -> None:
    saas = {"clusterId": "5c34c0a7-7f29-4424-8414-125615f7a9b9", "region": "bru-2"}
    await _with(world, camunda={"saas": saas, "auth": {"oauth": {"clientSecretRef": {"name": "client"}}}})
    camunda = world.config()["camunda"]
    assert camunda["grpcAddress"] == "grpcs://5c34c0a7-7f29-4424-8414-125615f7a9b9.bru-2.zeebe.camunda.io:443"
    assert camunda["restAddress"] == "https://bru-2.zeebe.camunda.io/5c34c0a7-7f29-4424-8414-125615f7a9b9"
    assert camunda["auth"]["tokenUrl"] == "https://login.cloud.camunda.io/oauth/token"
    assert camunda["auth"]["audience"] == "zeebe.camunda.io"


@pytest.mark.parametrize(("field", "kind"), [("caConfigMapRef", "configMap"), ("caSecretRef", "projected")])
async def test_authorities_and_a_client_certificate_are_mounted(world: World, field: str, kind: str) -> None:
    tls = {field: {"name": "authorities"}, "clientCertificateSecretRef": {"name": "worker-certificate"}}
    await _with(world, camunda={"grpcAddress": "grpcs://zeebe:26500", "tls": tls})
    assert world.config()["camunda"]["tls"] == {
        "caFile": "/var/run/secrets/camunda/ca/ca.crt",
        "clientCertificateDirectory": "/var/run/secrets/camunda/client-certificate",
    }
    assert kind in _mounted(world, "/var/run/secrets/camunda/ca")
    assert _mounted(world, "/var/run/secrets/camunda/client-certificate")["projected"]["sources"][1]["secret"]["items"] == [
        {"key": "tls.key", "path": "tls.key"}
    ]


async def test_tenants_and_egress_reach_the_worker(world: World) -> None:
    ranges = {"deniedRanges": ["10.0.0.0/8"], "allowedRanges": ["10.1.0.0/16"]}
    await _with(world, camunda={"grpcAddress": "grpc://zeebe:26500", "tenantIds": ["a", "b"]}, egress=ranges)
    assert world.config()["camunda"]["tenantIds"] == ["a", "b"]
    assert world.config()["egress"] == ranges


@pytest.mark.parametrize("mode", ["STRICT", "DISABLED"])
async def test_the_secret_filter_reaches_the_worker(world: World, mode: str) -> None:
    camunda = {"grpcAddress": "grpc://zeebe:26500", "restAddress": "http://zeebe:8080"}
    await _with(world, camunda=camunda, secretFilter=mode)
    assert world.config()["secretFilter"] == mode


async def test_the_default_secret_filter_rolls_nothing_out(world: World) -> None:
    before = world.template_hash()
    await _with(world, secretFilter="LAX")
    assert world.template_hash() == before


async def test_a_strict_secret_filter_without_process_definitions_is_invalid(world: World) -> None:
    world.edit(CONNECTOR_RUNTIME, "shop", lambda runtime: runtime["spec"].update(secretFilter="STRICT"))
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "InvalidSpec")
    assert "needs camunda.restAddress" in world.message(CONNECTOR_RUNTIME, "shop")
    saas = {"clusterId": "5c34c0a7-7f29-4424-8414-125615f7a9b9", "region": "bru-2"}
    await _with(world, camunda={"saas": saas})
    assert world.config()["secretFilter"] == "STRICT"


async def test_image_pull_policy_secrets_and_resources_are_the_pods(world: World) -> None:
    resources = {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}
    await _with(world, image="reg/rt:2", imagePullPolicy="Always", imagePullSecrets=[{"name": "reg"}], resources=resources)
    spec = _pod(world)["spec"]
    container = spec["containers"][0]
    assert (container["image"], container["imagePullPolicy"], container["resources"]) == ("reg/rt:2", "Always", resources)
    assert spec["imagePullSecrets"] == [{"name": "reg"}]


async def test_a_pod_template_merges_by_name_and_removes_with_null(world: World) -> None:
    patch = {
        "metadata": {"labels": {"cost-centre": "42"}, "annotations": {"note": "{{ 7*7 }}"}},
        "spec": {
            "nodeSelector": {"pool": "workers"},
            "topologySpreadConstraints": None,
            "containers": [
                {"name": "connector-runtime", "env": [{"name": "TZ", "value": "UTC"}], "livenessProbe": None},
                {"name": "sidecar", "image": "side:1"},
            ],
        },
    }
    await _with(world, podTemplate=patch)
    pod = _pod(world)
    assert pod["metadata"]["labels"]["cost-centre"] == "42"
    assert pod["metadata"]["labels"]["connectors.camunda.io/runtime"] == "shop"
    assert pod["metadata"]["annotations"] == {"note": "{{ 7*7 }}"}
    assert pod["spec"]["nodeSelector"] == {"pool": "workers"}
    assert "topologySpreadConstraints" not in pod["spec"]
    runtime, sidecar = pod["spec"]["containers"]
    assert runtime["env"] == [{"name": "TZ", "value": "UTC"}]
    assert "livenessProbe" not in runtime
    assert runtime["securityContext"]["readOnlyRootFilesystem"] is True
    assert sidecar == {"name": "sidecar", "image": "side:1"}


async def test_a_pod_template_is_no_way_around_the_allowed_images(world: World) -> None:
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(runtimes={"images": ["runtime:*"]}))
    before = world.template_hash()
    patch = {"spec": {"containers": [{"name": "connector-runtime", "image": "evil:1"}]}}
    world.edit(CONNECTOR_RUNTIME, "shop", lambda runtime: runtime["spec"].update(podTemplate=patch))
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Accepted") == ("False", "RefusedByPolicy")
    assert "allows no runtime image 'evil:1'" in world.message(CONNECTOR_RUNTIME, "shop")
    assert world.template_hash() == before


async def test_a_policy_can_forbid_pod_templates(world: World) -> None:
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(runtimes={"podTemplate": "Forbidden"}))
    world.edit(CONNECTOR_RUNTIME, "shop", lambda runtime: runtime["spec"].update(podTemplate={"metadata": {}}))
    await world.settle()
    assert world.condition(CONNECTOR_RUNTIME, "shop", "Ready") == ("False", "RefusedByPolicy")


async def test_a_connector_from_an_image_is_mounted_and_configured(world: World) -> None:
    reference = "reg.acme.io/crm@sha256:" + "0" * 64
    source = {"image": {"reference": reference, "entryPoint": "crm:lookup", "pullPolicy": "Always"}}
    allowed = [{"jobTypes": ["acme.io:*"], "sources": {"image": {"references": ["reg.acme.io/*"], "requireDigest": True}}}]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=allowed))
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source=source))
    await world.settle()
    assert world.served() == ["crm-lookup"]
    entry = world.config()["connectors"][0]["source"]
    assert (entry["path"], entry["entryPoint"]) == ("/opt/connectors/crm-lookup", "crm:lookup")
    assert _mounted(world, "/opt/connectors/crm-lookup")["image"] == {"reference": reference, "pullPolicy": "Always"}


async def test_an_image_without_the_digest_that_a_policy_wants_is_refused(world: World) -> None:
    source = {"image": {"reference": "reg.acme.io/crm:1", "entryPoint": "crm:lookup"}}
    allowed = [{"jobTypes": ["acme.io:*"], "sources": {"image": {"references": ["reg.acme.io/*"], "requireDigest": True}}}]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=allowed))
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source=source))
    await world.settle()
    assert "it allows image reg.acme.io/* with a digest" in world.message(CONNECTOR, "crm-lookup")


PACKAGE = {
    "requirements": [f"acme-crm==1.4.2 --hash=sha256:{'1' * 64}", f"acme.http==2.0 --hash=sha256:{'2' * 64}"],
    "entryPoint": "acme_crm.api:lookup",
    "indexUrl": "https://pypi.acme.io/simple",
}


def _allow(world: World, **sources: Any) -> None:
    allowed = [{"jobTypes": ["acme.io:*"], "sources": sources}]
    world.edit(CONNECTOR_POLICY, "shop", lambda policy: policy["spec"].update(connectors=allowed))


async def test_a_package_is_installed_pinned_before_the_worker_starts(world: World) -> None:
    _allow(world, package={"requirements": ["acme*"], "indexUrls": ["https://pypi.acme.io/*"]})
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source={"package": PACKAGE}))
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Accepted") == ("True", "Accepted")
    (fetch,) = _pod(world)["spec"]["initContainers"]
    worker = _pod(world)["spec"]["containers"][0]
    assert (fetch["image"], fetch["securityContext"]) == (worker["image"], worker["securityContext"])
    assert fetch["command"][3:] == [
        "/etc/connectors-requirements/requirements.txt",
        "/opt/connectors/crm-lookup",
        "acme_crm",
        "https://pypi.acme.io/simple",
    ]
    volumes = {volume["name"]: volume for volume in _pod(world)["spec"]["volumes"]}
    copy = volumes["requirements-crm-lookup"]["configMap"]["name"]
    assert world.get(CONFIG_MAP, copy)["data"] == {"requirements.txt": "\n".join([*PACKAGE["requirements"], ""])}
    assert _mounted(world, "/opt/connectors/crm-lookup")["emptyDir"] == {}
    assert world.config()["connectors"][0]["source"]["entryPoint"] == "acme_crm.api:lookup"


@pytest.mark.parametrize(
    "allowed",
    [
        {"requirements": ["acme-crm"]},
        {"requirements": ["acme*"], "indexUrls": ["https://pypi.org/*"]},
        {"requirements": ["acme*"], "indexUrls": []},
    ],
)
async def test_a_package_is_refused_unless_every_wheel_and_the_index_are_allowed(world: World, allowed: dict[str, Any]) -> None:
    _allow(world, package=allowed)
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source={"package": PACKAGE}))
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Accepted") == ("False", "RefusedByPolicy")
    assert "package 'acme-crm==1.4.2'" in world.message(CONNECTOR, "crm-lookup")


@pytest.mark.parametrize(
    "line",
    [
        "acme-crm==1.4.2",
        "acme-crm>=1 --hash=sha256:" + "1" * 64,
        "-r /etc/passwd",
        "acme==1 --hash=sha256:" + "1" * 64 + "\n--index-url http://evil",
        "acme==1 --hash=sha256:" + "1" * 64 + " --pre",
        "acme @ https://evil/acme.whl",
    ],
)
async def test_a_requirement_that_is_not_one_pinned_wheel_is_invalid(world: World, line: str) -> None:
    package = PACKAGE | {"requirements": [line]}
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source={"package": package}))
    await world.settle()
    assert world.condition(CONNECTOR, "crm-lookup", "Accepted") == ("False", "InvalidSpec")


async def test_an_image_is_copied_by_itself_where_the_cluster_cannot_mount_it(world: World) -> None:
    world.defaults = WorkerDefaults("runtime:1", copies_images=True)
    reference = "reg.acme.io/crm@sha256:" + "0" * 64
    _allow(world, image={"references": ["reg.acme.io/*"]})
    source = {"image": {"reference": reference, "entryPoint": "crm:lookup", "pullPolicy": "Always"}}
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(source=source))
    await world.settle()
    (fetch,) = _pod(world)["spec"]["initContainers"]
    assert (fetch["image"], fetch["imagePullPolicy"]) == (reference, "Always")
    assert (fetch["args"], "command" in fetch) == (["/opt/connectors/crm-lookup"], False)
    assert _mounted(world, "/opt/connectors/crm-lookup")["emptyDir"] == {}


async def test_every_key_of_a_secret_is_mounted_and_named(world: World) -> None:
    whole = [{"secretRef": {"name": "crm-extra"}, "prefix": "CRM_"}]
    world.edit(CONNECTOR, "crm-lookup", lambda connector: connector["spec"].update(secretsFrom=whole))
    await world.settle()
    path = "/var/run/secrets/connectors-from/crm-lookup/0"
    assert world.config()["connectors"][0]["secrets"]["from"] == [{"directory": path, "prefix": "CRM_"}]
    assert _mounted(world, path)["secret"] == {"secretName": "crm-extra", "optional": True}


async def test_a_connectors_numbers_and_names_reach_the_worker(world: World) -> None:
    spec = {"timeout": "1m30s", "maxJobsActive": 3, "fetchVariables": ["a"], "settings": {"region": "eu"}}
    world.edit(CONNECTOR, "http", lambda connector: connector["spec"].update(spec))
    await world.settle()
    entry = next(entry for entry in world.config()["connectors"] if entry["name"] == "http")
    assert (entry["timeoutSeconds"], entry["maxJobsActive"], entry["fetchVariables"]) == (90, 3, ["a"])
    assert entry["settings"] == {"region": "eu"}

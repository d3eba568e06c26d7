"""What only a real node shows of the API: packages installed, images copied, a worker each, `/scale`, credentials at the door."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded_gateway import Doors, guarded_gateway
from service_task import service_task
from wheel_index import Index, Wheel, wheel_index

from local_cluster.debian_base import USER, build_base
from local_cluster.oci_archive import Image, ImageConfig, write_archive, write_layer
from local_cluster.sandbox_image import StoredImage
from local_cluster.waiting import wait_until
from main_job import target as targets
from main_job.install import NAMESPACE as OPERATOR_NAMESPACE
from main_job.stage import NAMESPACE, Stage

SECONDS = 90.0
CODE = """
from connector_sdk import connector

@connector(id="{job_type}", name="Here")
def here(input: dict) -> dict:
    return {{"from": "{origin}"}}
"""
COPY = "import shutil, sys; shutil.copy('/code/copied.py', sys.argv[1])"  # the folder itself belongs to root


def _connector(name: str, source: dict[str, Any]) -> dict[str, Any]:
    spec = {"jobType": f"acme.io:{name}:1", "source": source}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"team": "shop"}}
    return {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": "Connector", "metadata": metadata, "spec": spec}


def _config_map(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": {key.replace("__", "."): text for key, text in data.items()},
    }


def _secret(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "stringData": {key.replace("__", "."): text for key, text in data.items()},
    }


def _patch(stage: Stage, spec: dict[str, Any]) -> None:
    stage.target.kubectl.run("patch", "connrt", "shop", "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"spec": spec}))


def _replacing(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A merge patch keeps the members that it does not name."""
    return dict.fromkeys(after["camunda"]) | before["camunda"]


def _answer(stage: Stage, name: str, folder: Path) -> dict[str, Any]:
    stage.zeebe.deploy(service_task(name, f"acme.io:{name}:1", folder))
    return stage.zeebe.start(name, {}).variables(SECONDS)["answer"]


@pytest.fixture(autouse=True)
def as_it_was(stage: Stage) -> Iterator[None]:
    """Everything is allowed, since the policy is not what is tested here; afterwards the samples are as they were."""
    kubectl = stage.target.kubectl
    kubectl.delete("connpol", "shop")
    before = kubectl.get("connectorruntime", "shop", NAMESPACE)["spec"]
    yield
    after = kubectl.get("connectorruntime", "shop", NAMESPACE)["spec"]
    _patch(stage, {name: None for name in after if name not in before} | before | {"camunda": _replacing(after, before)})
    kubectl.delete("connectorruntime", "guarded", NAMESPACE)
    for connector in kubectl.every("connectors", NAMESPACE):
        if connector["metadata"]["name"] not in ("http", "crm-lookup"):
            kubectl.delete("connector", connector["metadata"]["name"], NAMESPACE)
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")


@pytest.fixture
def wheel() -> Wheel:
    return Wheel("packaged", "1.0", CODE.format(job_type="acme.io:packaged:1", origin="a package"))


@pytest.fixture
def index(stage: Stage, wheel: Wheel, tmp_path: Path) -> Iterator[Index]:
    with wheel_index(wheel, stage.target.host, tmp_path) as index:
        yield index


def test_a_package_is_installed_before_the_worker_starts(stage: Stage, wheel: Wheel, index: Index, tmp_path: Path) -> None:
    kubectl = stage.target.kubectl
    trusting = {
        "volumes": [{"name": "index-ca", "configMap": {"name": "index-ca"}}],
        "initContainers": [
            {
                "name": "fetch-packaged",
                "env": [{"name": "SSL_CERT_FILE", "value": "/etc/index-ca/ca.crt"}],
                "volumeMounts": [{"name": "index-ca", "mountPath": "/etc/index-ca"}],
            }
        ],
    }
    source = {"requirements": [wheel.requirement], "entryPoint": "packaged:here", "indexUrl": index.url}
    kubectl.apply_objects([_config_map("index-ca", ca__crt=index.authority), _connector("packaged", {"package": source})])
    _patch(stage, {"podTemplate": {"spec": trusting}})
    kubectl.wait_reason("connector/packaged", NAMESPACE, "Ready", "Ready")
    assert _answer(stage, "packaged", tmp_path) == {"from": "a package"}
    _patch(stage, {"podTemplate": None})
    message = kubectl.wait_reason("connector/packaged", NAMESPACE, "Ready", "LoadFailed")
    assert "cannot install the package" in message
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")


@pytest.fixture
def copying_image(tmp_path: Path) -> str:
    """An image in the node whose entrypoint copies its code to where its one argument says."""
    if targets.is_theirs():
        pytest.skip("an image can be brought into our own node only")
    cluster = targets.local_cluster()
    base = build_base(cluster.cache, cluster.environment)
    (tmp_path / "root" / "code").mkdir(parents=True)
    (tmp_path / "root" / "code" / "copied.py").write_text(CODE.format(job_type="acme.io:copied:1", origin="a copy"))
    layers = (base.layer, write_layer(tmp_path / "root", tmp_path / "code.layer"))
    image = Image(layers, ImageConfig(("/usr/bin/python3", "-c", COPY), f"{USER}:{USER}"))
    reference = "localhost/copying:1"
    write_archive(tmp_path / "image.tar", [reference], image)
    cluster.import_images([StoredImage(tmp_path / "image.tar", reference)])
    return reference


@pytest.fixture
def copying_operator(stage: Stage) -> Iterator[None]:
    """The operator of a cluster that cannot mount images."""
    _set_operator(stage, "CONNECTOR_OPERATOR_IMAGE_VOLUMES=Copy")
    yield
    _set_operator(stage, "CONNECTOR_OPERATOR_IMAGE_VOLUMES-")


def _set_operator(stage: Stage, variable: str) -> None:
    place = ("deployment/connector-operator", "-n", OPERATOR_NAMESPACE)
    stage.target.kubectl.run("set", "env", *place, variable)
    stage.target.kubectl.run("rollout", "status", *place, "--timeout=50s")


def test_an_image_copies_itself_where_it_cannot_be_mounted(
    stage: Stage, copying_image: str, copying_operator: None, tmp_path: Path
) -> None:
    kubectl = stage.target.kubectl
    source = {"reference": copying_image, "entryPoint": "copied:here", "pullPolicy": "Never"}
    kubectl.apply_objects([_connector("copied", {"image": source})])
    kubectl.wait_reason("connector/copied", NAMESPACE, "Ready", "Ready")
    assert _answer(stage, "copied", tmp_path) == {"from": "a copy"}
    volumes = {volume["name"]: volume for volume in stage.worker_pods()[0]["spec"]["volumes"]}
    assert "emptyDir" in volumes["source-copied"]


def test_each_connector_has_a_worker_of_its_own(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    _patch(stage, {"isolation": "PerConnector"})
    wait_until(lambda: len(kubectl.every("deployments", NAMESPACE)) == 2, "a Deployment for each Connector", seconds=30)
    kubectl.wait_reason("connector/http", NAMESPACE, "Ready", "Ready")
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Available", "Available")
    assert stage.ping().variables(SECONDS)["shop"] == "open"
    served = {obj["metadata"]["labels"]["connectors.camunda.io/connector"] for obj in kubectl.every("deployments", NAMESPACE)}
    assert served == {"crm-lookup", "http"}
    _patch(stage, {"isolation": "Shared"})
    wait_until(lambda: len(kubectl.every("deployments", NAMESPACE)) == 1, "one Deployment for all", seconds=30)


def test_kubectl_scale_scales_the_worker(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")
    kubectl.run("scale", "connectorruntime/shop", "-n", NAMESPACE, "--replicas=2")

    def scale() -> dict[str, Any]:
        path = f"/apis/connectors.camunda.io/v1alpha1/namespaces/{NAMESPACE}/connectorruntimes/shop/scale"
        return json.loads(kubectl.run("get", "--raw", path))

    wait_until(lambda: scale()["status"]["replicas"] == 2, "two replicas", seconds=60)
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")
    assert len(kubectl.every("pods", NAMESPACE, scale()["status"]["selector"])) == 2
    assert kubectl.get("poddisruptionbudget", "shop-worker", NAMESPACE)
    kubectl.run("scale", "connectorruntime/shop", "-n", NAMESPACE, "--replicas=1")
    wait_until(lambda: scale()["status"]["replicas"] == 1, "one replica", seconds=60)


@pytest.fixture
def doors(stage: Stage, tmp_path: Path) -> Iterator[Doors]:
    with guarded_gateway(stage.target.host, tmp_path / "authority") as doors:
        yield doors


def _guarded_runtime(doors: Doors) -> dict[str, Any]:
    oauth = {"clientSecretRef": {"name": "client"}, "tokenUrl": doors.token_url, "audience": "zeebe", "scope": "jobs"}
    camunda = {
        "grpcAddress": doors.grpc_address,
        "auth": {"oauth": oauth},
        "tls": {"caConfigMapRef": {"name": "gateway-ca"}, "clientCertificateSecretRef": {"name": "worker-certificate"}},
        "tenantIds": ["red", "green"],
    }
    return {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "ConnectorRuntime",
        "metadata": {"name": "guarded", "namespace": NAMESPACE},
        "spec": {"camunda": camunda, "connectors": {"names": ["http"]}, "replicas": 1},
    }


def test_credentials_certificates_and_tenants_come_to_the_gateways_door(stage: Stage, doors: Doors) -> None:
    kubectl, authority = stage.target.kubectl, doors.authority
    certificate = {"tls__crt": authority.certificate("worker").read_text(), "tls__key": authority.key("worker").read_text()}
    objects = [
        _config_map("gateway-ca", ca__crt=authority.certificate("ca").read_text()),
        _secret("worker-certificate", **certificate),
        _secret("client", clientId="shop-worker", clientSecret="wrong"),
        _guarded_runtime(doors),
    ]
    kubectl.apply_objects(objects)
    kubectl.wait_reason("connectorruntime/guarded", NAMESPACE, "Connected", "Unauthenticated")
    assert doors.tokens[0] == {
        "grant_type": "client_credentials",
        "client_id": "shop-worker",
        "client_secret": "wrong",
        "audience": "zeebe",
        "scope": "jobs",
    }
    kubectl.apply_objects([_secret("client", clientId="shop-worker", clientSecret="right")])
    wait_until(lambda: "the-worker" in doors.visitors, "the worker shows its certificate", seconds=SECONDS)
    mounted = kubectl.run("exec", "deployment/guarded-worker", "-n", NAMESPACE, "--", "cat", "/etc/connectors/config.json")
    assert json.loads(mounted)["camunda"]["tenantIds"] == ["red", "green"]


def test_basic_credentials_are_files_in_the_pod(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    camunda = {"grpcAddress": "grpc://zeebe-gateway.camunda:26500", "auth": {"basic": {"secretRef": {"name": "user"}}}}
    kubectl.apply_objects([_secret("user", username="demo", password="pass-4711")])
    _patch(stage, {"camunda": camunda})
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "RollingOut")
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")
    folder = "/var/run/secrets/camunda/auth"
    command = ("--", "cat", f"{folder}/username", f"{folder}/password")
    assert kubectl.run("exec", "deployment/shop-worker", "-n", NAMESPACE, *command) == "demopass-4711"
    assert stage.ping().variables(SECONDS)["shop"] == "open"

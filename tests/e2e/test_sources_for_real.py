"""Code from an OCI image, whole Secrets, a pod template: on a real kubelet, with a real job through each."""

from pathlib import Path
from typing import Any

import pytest
from service_task import service_task

from local_cluster.images import pack_folder
from main_job import target as targets
from main_job.stage import NAMESPACE, SAMPLES, Stage

SECONDS = 60.0
REFERENCE = "localhost/crm-connectors:1"
JOB_TYPE = "acme.io:whoami:1"
CODE = """
from connector_sdk import Context, connector

@connector(id="acme.io:whoami:1", name="Who am I")
def whoami(input: dict, context: Context) -> dict:
    return {"name": context.secrets["CRM_user"], "greeting": input["greeting"]}
"""


@pytest.fixture
def image(tmp_path: Path) -> str:
    """An image in the node that holds one Python file."""
    if targets.is_theirs():
        pytest.skip("an image can be brought into our own node only")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "whoami.py").write_text(CODE)
    cluster = targets.local_cluster()
    cluster.import_images([pack_folder(folder, REFERENCE, tmp_path / "image.tar")])
    return REFERENCE


def _allow_images(stage: Stage) -> None:
    patch = '{"spec":{"connectors":[{"jobTypes":["*"],"sources":{"builtin":["*"],"configMap":{},"image":{"references":["*"]}}}]}}'
    stage.target.kubectl.run("patch", "connpol", "shop", "--type=merge", "-p", patch)


def test_code_from_an_image_with_every_key_of_a_secret(stage: Stage, image: str, tmp_path: Path) -> None:
    kubectl = stage.target.kubectl
    _allow_images(stage)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "crm-extra", "namespace": NAMESPACE},
        "stringData": {"user": "ada"},
    }
    connector: dict[str, Any] = {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "Connector",
        "metadata": {"name": "whoami", "namespace": NAMESPACE, "labels": {"team": "shop"}},
        "spec": {
            "jobType": JOB_TYPE,
            "source": {"image": {"reference": image, "entryPoint": "whoami:whoami", "pullPolicy": "Never"}},
            "secretsFrom": [{"secretRef": {"name": "crm-extra"}, "prefix": "CRM_"}],
        },
    }
    kubectl.apply_objects([secret])
    stage.apply_when_allowed(connector)
    kubectl.wait_reason("connector/whoami", NAMESPACE, "Ready", "Ready")
    stage.zeebe.deploy(service_task("whoami", JOB_TYPE, tmp_path, greeting="hello {{secrets.CRM_user}}"))
    assert stage.zeebe.start("whoami", {}).variables(SECONDS)["answer"] == {"name": "ada", "greeting": "hello ada"}


def test_a_pod_template_reaches_the_pods_and_the_worker_works_on(stage: Stage) -> None:
    kubectl = stage.target.kubectl
    patch = '{"spec":{"podTemplate":{"metadata":{"annotations":{"note":"x"}},"spec":{"hostname":"worker"}}}}'
    kubectl.run("patch", "connrt", "shop", "-n", NAMESPACE, "--type=merge", "-p", patch)
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "RollingOut")
    kubectl.wait_reason("connectorruntime/shop", NAMESPACE, "Ready", "Ready")
    living = [pod for pod in stage.worker_pods() if "deletionTimestamp" not in pod["metadata"]]
    assert [(pod["spec"]["hostname"], pod["metadata"]["annotations"]["note"]) for pod in living] == [("worker", "x")]
    assert stage.ping().variables(SECONDS)["shop"] == "open"
    kubectl.apply(SAMPLES / "policy.yaml")

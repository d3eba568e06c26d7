"""`connectors render` on files prints what a live operator applies for them, byte for byte, and nothing else is applied."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster_hands import SAMPLES, Hands, wait_for
from cluster_ownership import applied_by
from operator_process import RUNTIME_IMAGE, OperatorProcess

from connector_operator.cli import main
from connector_operator.cluster.port import FIELD_MANAGER

KINDS = ("ServiceAccount", "ConfigMap", "Deployment", "Service", "PodDisruptionBudget")
Objects = dict[tuple[str, str], Any]


@pytest.fixture
def applied(operator: OperatorProcess, hands: Hands) -> Objects:
    """What the operator applied for all of deploy/samples, by kind and name."""
    hands.apply(*sorted(path.name for path in SAMPLES.glob("*.yaml") if path.name != "namespace.yaml"))
    hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))
    hands.wait_condition("Connector", "mailer", "Ready", ("False", "RefusedByPolicy"))
    wait_for(lambda: len(_served(hands)) == 2, "both Connectors are served")
    live = [obj for kind in KINDS for obj in hands.every(kind)]
    found = {(obj["kind"], obj["metadata"]["name"]): applied_by(FIELD_MANAGER, obj) for obj in live}
    return {key: manifest for key, manifest in found.items() if manifest}


def _served(hands: Hands) -> dict[str, Any]:
    return json.loads(hands.get("ConfigMap", "shop-accepted")["data"]["accepted.json"])


@pytest.fixture
def files(hands: Hands, tmp_path: Path) -> Path:
    """The samples as files of the test's namespace; the runtime has the uid that owner references name."""
    uid = hands.get("ConnectorRuntime", "shop")["metadata"]["uid"]
    for path in SAMPLES.glob("*.yaml"):
        objects = list(yaml.safe_load_all(path.read_text()))
        for obj in objects:
            if obj["kind"] == "Namespace":
                obj["metadata"]["name"] = hands.namespace
            if obj["kind"] == "ConnectorRuntime":
                obj["metadata"]["uid"] = uid
        (tmp_path / path.name).write_text(yaml.safe_dump_all(objects))
    return tmp_path


@pytest.fixture(autouse=True)
def same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `connectors render` reads from the environment, the operator has as a flag."""
    monkeypatch.setenv("CONNECTOR_OPERATOR_RUNTIME_IMAGE", RUNTIME_IMAGE)


def test_what_is_rendered_from_files_is_what_is_applied(
    applied: Objects, hands: Hands, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "-o", "json", "-n", hands.namespace, "-f", str(files)]) == 1
    printed = capsys.readouterr()
    rendered = {(item["kind"], item["metadata"]["name"]): item for item in json.loads(printed.out)["items"]}
    assert sorted(rendered) == sorted(applied)
    assert rendered == applied
    assert printed.err.startswith(f"{hands.namespace}/mailer: RefusedByPolicy: ")


def test_a_diff_of_what_runs_is_empty_and_of_an_edit_has_its_field(
    applied: Objects, hands: Hands, files: Path, kube_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diff = ["diff", "-o", "json", "-n", hands.namespace, "--kubeconfig", str(kube_config), "-f", str(files)]
    assert main(diff) == 0
    assert json.loads(capsys.readouterr().out) == [{"namespace": hands.namespace, "name": "shop", "writes": [], "restarts": []}]
    connectors = (files / "connectors.yaml").read_text()
    (files / "connectors.yaml").write_text(connectors.replace("secrets:", "suspend: true\n  secrets:"))
    assert main(diff) == 1
    (restart,) = json.loads(capsys.readouterr().out)[0]["restarts"]
    assert restart["deployment"] == "shop-worker"
    paths = [item["path"] for item in restart["because"]]
    assert paths[0] == "connectors[crm-lookup]"
    assert "pod template: spec.volumes[secrets-crm-lookup]" in paths


def test_the_status_command_shows_what_kubectl_shows(
    applied: Objects, hands: Hands, kube_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "-o", "json", "-n", hands.namespace, "--kubeconfig", str(kube_config)]) == 1
    (runtime,) = json.loads(capsys.readouterr().out)
    assert (runtime["ready"], runtime["reason"]) == hands.condition("ConnectorRuntime", "shop", "Ready")
    shown = {item["name"]: item["reason"] for item in runtime["below"] if item["kind"] == "Connector"}
    assert shown == {name: hands.condition("Connector", name, "Ready")[1] for name in hands.names("Connector")}

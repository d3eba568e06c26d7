"""Installs the operator as a person would: CustomResourceDefinitions, then deploy/base with the images filled in."""

from pathlib import Path
from typing import Any, Final

import yaml

from local_cluster.errors import LocalClusterError
from local_cluster.waiting import wait_until
from main_job.kubectl import Kubectl
from main_job.target import Target

ROOT: Final = Path(__file__).parents[3]
NAMESPACE: Final = "connector-operator"
_READY_SECONDS: Final = 90


def install(target: Target) -> None:
    """Apply everything and wait until the operator is available."""
    target.kubectl.apply(ROOT / "crds")
    target.kubectl.run("wait", "--for=condition=Established", "--timeout=30s", *[f"crd/{name}" for name in _crds()])
    target.kubectl.apply_objects(operator_manifests(target.operator_image, target.runtime_image))
    _wait_available(target.kubectl)


def uninstall(kubectl: Kubectl) -> None:
    """Take everything away again; the definitions take all custom resources along."""
    kubectl.delete("namespace", NAMESPACE)
    kubectl.delete("clusterrolebinding", "connector-operator")
    kubectl.delete("clusterrole", "connector-operator")
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        for name in _admission_policies():
            kubectl.delete(kind, name)
    for name in _crds():
        kubectl.delete("crd", name)


def operator_manifests(operator_image: str, runtime_image: str) -> list[dict[str, Any]]:
    """The objects of deploy/base in the order of its kustomization, with these images."""
    base = ROOT / "deploy" / "base"
    files = yaml.safe_load((base / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    objects = [obj for file in files for obj in yaml.safe_load_all((base / file).read_text(encoding="utf-8"))]
    container = next(obj for obj in objects if obj["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"][0]
    container["image"] = operator_image
    for variable in container["env"]:
        if variable["name"] == "CONNECTOR_OPERATOR_RUNTIME_IMAGE":
            variable["value"] = runtime_image
    return objects


def _admission_policies() -> list[str]:
    text = (ROOT / "deploy" / "base" / "admission-policies.yaml").read_text(encoding="utf-8")
    return sorted({obj["metadata"]["name"] for obj in yaml.safe_load_all(text)})


def _crds() -> list[str]:
    return [file.stem for file in sorted((ROOT / "crds").glob("*.yaml"))]


def _wait_available(kubectl: Kubectl) -> None:
    def available() -> bool:
        status = kubectl.get("deployment", "connector-operator", NAMESPACE).get("status", {})
        return bool(status.get("availableReplicas") and status.get("updatedReplicas") and not status.get("unavailableReplicas"))

    try:
        wait_until(available, "an available operator", seconds=_READY_SECONDS)
    except LocalClusterError as error:
        logs = kubectl.run("logs", "-n", NAMESPACE, "deployment/connector-operator", "--tail=10")
        raise LocalClusterError(f"{error}; its last words:\n{logs}") from error

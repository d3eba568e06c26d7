"""A user of a real cluster: applies, edits, looks and waits, through the official client and not through ours."""

import copy
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
SAMPLES = ROOT / "deploy" / "samples"


def connect(kubeconfig: Path) -> Any:
    """A `dynamic.DynamicClient`, which discovers what the API server serves now, and which has no types."""
    return dynamic.DynamicClient(config.new_client_from_config(str(kubeconfig)))


def install_crds(kubeconfig: Path) -> None:
    """Apply crds/ and wait until they are served."""
    api = connect(kubeconfig)
    definitions = api.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    for file in sorted((ROOT / "crds").glob("*.yaml")):
        manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
        definitions.server_side_apply(
            body=manifest, name=manifest["metadata"]["name"], field_manager="tests", force_conflicts=True
        )
        wait_for(lambda name=file.stem: _established(definitions.get(name=name).to_dict()), f"{file.name} is served")


def _established(definition: dict[str, Any]) -> bool:
    conditions: list[dict[str, str]] = definition.get("status", {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)


def wait_for(look: Callable[[], T], what: str, *, seconds: float = 30.0) -> T:
    """Look until there is something to see, and give it back; fails saying what was waited for and what was seen last."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if seen := look():
                return seen
        except (AssertionError, ApiException, KeyError) as error:
            seen = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}; last seen: {seen!r}")
        time.sleep(0.1)


@dataclass(slots=True)
class Hands:
    """What a user does in one namespace."""

    api: Any
    namespace: str

    @classmethod
    @contextmanager
    def in_new_namespace(cls, kubeconfig: Path, **labels: str) -> Generator[Self, None, None]:
        """A namespace for one test, gone afterwards with all that is in it."""
        api = connect(kubeconfig)
        name = f"test-{uuid.uuid4().hex[:10]}"
        namespaces = api.resources.get(api_version="v1", kind="Namespace")
        namespaces.create(body={"metadata": {"name": name, "labels": {"connectors": "allowed", **labels}}})
        hands = cls(api, name)
        try:
            yield hands
        finally:
            # where no controller ends namespaces, what is left in this one must not reach the next test
            for kind in ("ConnectorPolicy", "ConnectorRuntime", "Connector"):
                for leftover in hands.names(kind):
                    hands.delete(kind, leftover)
            namespaces.delete(name=name)

    def apply(self, *files: str, change: Callable[[dict[str, Any]], None] | None = None) -> None:
        """`kubectl apply` sample files, each object changed first if a change is given."""
        for file in files:
            for obj in yaml.safe_load_all((SAMPLES / file).read_text(encoding="utf-8")):
                if change:
                    change(obj)
                self.put(obj)

    def put(self, manifest: dict[str, Any], **options: str) -> dict[str, Any]:
        """`kubectl apply` one object as another field manager than ours; `options` as in `edit`."""
        manifest = copy.deepcopy(manifest)
        resource = self._resource(manifest["kind"])
        return resource.server_side_apply(
            body=manifest,
            name=manifest["metadata"]["name"],
            field_manager="kubectl",
            force_conflicts=True,
            **options,
            **self._place(resource),
        ).to_dict()

    def edit(self, kind: str, name: str, patch: dict[str, Any], *, subresource: str = "", **options: str) -> dict[str, Any]:
        """`kubectl patch --type merge` one object; `options` are the API's own, such as `dry_run="All"`."""
        resource = self._resource(kind)
        target = resource.subresources[subresource] if subresource else resource
        content_type = "application/merge-patch+json"
        return target.patch(body=patch, name=name, content_type=content_type, **options, **self._place(resource)).to_dict()

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """One object; raises the client's 404."""
        resource = self._resource(kind)
        return resource.get(name=name, **self._place(resource)).to_dict()

    def exists(self, kind: str, name: str) -> bool:
        """Whether there is one of that name."""
        try:
            self.get(kind, name)
        except ApiException as error:
            if error.status == 404:
                return False
            raise
        return True

    def every(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind in the namespace."""
        resource = self._resource(kind)
        return [item.to_dict() for item in resource.get(**self._place(resource)).items]

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a kind in the namespace."""
        return sorted(item["metadata"]["name"] for item in self.every(kind))

    def delete(self, kind: str, name: str) -> None:
        """`kubectl delete` one object."""
        resource = self._resource(kind)
        resource.delete(name=name, **self._place(resource))

    def condition(self, kind: str, name: str, condition: str) -> tuple[str, str]:
        """A condition's status and reason; raises KeyError when it is not there."""
        found = {item["type"]: item for item in self.get(kind, name)["status"]["conditions"]}[condition]
        return found["status"], found["reason"]

    def message(self, kind: str, name: str, condition: str = "Ready") -> str:
        """A condition's message."""
        return {item["type"]: item for item in self.get(kind, name)["status"]["conditions"]}[condition]["message"]

    def wait_condition(self, kind: str, name: str, condition: str, wanted: tuple[str, str], *, seconds: float = 30.0) -> None:
        """Wait until a condition has this status and reason."""

        def look() -> bool:
            seen = self.condition(kind, name, condition)
            assert seen == wanted, f"{seen} instead of {wanted}: {self.message(kind, name, condition)}"
            return True

        wait_for(look, f"{kind} {name} {condition} {wanted}", seconds=seconds)

    def _resource(self, kind: str) -> Any:
        versions = {
            "Deployment": "apps/v1",
            "ReplicaSet": "apps/v1",
            "PodDisruptionBudget": "policy/v1",
            "CustomResourceDefinition": "apiextensions.k8s.io/v1",
            "Role": "rbac.authorization.k8s.io/v1",
            "RoleBinding": "rbac.authorization.k8s.io/v1",
            "Lease": "coordination.k8s.io/v1",
            "ClusterRole": "rbac.authorization.k8s.io/v1",
            "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
            "ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
            "ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
        }
        version = "connectors.camunda.io/v1alpha1" if kind.startswith("Connector") else versions.get(kind, "v1")
        return self.api.resources.get(api_version=version, kind=kind)

    def _place(self, resource: Any) -> dict[str, str]:
        return {"namespace": self.namespace} if resource.namespaced else {}


def service_account_kubeconfig(hands: Hands, admin: Path, name: str, path: Path) -> Path:
    """A kubeconfig that speaks as a ServiceAccount of the namespace, with a token of an hour."""
    hands.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
    core: Any = client.CoreV1Api(hands.api.client)
    request = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=3600))
    token = core.create_namespaced_service_account_token(name, hands.namespace, request).status.token
    document = yaml.safe_load(admin.read_text(encoding="utf-8"))
    document["users"] = [{"name": user["name"], "user": {"token": token}} for user in document["users"]]
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    path.chmod(0o600)
    return path

"""The main job's moves, one method each; what to say or to assert about them is for the caller."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cluster.errors import LocalClusterError
from local_cluster.host_services import host_service
from local_cluster.waiting import wait_until
from main_job.install import ROOT, install
from main_job.kubectl import Kubectl
from main_job.processes import Instance, Zeebe
from main_job.shop import Shop
from main_job.target import Target

SAMPLES: Final = ROOT / "deploy" / "samples"
NAMESPACE: Final = "shop"
SAMPLE_FILES: Final = ("policy.yaml", "connectors.yaml", "runtime.yaml")
WORKER_LABELS: Final = "connectors.camunda.io/part=worker,connectors.camunda.io/runtime=shop"


@dataclass(frozen=True, slots=True)
class Stage:
    """A cluster with the operator, a Zeebe with the diagrams, and the shop that the process talks to."""

    target: Target
    zeebe: Zeebe
    shop: Shop

    def apply_samples(self) -> None:
        """The three YAML files of the main job."""
        self.target.kubectl.apply(*[SAMPLES / file for file in SAMPLE_FILES], namespace=NAMESPACE)

    def apply(self, *files: Path) -> None:
        """Further files, in the samples' namespace."""
        self.target.kubectl.apply(*files, namespace=NAMESPACE)

    def apply_when_allowed(self, *objects: Mapping[str, Any]) -> None:
        """Apply objects that a policy allows only now: the API server knows a changed policy a moment after accepting it."""

        def allowed() -> bool:
            try:
                self.target.kubectl.apply_objects(objects)
            except LocalClusterError as error:
                if "ConnectorPolicy" not in str(error):
                    raise
                return False
            return True

        wait_until(allowed, "the changed policy is known", seconds=15)

    def create_secret(self, token: str) -> None:
        """The CRM's token, or its next value."""
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "crm", "namespace": NAMESPACE},
            "stringData": {"token": token},
        }
        self.target.kubectl.apply_objects([secret])

    def order(self, customer: str = "C-42") -> Instance:
        """Start the sample process."""
        variables = {"customer": customer, "items": ["tea", "kettle"], "shopUrl": self.shop_url}
        return self.zeebe.start("order", variables)

    def ping(self) -> Instance:
        """Start the small process that needs only the REST connector."""
        return self.zeebe.start("ping", {"shopUrl": self.shop_url})

    def scale(self, replicas: int) -> None:
        """Set the runtime's replicas, and wait until so many pods are there."""
        patch = f'{{"spec": {{"replicas": {replicas}}}}}'
        self.target.kubectl.run("patch", "connrt", "shop", "-n", NAMESPACE, "--type=merge", "-p", patch)
        wait_until(lambda: len(self.worker_pods()) == replicas, f"{replicas} worker pods", seconds=60)

    def worker_pods(self) -> list[dict[str, Any]]:
        """The pods of the worker, those that end too."""
        return self.target.kubectl.every("pods", NAMESPACE, WORKER_LABELS)

    def restarts(self) -> int:
        """How often containers of the worker were started again."""
        statuses = [status for pod in self.worker_pods() for status in pod["status"].get("containerStatuses", [])]
        return sum(status["restartCount"] for status in statuses)

    @property
    def shop_url(self) -> str:
        """How pods reach the shop."""
        return f"http://shop-api.{NAMESPACE}:{self.shop.port}"


@contextmanager
def staged(target: Target) -> Generator[Stage, None, None]:
    """Install the operator, deploy the diagrams, open the shop; the samples' namespace is new and empty."""
    kubectl = target.kubectl
    clear(kubectl)
    install(target)
    kubectl.apply(SAMPLES / "namespace.yaml")
    with Shop(target.host) as shop, Zeebe(target.zeebe) as zeebe:
        services = host_service(NAMESPACE, "shop-api", {"http": ("TCP", shop.port)}, host=target.host)
        kubectl.apply_objects([manifest for _, manifest in services])
        zeebe.deploy(SAMPLES / "order.bpmn", SAMPLES / "ping.bpmn")
        yield Stage(target, zeebe, shop)


def clear(kubectl: Kubectl) -> None:
    """Take away what an earlier run left: the samples' namespace and policy."""
    kubectl.delete("namespace", NAMESPACE)
    if kubectl.run("get", "crd", "connectorpolicies.connectors.camunda.io", "--ignore-not-found"):
        kubectl.delete("connpol", "shop")

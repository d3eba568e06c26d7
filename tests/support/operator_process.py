"""The operator as a process of its own, with the rights that deploy/base gives it and no others."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import cluster_hands
from cluster_hands import Hands, wait_for
from operator_rights import base_rules

RUNTIME_IMAGE = "connector-runtime:test"


@dataclass(slots=True)
class OperatorProcess:
    """A running operator."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    user: str
    """As the API server's audit log names it."""

    def ready(self) -> bool:
        """Whether /readyz says so."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def metrics(self) -> str:
        """The text of /metrics."""
        return fetch(f"http://127.0.0.1:{self.port}/metrics")[0].decode()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()


def fetch(address: str, **headers: str) -> tuple[bytes, str]:
    """What an operator serves: the body as it came, and its ETag; raises urllib's `HTTPError`."""
    request = Request(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urlopen(request, timeout=5) as answer:
        return answer.read(), answer.headers["ETag"]


@contextmanager
def granted(hands: Hands, admin: Path, folder: Path) -> Generator[tuple[Path, str], None, None]:
    """A ServiceAccount with exactly the ClusterRole of deploy/base; its kubeconfig and its user name."""
    name = f"connector-operator-{hands.namespace}"
    kubeconfig = cluster_hands.service_account_kubeconfig(hands, admin, "operator", folder / "operator.kubeconfig")
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    hands.put(role | {"rules": base_rules("cluster-role.yaml")})
    hands.put(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": "operator", "namespace": hands.namespace}],
        }
    )
    try:
        yield kubeconfig, f"system:serviceaccount:{hands.namespace}:operator"
    finally:
        hands.delete("ClusterRoleBinding", name)
        hands.delete("ClusterRole", name)


def command(kubeconfig: Path, *arguments: str, port: int) -> list[str]:
    """How `connectors run` is started here."""
    run = [sys.executable, "-m", "connector_operator", "run", "--kubeconfig", str(kubeconfig), "--port", str(port)]
    return [*run, "--runtime-image", RUNTIME_IMAGE, *arguments]


@contextmanager
def running(kubeconfig: Path, user: str, folder: Path, *arguments: str, port: int) -> Generator[OperatorProcess, None, None]:
    """Start `connectors run`, wait until it is ready, and end it."""
    log = folder / f"operator-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command(kubeconfig, *arguments, port=port), stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    operator = OperatorProcess(process, port, log, user)
    try:
        wait_for(operator.ready, "the operator is ready")
        yield operator
    finally:
        operator.stop()

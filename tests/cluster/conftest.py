"""A real API server for the tests of this folder: the cluster of KUBECONFIG with CLUSTER=current, else one of our own.

Our own is etcd, kube-apiserver and kube-controller-manager, built from source and cached, or what KUBEBUILDER_ASSETS has of
them; on loopback, with an audit log. It ends with the test run, whatever ends that.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import cluster_hands
import operator_process
import pytest
from cluster_audit import Audit

from local_cluster.control_plane import ControlPlane, ControlPlaneConfig
from local_cluster.ports import free_ports

AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
"""


@pytest.fixture(scope="session")
def audit_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where our own API server writes every request; empty for somebody else's cluster."""
    return tmp_path_factory.mktemp("audit") / "audit.log"


@pytest.fixture(scope="session")
def kube_config(tmp_path_factory: pytest.TempPathFactory, audit_log: Path) -> Iterator[Path]:
    """The kubeconfig of an administrator of a real cluster that has our CustomResourceDefinitions."""
    if _is_theirs():
        kubeconfig = Path(os.environ["KUBECONFIG"])
        cluster_hands.install_crds(kubeconfig)
        yield kubeconfig
        return
    policy = tmp_path_factory.mktemp("policy") / "audit.yaml"
    policy.write_text(AUDIT_POLICY)
    arguments = (f"--audit-policy-file={policy}", f"--audit-log-path={audit_log}", "--audit-log-mode=blocking")
    with ControlPlane(ControlPlaneConfig(controllers=_has_controllers(), apiserver_arguments=arguments)) as control_plane:
        cluster_hands.install_crds(control_plane.kubeconfig)
        yield control_plane.kubeconfig


@pytest.fixture(scope="module")
def rights(kube_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, Path]]:
    """The operator's kubeconfig, its user and a folder for its log."""
    folder = tmp_path_factory.mktemp("operator")
    with (
        cluster_hands.Hands.in_new_namespace(kube_config) as hands,
        operator_process.granted(hands, kube_config, folder) as (kubeconfig, user),
    ):
        yield kubeconfig, user, folder


@pytest.fixture(scope="module")
def operator(rights: tuple[Path, str, Path]) -> Iterator[operator_process.OperatorProcess]:
    """One operator for all tests of a module."""
    kubeconfig, user, folder = rights
    with operator_process.running(kubeconfig, user, folder, port=free_ports(1)[0]) as running:
        yield running


@pytest.fixture
def hands(kube_config: Path) -> Iterator[cluster_hands.Hands]:
    """A user with every right, in a namespace of this test alone."""
    with cluster_hands.Hands.in_new_namespace(kube_config) as hands:
        yield hands


@pytest.fixture
def audit(audit_log: Path) -> Audit:
    """What the API server saw from now on."""
    if _is_theirs():
        pytest.skip("only an API server of our own has an audit log that we can read")
    return Audit(audit_log)


@pytest.fixture
def controllers() -> None:
    """Says that a test needs garbage collection and the like."""
    if not _has_controllers():
        pytest.skip("KUBEBUILDER_ASSETS has no kube-controller-manager")


def _is_theirs() -> bool:
    return os.environ.get("CLUSTER") == "current"


def _has_controllers() -> bool:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    return _is_theirs() or not assets or (Path(assets) / "kube-controller-manager").exists()

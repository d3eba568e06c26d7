"""An operator with Roles in some namespaces and nothing cluster-wide works there, asks for nothing else, says what is missing."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import operator_process
import pytest
from cluster_audit import Audit
from cluster_hands import Hands, service_account_kubeconfig, wait_for
from operator_process import OperatorProcess
from operator_rights import grant_role, namespaced_rules

from local_cluster.ports import free_ports

ACCOUNT = "operator"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Three namespaces; the operator's account is in the first and has Roles in the first two."""

    granted: tuple[Hands, Hands]
    foreign: Hands
    kubeconfig: Path
    folder: Path

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.granted[0].namespace}:{ACCOUNT}"

    @property
    def names(self) -> str:
        return ",".join(hands.namespace for hands in self.granted)


@pytest.fixture
def tenancy(kube_config: Path, tmp_path: Path) -> Iterator[Tenancy]:
    with ExitStack() as stack:
        shop, bank, foreign = (stack.enter_context(Hands.in_new_namespace(kube_config)) for _ in range(3))
        kubeconfig = service_account_kubeconfig(shop, kube_config, ACCOUNT, tmp_path / "kubeconfig")
        for hands in (shop, bank):
            grant_role(hands, "connector-operator", namespaced_rules(), account=ACCOUNT, of=shop.namespace)
        yield Tenancy((shop, bank), foreign, kubeconfig, tmp_path)


@pytest.fixture
def operator(tenancy: Tenancy, audit: Audit) -> Iterator[OperatorProcess]:
    arguments = ("--namespaces", tenancy.names)
    with operator_process.running(tenancy.kubeconfig, tenancy.user, tenancy.folder, *arguments, port=free_ports(1)[0]) as running:
        yield running


def test_it_works_where_it_has_a_role_and_is_refused_nothing(tenancy: Tenancy, operator: OperatorProcess, audit: Audit) -> None:
    for hands in (*tenancy.granted, tenancy.foreign):
        hands.apply("connectors.yaml", "runtime.yaml")
    for hands in tenancy.granted:
        hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))
        hands.wait_condition("Connector", "http", "Accepted", ("True", "Accepted"))
        assert hands.names("Deployment") == ["shop-worker"]
    assert tenancy.foreign.names("Deployment") == []
    assert tenancy.foreign.get("ConnectorRuntime", "shop")["status"]["observedGeneration"] == -1
    assert [call for call in audit.calls(operator.user) if call[2] in (401, 403)] == []


def test_what_is_deleted_there_goes(tenancy: Tenancy, operator: OperatorProcess) -> None:
    bank = tenancy.granted[1]
    bank.apply("connectors.yaml", "runtime.yaml")
    bank.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"))
    bank.delete("Service", "shop-metrics")
    wait_for(lambda: bank.exists("Service", "shop-metrics"), "drift is repaired")


def test_without_a_role_it_names_each_missing_verb_and_does_not_start(tenancy: Tenancy) -> None:
    names = f"{tenancy.granted[0].namespace},{tenancy.foreign.namespace}"
    command = operator_process.command(tenancy.kubeconfig, "--namespaces", names, port=free_ports(1)[0])
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line.startswith("connectors: ")]
    verbs = sum(len(rule["verbs"]) for rule in namespaced_rules())
    assert len(lines) == verbs
    where = f"in namespace '{tenancy.foreign.namespace}': grant that verb to the operator's service account"
    assert all(line.startswith("connectors: cannot ") and line.endswith(where) for line in lines)
    assert f"connectors: cannot create deployments (group apps) {where}" in lines


def test_without_a_role_for_the_lease_it_says_so(tenancy: Tenancy) -> None:
    lease = f"{tenancy.foreign.namespace}/connector-operator"
    arguments = ("--namespaces", tenancy.names, "--lease", lease)
    command = operator_process.command(tenancy.kubeconfig, *arguments, port=free_ports(1)[0])
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    told = [line.split(" (")[0] for line in ended.stderr.splitlines() if line.startswith("connectors: ")]
    assert told == [f"connectors: cannot {verb} leases" for verb in ("get", "create", "update")]

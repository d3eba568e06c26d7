"""Two operators at one API server with one Lease: one writes, the other is ready and goes on when the first is gone."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import operator_process
import pytest
from cluster_audit import Audit
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess
from operator_rights import base_rules, grant_role

from local_cluster.ports import free_ports

TAKE_OVER_SECONDS = 60.0
Pair = tuple[OperatorProcess, OperatorProcess]


@pytest.fixture
def homes(kube_config: Path) -> Iterator[list[Hands]]:
    """A namespace for each operator's ServiceAccount, so that the audit log can tell them apart; the Lease is in the first."""
    with Hands.in_new_namespace(kube_config) as first, Hands.in_new_namespace(kube_config) as second:
        yield [first, second]


@pytest.fixture
def pair(homes: list[Hands], kube_config: Path, tmp_path: Path) -> Iterator[Pair]:
    """Two ready operators; the first one has the lease."""
    lease = f"{homes[0].namespace}/connector-operator"
    with ExitStack() as stack:
        running: list[OperatorProcess] = []
        for number, home in enumerate(homes):
            folder = tmp_path / str(number)
            folder.mkdir()
            kubeconfig, user = stack.enter_context(operator_process.granted(home, kube_config, folder))
            grant_role(homes[0], f"lease-{number}", base_rules("lease-role.yaml"), account="operator", of=home.namespace)
            arguments = ("--lease", lease)
            running.append(
                stack.enter_context(operator_process.running(kubeconfig, user, folder, *arguments, port=free_ports(1)[0]))
            )
            wait_for(lambda: _holder(homes[0]) != "", "somebody has the lease")
        yield running[0], running[1]


def _holder(home: Hands) -> str:
    if not home.exists("Lease", "connector-operator"):
        return ""
    return home.get("Lease", "connector-operator")["spec"]["holderIdentity"]


def _leads(operator: OperatorProcess) -> str:
    return next(line.split()[1] for line in operator.metrics().splitlines() if line.startswith("connector_operator_leads "))


def _object_writes(audit: Audit, operator: OperatorProcess) -> list[str]:
    return [resource for _, resource, _ in audit.writes(operator.user) if resource != "leases"]


def _roll_out(hands: Hands) -> None:
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    hands.wait_condition("ConnectorRuntime", "shop", "Accepted", ("True", "Accepted"), seconds=TAKE_OVER_SECONDS)


def test_one_writes_and_the_other_waits_ready(pair: Pair, homes: list[Hands], hands: Hands, audit: Audit) -> None:
    first, second = pair
    assert _holder(homes[0]).endswith(f"_{first.process.pid}")
    _roll_out(hands)
    assert _object_writes(audit, first)
    assert _object_writes(audit, second) == []
    assert second.ready()
    assert [_leads(first), _leads(second)] == ["1.0", "0.0"]


def test_the_other_goes_on_when_the_first_is_killed(pair: Pair, homes: list[Hands], hands: Hands, audit: Audit) -> None:
    first, second = pair
    first.process.kill()
    first.process.wait()
    _roll_out(hands)
    assert _holder(homes[0]).endswith(f"_{second.process.pid}")
    assert _object_writes(audit, second)
    assert _transitions(homes[0]) == 1


def test_the_other_goes_on_at_once_when_the_first_is_stopped(pair: Pair, homes: list[Hands], hands: Hands, audit: Audit) -> None:
    first, second = pair
    assert first.stop() == 0
    wait_for(lambda: _holder(homes[0]).endswith(f"_{second.process.pid}"), "the second has it", seconds=10.0)
    _roll_out(hands)
    assert _object_writes(audit, first) == []


def test_whoever_lost_the_lease_ends_and_says_so(pair: Pair, homes: list[Hands]) -> None:
    first, second = pair
    homes[0].edit("Lease", "connector-operator", {"spec": {"holderIdentity": "somebody-else"}})
    assert first.process.wait(timeout=30) == 1
    assert "somebody-else has the lease" in first.log.read_text()
    assert second.process.poll() is None


def _transitions(home: Hands) -> int:
    """How often the lease went from one to another."""
    return home.get("Lease", "connector-operator")["spec"]["leaseTransitions"]

"""Whoever waits for our kinds is told the right thing about objects that a real API server has: kstatus, Flux and Argo CD."""

from collections.abc import Iterator

import pytest
from argocd_health import health
from cluster_hands import Hands, wait_for
from flux_health import FluxHealth, evaluating, wait_until_evaluated
from kstatus import State, compute
from scenario_reasons import TABLE, reach, rolled_out

from connector_operator.api.kinds import CONNECTOR

FINALIZER = "connectors.camunda.io/test"


@pytest.fixture
def unseen(hands: Hands) -> Hands:
    """The samples, where no operator works."""
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    return hands


@pytest.fixture
def flux(unseen: Hands) -> Iterator[FluxHealth]:
    """The expressions for Connectors, in force."""
    with evaluating(unseen, CONNECTOR) as flux:
        wait_until_evaluated(flux, "crm-lookup")
        yield flux


@pytest.mark.parametrize(
    ("kind", "name"), [("Connector", "crm-lookup"), ("ConnectorRuntime", "shop"), ("ConnectorPolicy", "shop")]
)
def test_what_no_operator_has_seen_is_in_progress(unseen: Hands, kind: str, name: str) -> None:
    obj = unseen.get(kind, name)
    assert obj["status"]["observedGeneration"] == -1
    assert compute(obj) is State.IN_PROGRESS
    assert health(obj)[0] == "Progressing"


def test_what_is_being_deleted_is_terminating(unseen: Hands) -> None:
    unseen.edit("Connector", "http", {"metadata": {"finalizers": [FINALIZER]}})
    unseen.delete("Connector", "http")
    assert compute(unseen.get("Connector", "http")) is State.TERMINATING
    unseen.edit("Connector", "http", {"metadata": {"finalizers": None}})
    wait_for(lambda: not unseen.exists("Connector", "http"), "it is gone")


async def test_flux_decides_by_its_expressions_as_by_kstatus(unseen: Hands, flux: FluxHealth) -> None:
    generation = unseen.get("Connector", "crm-lookup")["metadata"]["generation"]
    told: list[tuple[str, State, State]] = []
    for reached in (row for row in TABLE if row[0] == "Connector"):
        world = await rolled_out()
        obj = world.get(await reach(world, reached), "crm-lookup")
        status = {**obj["status"], "observedGeneration": generation}
        told.append(("-".join(reached), compute(obj), flux.state("crm-lookup", status)))
    assert [row for row in told if row[1] is not row[2]] == []
    assert {state for _, state, _ in told} == {State.CURRENT, State.IN_PROGRESS, State.FAILED}


def test_flux_waits_for_what_nobody_has_looked_at(unseen: Hands, flux: FluxHealth) -> None:
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    generation = unseen.get("Connector", "crm-lookup")["metadata"]["generation"]
    assert flux.state("crm-lookup", {"observedGeneration": -1}) is State.IN_PROGRESS
    assert flux.state("crm-lookup", {"observedGeneration": generation - 1, "conditions": [ready]}) is State.IN_PROGRESS
    assert flux.state("crm-lookup", {"observedGeneration": generation, "conditions": [ready]}) is State.CURRENT

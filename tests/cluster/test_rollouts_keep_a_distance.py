"""Edits in quick succession are few roll-outs, and the last edit is among them: at a real Deployment controller."""

import itertools
import time
from datetime import datetime

import pytest
import worker_pods
from cluster_hands import Hands, wait_for

INTERVAL = 5
EDITS = 12


@pytest.mark.usefixtures("controllers", "operator")
def test_edits_in_quick_succession_keep_the_distance_and_the_last_one_counts(hands: Hands) -> None:
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    wait_for(lambda: hands.every("ReplicaSet"), "the first roll-out has begun")
    for number in range(1, EDITS + 1):
        hands.edit("Connector", "http", {"spec": {"maxJobsActive": number}})
        time.sleep(1.0)
    wait_for(
        lambda: f'"maxJobsActive": {EDITS},' in worker_pods.configuration(hands, "shop-worker"), "the last edit is rolled out"
    )
    replica_sets = hands.every("ReplicaSet")
    made = sorted(datetime.fromisoformat(item["metadata"]["creationTimestamp"]) for item in replica_sets)
    distances = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(made)]
    assert distances
    assert min(distances) >= INTERVAL - 1  # the API server tells whole seconds

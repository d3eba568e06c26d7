"""`/scale` of a ConnectorRuntime, as autoscalers and `kubectl scale` use it."""

from typing import Any

import pytest
import worker_pods
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess


@pytest.fixture
def shop(operator: OperatorProcess, hands: Hands) -> Hands:
    """The samples, whose runtime leaves its replicas to an autoscaler."""
    hands.apply("connectors.yaml")
    hands.apply("runtime.yaml", change=lambda obj: obj["spec"].pop("replicas", None))
    wait_for(lambda: hands.exists("Deployment", "shop-worker"), "there is a worker")
    return hands


def _scale(hands: Hands) -> dict[str, Any]:
    resource = hands._resource("ConnectorRuntime")
    return resource.subresources["scale"].get(name="shop", namespace=hands.namespace).to_dict()


def _replicas(hands: Hands) -> int:
    return hands.get("Deployment", "shop-worker")["spec"]["replicas"]


@pytest.mark.parametrize("replicas", [3, 0])
def test_what_is_written_to_scale_is_how_many_pods_there_are(shop: Hands, replicas: int) -> None:
    shop.edit("ConnectorRuntime", "shop", {"spec": {"replicas": replicas}}, subresource="scale")
    wait_for(lambda: _replicas(shop) == replicas, "the worker is scaled")
    assert _scale(shop)["spec"] == ({"replicas": replicas} if replicas else {})


@pytest.mark.usefixtures("controllers")
def test_scale_tells_how_many_there_are_and_how_to_find_them(shop: Hands) -> None:
    shop.edit("ConnectorRuntime", "shop", {"spec": {"replicas": 2}}, subresource="scale")
    wait_for(lambda: _scale(shop)["status"]["replicas"] == 2, "it tells of two pods")
    labels = shop.get("Deployment", "shop-worker")["spec"]["template"]["metadata"]["labels"]
    asked = dict(part.split("=") for part in _scale(shop)["status"]["selector"].split(","))
    assert asked.items() <= labels.items()
    pods = [pod for pod in shop.every("Pod") if asked.items() <= pod["metadata"]["labels"].items()]
    assert len(pods) == 2


def test_replicas_that_nobody_declares_are_left_to_whoever_scales_the_worker_itself(shop: Hands) -> None:
    shop.edit("Deployment", "shop-worker", {"spec": {"replicas": 4}})
    shop.edit("Connector", "http", {"spec": {"maxJobsActive": 9}})
    wait_for(lambda: '"maxJobsActive": 9' in worker_pods.configuration(shop, "shop-worker"), "the operator has written again")
    assert _replicas(shop) == 4

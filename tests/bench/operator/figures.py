"""What is measured of a running operator: edits of one Connector, and of all Connectors of a runtime at once."""

import asyncio
import time
from typing import Any

from crowd import Filled, in_flight

from connector_operator.cluster.client import ClusterApi
from connector_operator.domain.objects import DEPLOYMENT, Object, ObjectRef

EDITS = 30
BURST_SECONDS = 15.0
"""A second rollout would have begun by then: the queue waits 10 s at most."""


async def edits(api: ClusterApi, filled: Filled) -> list[float]:
    """Seconds from the edit of one Connector to the patched Deployment, for several, one after the other."""
    found: list[float] = []
    for runtime, connectors in filled[:EDITS]:
        metadata = runtime["metadata"]
        deployment = ObjectRef(DEPLOYMENT, metadata["namespace"], f"{metadata['name']}-worker")
        before = _config(await api.get(deployment))
        began = time.monotonic()
        await api.apply(_edited(connectors[0], maxJobsActive=7))
        while _config(await api.get(deployment)) == before:
            await asyncio.sleep(0.01)
        found.append(time.monotonic() - began)
    return found


async def burst(api: ClusterApi, filled: Filled) -> tuple[int, float]:
    """Edit all Connectors of one runtime at once: rollouts of its Deployment, and seconds until the first of them."""
    runtime, connectors = filled[-1]
    deployment = ObjectRef(DEPLOYMENT, runtime["metadata"]["namespace"], f"{runtime['metadata']['name']}-worker")
    before = _generation(await api.get(deployment))
    began = time.monotonic()
    await in_flight(lambda one=one: api.apply(_edited(one, maxJobsActive=9)) for one in connectors)
    while _generation(await api.get(deployment)) == before:
        await asyncio.sleep(0.01)
    took = time.monotonic() - began
    await asyncio.sleep(BURST_SECONDS)
    return _generation(await api.get(deployment)) - before, took


def _edited(connector: Object, **spec: Any) -> dict[str, Any]:
    return {key: connector[key] for key in ("apiVersion", "kind")} | {
        "metadata": {key: connector["metadata"][key] for key in ("name", "namespace", "labels")},
        "spec": {**connector["spec"], **spec},
    }


def _generation(deployment: Object | None) -> int:
    return deployment["metadata"]["generation"] if deployment else 0


def _config(deployment: Object | None) -> str:
    return (deployment or {"spec": {"template": {"metadata": {"labels": {}}}}})["spec"]["template"]["metadata"]["labels"].get(
        "connectors.camunda.io/config", ""
    )

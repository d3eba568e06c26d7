"""The objects of a benchmark: so many Connectors over so many ConnectorRuntimes, in namespaces of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import cluster_hands

from connector_operator.api.kinds import API_VERSION
from connector_operator.cluster.client import ClusterApi
from connector_operator.domain.objects import Object

IN_FLIGHT = 48
RUNTIMES_PER_NAMESPACE = 10

Filled = list[tuple[Object, list[Object]]]
"""Each ConnectorRuntime, as the API server keeps it, with its Connectors."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much."""

    connectors: int
    runtimes: int

    @property
    def namespaces(self) -> int:
        return -(-self.runtimes // RUNTIMES_PER_NAMESPACE)

    def objects(self, prefix: str) -> Iterable[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Each ConnectorRuntime with its Connectors; names begin with the prefix of their namespaces."""
        each = self.connectors // self.runtimes
        for index in range(self.runtimes):
            namespace = f"{prefix}-{index // RUNTIMES_PER_NAMESPACE}"
            name = f"runtime-{index}"
            spec = {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": {"selector": {"matchLabels": {"for": name}}}}
            connectors = [
                _object("Connector", namespace, f"{name}-{number}", _connector(name, number), name) for number in range(each)
            ]
            yield _object("ConnectorRuntime", namespace, name, spec, name), connectors


def only_connector(namespace: str, runtime: str) -> dict[str, Any]:
    """The first Connector of a runtime, as it is created."""
    return _object("Connector", namespace, f"{runtime}-0", _connector(runtime, 0), runtime)


def _connector(runtime: str, number: int) -> dict[str, Any]:
    return {"jobType": f"acme.io:{runtime}-{number}:1", "source": {"builtin": "http-json"}, "settings": {"number": number}}


def _object(kind: str, namespace: str, name: str, spec: dict[str, Any], runtime: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"for": runtime}}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


async def in_flight(calls: Iterable[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Run calls with a bounded number at once, and give their answers in order."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one(call: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await call()

    return await asyncio.gather(*(one(call) for call in calls))


async def fill(api: ClusterApi, hands: cluster_hands.Hands, size: Size, prefix: str) -> Filled:
    """Create namespaces, runtimes and Connectors as users would; not part of any figure."""
    namespaces = hands.api.resources.get(api_version="v1", kind="Namespace")
    for index in range(size.namespaces):
        namespaces.create(body={"metadata": {"name": f"{prefix}-{index}"}})
    pairs = list(size.objects(prefix))
    connectors = iter(await in_flight(lambda one=one: api.apply(one) for _, each in pairs for one in each))
    runtimes = await in_flight(lambda one=one: api.apply(one) for one, _ in pairs)
    return [(runtime, [next(connectors) for _ in each]) for runtime, (_, each) in zip(runtimes, pairs, strict=True)]


def empty(hands: cluster_hands.Hands, size: Size, prefix: str) -> None:
    """Delete the namespaces; without a controller manager their objects stay, with nobody who looks at them."""
    namespaces = hands.api.resources.get(api_version="v1", kind="Namespace")
    for index in range(size.namespaces):
        namespaces.delete(name=f"{prefix}-{index}")

"""What is wanted: the manifests of one runtime and the configurations inside them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector_operator.domain.objects import Manifest


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker Deployment, and the configuration that it runs (docs/worker-contract.md §1)."""

    name: str
    """Of the Deployment."""
    connector: str
    """The one Connector that it is for; empty when it bundles all of its runtime."""
    text: str
    hash: str
    entries: Mapping[str, Mapping[str, Any]]
    """By Connector name."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The workers of one runtime: one that bundles its Connectors, or one for each."""

    workers: tuple[Worker, ...]
    by_connector: Mapping[str, Worker]

    @property
    def hash(self) -> str:
        """Names the whole: the hash of the one worker, or a hash of all hashes."""
        hashes = [worker.hash for worker in self.workers]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256(" ".join(hashes).encode()).hexdigest()[:10]

    def entry(self, connector: str) -> Mapping[str, Any] | None:
        """What a Connector's worker is configured with for it; `None` when no worker serves it."""
        worker = self.by_connector.get(connector)
        return worker.entries.get(connector) if worker else None

    def hash_of(self, connector: str) -> str:
        """The hash of the configuration that serves a Connector; empty when none does."""
        worker = self.by_connector.get(connector)
        return worker.hash if worker else ""


def configuration_of(workers: tuple[Worker, ...]) -> Configuration:
    """Put the workers of one runtime together; no two of them serve the same Connector."""
    return Configuration(workers, {name: worker for worker in workers for name in worker.entries})


@dataclass(frozen=True, slots=True)
class DesiredObjects:
    """All objects of one runtime, in the order in which they are to be applied."""

    manifests: tuple[Manifest, ...]

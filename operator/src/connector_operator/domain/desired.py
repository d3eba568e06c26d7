"""What rendering makes and the later stages compare with: the manifests of one runtime and the configuration inside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector_operator.domain.objects import Manifest


@dataclass(frozen=True, slots=True)
class Configuration:
    """A worker configuration: its text, the hash of that, and its entries by Connector name (docs/worker-contract.md §1)."""

    text: str
    hash: str
    entries: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class DesiredObjects:
    """All objects of one runtime, in the order in which they are to be applied."""

    manifests: tuple[Manifest, ...]

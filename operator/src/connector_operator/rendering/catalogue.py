"""The ConfigMaps that publish element templates for Modeler."""

import json
from collections.abc import Sequence

from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import CATALOGUE_PART, PUBLISHED_BY_ANNOTATION, PublishedEntry, write_owners
from connector_operator.domain.published import CATALOGUE_LABEL
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.domain.shelf import Catalogue
from connector_operator.rendering.stamp import stamp


def catalogue_config_maps(resolved: ResolvedRuntime, catalogue: Catalogue) -> list[Manifest]:
    """One ConfigMap per shard that holds something; an annotation remembers whose each template is.

    Mounted, its `..data` is a folder for Desktop Modeler, which takes every `*.json` for a template: there is no index in it.
    """
    shards: dict[str, list[PublishedEntry]] = {}
    for entry in catalogue.entries:
        shards.setdefault(entry.config_map, []).append(entry)
    labels = {CATALOGUE_LABEL: "true"} if catalogue.offered else {}
    return [
        stamp(_config_map(name, shards[name], labels), resolved, part=CATALOGUE_PART)
        for name in sorted(shards, key=lambda name: (len(name), name))
    ]


def _config_map(name: str, entries: Sequence[PublishedEntry], labels: dict[str, str]) -> Manifest:
    owners = {entry.key: write_owners(entry.connectors) for entry in entries}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "labels": labels,
            "annotations": {PUBLISHED_BY_ANNOTATION: json.dumps(owners, sort_keys=True)},
        },
        "data": {entry.key: entry.text for entry in entries},
    }

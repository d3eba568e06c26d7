"""The ConfigMap that publishes element templates for Modeler."""

import json

from connector_operator.domain import names
from connector_operator.domain.catalogue import Catalogue
from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import CATALOGUE_PART, PUBLISHED_BY_ANNOTATION
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.rendering.stamp import stamp

CATALOGUE_LABEL = "connectors.camunda.io/element-templates"


def catalogue_config_maps(resolved: ResolvedRuntime, catalogue: Catalogue) -> list[Manifest]:
    """One ConfigMap while there is something to publish, none otherwise; an annotation remembers whose each template is."""
    if not catalogue.entries:
        return []
    owners = {entry.key: entry.connector for entry in catalogue.entries}
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": names.catalogue(resolved.name),
            "labels": {CATALOGUE_LABEL: "true"},
            "annotations": {PUBLISHED_BY_ANNOTATION: json.dumps(owners, sort_keys=True)},
        },
        "data": {entry.key: entry.text for entry in catalogue.entries},
    }
    return [stamp(manifest, resolved, part=CATALOGUE_PART)]

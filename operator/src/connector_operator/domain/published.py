"""What catalogues offer, read back from their ConfigMaps: for the HTTP catalogue, for files on disk and for Camunda Hub."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from connector_operator.api.kinds import GROUP
from connector_operator.domain import names
from connector_operator.domain.element_template import Identity, identify
from connector_operator.domain.objects import PART_LABEL, RUNTIME_LABEL, Object, annotations_of, at, data_of, labels_of
from connector_operator.domain.observed import CATALOGUE_PART, PUBLISHED_BY_ANNOTATION, read_owners

CATALOGUE_LABEL = f"{GROUP}/element-templates"
"""`true` on every ConfigMap whose element templates are offered; absent while its catalogue is disabled."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What people want to know of an element template without reading it; empty where it does not say."""

    name: str
    description: str
    documentation: str
    """An http(s) address."""
    icon: str
    """A `data:image/…` address: what would have to be fetched from elsewhere is left out."""
    engine: str
    """The semver range of Camunda versions."""
    category: str
    """The name of the category that Modeler lists it under."""


@dataclass(frozen=True, slots=True)
class OfferedTemplate:
    """One element template of one runtime's catalogue."""

    namespace: str
    runtime: str
    connectors: tuple[str, ...]
    key: str
    identity: Identity
    text: str

    @property
    def facts(self) -> Facts:
        """What it says about itself."""
        return _facts(self.text)


def is_offered(config_map: Object) -> bool:
    """Whether a ConfigMap is a catalogue's, and that is not disabled."""
    labels = labels_of(config_map)
    return labels.get(CATALOGUE_LABEL) == "true" and labels.get(PART_LABEL) == CATALOGUE_PART


def offered(config_maps: Iterable[Object]) -> tuple[OfferedTemplate, ...]:
    """All element templates in these ConfigMaps, by namespace, runtime, id and version; damaged ones are left out."""
    found = (template for config_map in config_maps if is_offered(config_map) for template in _templates(config_map))
    return tuple(sorted(found, key=lambda one: (one.namespace, one.runtime, one.identity.id, one.identity.version)))


def index(templates: Iterable[OfferedTemplate], base: str) -> Mapping[str, list[Mapping[str, Any]]]:
    """The index that c8ctl and Desktop Modeler's updater read, newest version first; `base` is the address before a key.

    Both take a template for one of every Camunda version unless `engine.camunda` is a range: see `isTemplateCompatible` in
    https://github.com/camunda/camunda-modeler/blob/develop/app/lib/template-updater/util.js.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for template in templates:
        engine = {"engine": {"camunda": template.facts.engine}} if template.facts.engine else {}
        entry = {"version": template.identity.version, "ref": base + template.key, **engine}
        found.setdefault(template.identity.id, []).insert(0, entry)
    return found


def releases(templates: Sequence[OfferedTemplate], base: str) -> Sequence[Mapping[str, Any]]:
    """The listing that c8ctl reads from 4.1 on: one release, whose bundle has another address when it holds something else.

    It is that of a GitHub repository: https://github.com/camunda/c8ctl, `default-plugins/element-template/releases.ts`.
    """
    if not templates:
        return []
    name = f"connectors-bundle-templates-{bundle_digest(templates)}.tar.gz"
    return [{"tag_name": "1.0.0", "draft": False, "assets": [{"name": name, "browser_download_url": base + name}]}]


def bundle_digest(templates: Iterable[OfferedTemplate]) -> str:
    """The hash of all that a bundle holds."""
    digests = "".join(hashlib.sha256(template.text.encode()).hexdigest() for template in templates)
    return names.digest(digests.encode())


def _templates(config_map: Object) -> Iterable[OfferedTemplate]:
    metadata = config_map["metadata"]
    runtime = labels_of(config_map).get(RUNTIME_LABEL, "")
    owners = _owners(annotations_of(config_map).get(PUBLISHED_BY_ANNOTATION, "{}"))
    for key, text in data_of(config_map).items():
        identity = identify(text)
        if identity and key == names.template_key(identity.id, identity.version):
            yield OfferedTemplate(metadata.get("namespace", ""), runtime, read_owners(owners.get(key)), key, identity, text)


def _owners(text: str) -> Mapping[str, Any]:
    try:
        owners = json.loads(text)
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", owners) if isinstance(owners, dict) else {}


@lru_cache(maxsize=4096)
def _facts(text: str) -> Facts:
    template = json.loads(text)
    documentation, icon = _text(template.get("documentationRef")), _text(at(template, "icon").get("contents"))
    return Facts(
        name=_text(template.get("name")),
        description=_text(template.get("description")),
        documentation=documentation if documentation.startswith(("https://", "http://")) else "",
        icon=icon if icon.startswith("data:image/") else "",
        engine=_text(at(template, "engines").get("camunda")),
        category=_text(at(template, "category").get("name")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

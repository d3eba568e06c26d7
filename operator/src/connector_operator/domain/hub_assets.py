"""What Camunda Hub's catalogue shall hold: the newest version of every element template, each with a README that describes it.

Follows https://docs.camunda.io/docs/next/components/hub/organization/manage-catalog/getting-started/.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector_operator.domain.published import OfferedTemplate

MAX_FILES = 5_000
"""Per submission; an installation of one's own may allow more."""

MAX_BYTES = 20 * 1024 * 1024
"""Per submission; an installation of one's own may allow more."""


@dataclass(frozen=True, slots=True)
class Asset:
    """An element template and its README, side by side in a folder of their own."""

    folder: str
    template_name: str
    template: str
    readme: str

    @property
    def size(self) -> int:
        """The bytes of both files."""
        return len(self.template.encode()) + len(self.readme.encode())


@dataclass(frozen=True, slots=True)
class Filing:
    """How Hub sorts what we send; a template's own category counts where none is given."""

    category: str = ""
    tags: Sequence[str] = ()


def assets(templates: Iterable[OfferedTemplate], filing: Filing) -> tuple[Asset, ...]:
    """One asset per id, by id: Hub takes each id once, and keeps the versions that it was given before."""
    newest: dict[str, OfferedTemplate] = {}
    for template in templates:
        known = newest.setdefault(template.identity.id, template)
        if template.identity.version > known.identity.version:
            newest[template.identity.id] = template
    return tuple(_asset(newest[template_id], filing) for template_id in sorted(newest))


def beyond_limits(found: Sequence[Asset]) -> str:
    """What Hub's documented limits would say of a submission; empty when it is within."""
    files, size = 2 * len(found), sum(asset.size for asset in found)
    if files > MAX_FILES:
        return f"{files} files are more than the {MAX_FILES} that Hub takes by default"
    if size > MAX_BYTES:
        return f"{size / 1024**2:.1f} MB are more than the {MAX_BYTES // 1024**2} MB that Hub takes by default"
    return ""


def _asset(template: OfferedTemplate, filing: Filing) -> Asset:
    folder = template.key.rpartition("-v")[0]
    name = f"{folder}.json"
    return Asset(folder, name, template.text, _readme(template, name, filing))


def _readme(template: OfferedTemplate, name: str, filing: Filing) -> str:
    """JSON strings are YAML ones, whatever is in them."""
    facts = template.facts
    category = filing.category or facts.category
    front = [f"template: {json.dumps(name)}"]
    front += [f"category: {json.dumps(category, ensure_ascii=False)}"] if category else []
    front += [f"tags: {json.dumps(list(filing.tags), ensure_ascii=False)}"] if filing.tags else []
    connectors = " and ".join(f"`{connector}`" for connector in template.connectors)
    served = f"Served by Connector {connectors} of runtime `{template.runtime}` in namespace `{template.namespace}`."
    body = [facts.description, served]
    body += [f"[Documentation](<{facts.documentation}>)"] if facts.documentation else []
    return "\n".join(["---", *front, "---", "", "\n\n".join(filter(None, body)), ""])

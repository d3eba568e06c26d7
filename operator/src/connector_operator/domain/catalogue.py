"""Which element templates a runtime publishes: "what Modeler offers is what runs".

A template appears when its Connector is accepted and a pod has loaded it, and stays (old versions too, since a diagram pins
id and version) until its Connector is gone, refused or suspended. A pod that blinks changes nothing, and a catalogue that is
disabled is withdrawn, not forgotten.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConfigMapKeyReference
from connector_operator.domain import names
from connector_operator.domain.binding import Published
from connector_operator.domain.desired import Configuration
from connector_operator.domain.objects import PART_LABEL, SOURCE_PART, Object, data_of
from connector_operator.domain.observed import PublishedEntry
from connector_operator.domain.problem import Problem
from connector_operator.domain.progress import reports_about
from connector_operator.domain.reports import LoadState, PodReport
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector
from connector_operator.domain.sharding import MAX_SHARDS, Shards, Weight
from connector_operator.domain.strict_json import read_json
from connector_operator.element_templates.check import why_refused

MAX_ID = 200
"""Longest id of an element template: as long as the longest job type."""

MAX_VERSION = 2**53 - 1
"""The highest version that JavaScript, and so Modeler, tells from its neighbours."""


@dataclass(frozen=True, slots=True)
class ElementTemplate:
    """One element template, and its text as it is published."""

    id: str
    version: int
    text: str

    @property
    def digest(self) -> str:
        """The hash by which pods name it (docs/worker-contract.md §4)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TemplateRequest:
    """Element templates that a pod reports and the catalogue does not hold yet."""

    connector: str
    pod: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is to be published, by key, and why some templates are not."""

    entries: tuple[PublishedEntry, ...]
    problems: Mapping[str, Problem]
    """By Connector name."""
    offered: bool = True
    """False while the catalogue is disabled: what it has published is remembered and shown to nobody."""

    def published(self) -> Mapping[str, tuple[Published, ...]]:
        """By Connector name: where its element templates are published."""
        places: dict[str, list[Published]] = {}
        for entry in self.entries if self.offered else ():
            if identity := identify(entry.text):
                place = Published(identity.id, identity.version, entry.config_map, entry.key)
                places.setdefault(entry.connector, []).append(place)
        return {connector: tuple(found) for connector, found in places.items()}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a diagram pins of an element template."""

    id: str
    version: int


def read_template(document: Any) -> ElementTemplate | str:
    """Check that a JSON value is an element template; otherwise say what is wrong with it."""
    if not isinstance(document, dict):
        return f"an element template is a JSON object (got {type(document).__name__})"
    template = cast("dict[str, Any]", document)
    for member, kind in (("id", str), ("name", str), ("appliesTo", list), ("properties", list)):
        if not isinstance(template.get(member), kind) or not template[member]:
            return f"an element template needs '{member}' ({kind.__name__}); see the element template JSON schema"
    if len(template["id"]) > MAX_ID:
        return f"'id' must have at most {MAX_ID} characters (got {len(template['id'])})"
    version = template.get("version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= MAX_VERSION:
        return f"'version' must be an integer from 0 to {MAX_VERSION} (got {version!r:.50})"
    try:
        text = json.dumps(template, indent=2, ensure_ascii=False, allow_nan=False)
        text.encode()  # JSON can spell half of a surrogate pair, which no ConfigMap can hold
    except (ValueError, RecursionError) as error:
        return f"cannot be written as JSON: {error}"
    return ElementTemplate(template["id"], version, text)


def requests(
    resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]
) -> tuple[TemplateRequest, ...]:
    """Whose generated element templates have to be fetched from a pod: reported, and not published with that content."""
    published = {hashlib.sha256(entry.text.encode()).hexdigest() for entry in resolved.observed.catalogue.values()}
    return tuple(
        TemplateRequest(served.name, pod)
        for served in resolved.served
        if not served.spec.element_templates and resolved.spec and resolved.spec.catalogue.enabled
        for pod, report in reports_about(served.name, configuration, resolved.observed, reports)[:1]
        if report.state is LoadState.LOADED and {template.digest for template in report.element_templates} - published
    )


def compose(
    resolved: ResolvedRuntime,
    loaded: Callable[[str], bool],
    fetched: Mapping[str, tuple[ElementTemplate, ...]],
    sources: Mapping[str, Object],
) -> Catalogue:
    """Decide what the catalogue holds. `loaded` says whether a pod serves a Connector; `fetched` is by Connector name."""
    served = {connector.name for connector in resolved.served}
    known = (entry for entry in resolved.observed.catalogue.values() if entry.connector in served and _is_intact(entry))
    shelf = _Shelf([names.catalogue(resolved.name, shard) for shard in range(MAX_SHARDS)], known)
    if resolved.spec is None or not resolved.spec.catalogue.enabled:
        return shelf.catalogue(offered=False)
    ages = {checked.name: checked.age for checked in resolved.selected}
    for connector in sorted(resolved.served, key=lambda item: ages[item.name]):
        if connector.spec.element_templates:
            given, problem = _given(connector, sources)
            if problem:
                shelf.problems[connector.name] = problem
            elif loaded(connector.name):
                shelf.replace(connector.name, given)
        elif loaded(connector.name):
            shelf.add(connector.name, fetched.get(connector.name, ()))
    return shelf.catalogue(offered=True)


@lru_cache(maxsize=1024)
def identify(text: str) -> Identity | None:
    """The identity of a template whose text is exactly as the operator writes it; `None` for any other text.

    Remembered, since a runtime of a thousand templates is reconciled again and again, and their texts never change.
    """
    try:
        template = read_template(read_json(text))
    except ValueError:
        return None
    if isinstance(template, str) or template.text != text:
        return None
    return Identity(template.id, template.version)


def _is_intact(entry: PublishedEntry) -> bool:
    """Whether an entry is as the operator writes it: one that somebody damaged is dropped here, and published anew."""
    identity = identify(entry.text)
    return identity is not None and entry.key == names.template_key(identity.id, identity.version)


class _Shelf:
    """The catalogue while it is put together; the older Connector comes first and wins."""

    def __init__(self, config_maps: Sequence[str], known: Iterable[PublishedEntry]) -> None:
        self.problems: dict[str, Problem] = {}
        self._entries: dict[str, PublishedEntry] = {}
        self._shards = Shards(config_maps)
        lost = [entry for entry in known if not self._stays(entry)]
        for entry in lost:
            self._place(entry)

    def catalogue(self, *, offered: bool) -> Catalogue:
        """What has come together, by key."""
        return Catalogue(tuple(self._entries[key] for key in sorted(self._entries)), self.problems, offered)

    def replace(self, connector: str, templates: Iterable[ElementTemplate]) -> None:
        """Publish exactly these for a Connector that brings its own: what left its list leaves the catalogue."""
        templates = tuple(templates)
        keys = {names.template_key(template.id, template.version) for template in templates}
        gone = [key for key, entry in self._entries.items() if entry.connector == connector and key not in keys]
        for key in gone:
            entry = self._entries.pop(key)
            self._shards.take(entry.config_map, _weight(entry))
        self.add(connector, templates)

    def add(self, connector: str, templates: Iterable[ElementTemplate]) -> None:
        """Publish these beside what the Connector has published before."""
        for template in templates:
            key = names.template_key(template.id, template.version)
            if (present := self._entries.get(key)) is not None:
                self._keep(connector, template, present)
            elif not self._place(PublishedEntry(key, connector, template.text)):
                message = f"element template '{template.id}' version {template.version}: the catalogue is full"
                self.problems[connector] = Problem(Reason.CATALOGUE_FULL, f"{message}; select fewer Connectors per runtime")

    def _stays(self, entry: PublishedEntry) -> bool:
        """Leave an entry in its ConfigMap, if that is one of ours and not overfull by somebody's edit."""
        kept = self._shards.knows(entry.config_map) and self._shards.put(entry.config_map, _weight(entry))
        if kept:
            self._entries[entry.key] = entry
        return kept

    def _place(self, entry: PublishedEntry) -> bool:
        config_map = self._shards.place(_weight(entry))
        if config_map is not None:
            self._entries[entry.key] = replace(entry, config_map=config_map)
        return config_map is not None

    def _keep(self, connector: str, template: ElementTemplate, present: PublishedEntry) -> None:
        """What is published under an id and version never changes: diagrams rely on it."""
        if present.text == template.text and present.connector == connector:
            return
        what = f"element template '{template.id}' version {template.version}"
        if present.connector == connector:
            why = f"{what} is published with other content (its hash is now {template.digest[:10]}): raise its version"
        else:
            why = f"{what} is published for Connector '{present.connector}': choose another id"
        self.problems[connector] = Problem(Reason.INVALID_ELEMENT_TEMPLATE, why)


def _weight(entry: PublishedEntry) -> Weight:
    return Weight.of(entry.key, entry.text, entry.connector)


def _given(connector: ServedConnector, sources: Mapping[str, Object]) -> tuple[tuple[ElementTemplate, ...], Problem | None]:
    """The element templates that a Connector brings along, or the first thing wrong with them."""
    templates: list[ElementTemplate] = []
    for index, reference in enumerate(connector.spec.element_templates):
        read = _read_reference(reference.config_map_key_ref, sources)
        if isinstance(read, str):
            where = f"spec.elementTemplates[{index}]: "
            return (), Problem(Reason.INVALID_ELEMENT_TEMPLATE, where + read)
        templates += read
    return tuple(templates), None


def _read_reference(reference: ConfigMapKeyReference, sources: Mapping[str, Object]) -> list[ElementTemplate] | str:
    found = sources.get(reference.name)
    where = f"ConfigMap '{reference.name}' key '{reference.key}'"
    if found is None or reference.key not in data_of(found):
        return f"cannot find {where} labelled {PART_LABEL}={SOURCE_PART} in this namespace: create or label it"
    try:
        document = read_json(data_of(found)[reference.key])
    except ValueError as error:
        return f"{where} is not JSON: {error}"
    read = [read_template(item) for item in (cast("list[Any]", document) if isinstance(document, list) else [document])]
    wrong = next((why for item in read if (why := item if isinstance(item, str) else _refusal(item))), None)
    return f"{where}: {wrong}" if wrong else [item for item in read if isinstance(item, ElementTemplate)]


@lru_cache(maxsize=1024)
def _refusal(template: ElementTemplate) -> str | None:
    """Why Modeler would drop a template; remembered, since the same texts are read in every reconcile."""
    finding = why_refused(read_json(template.text))
    return f"'{template.id}': {finding.text}" if finding else None

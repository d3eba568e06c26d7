"""Which element templates a runtime publishes: "what Modeler offers is what runs".

A template appears when its Connector is accepted and a pod has loaded it, and stays (old versions too, since a diagram pins
id and version) until its Connector is gone, refused or suspended. A pod that blinks changes nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from connector_operator.domain.strict_json import read_json

MAX_CATALOGUE_BYTES = 900 * 1024
"""A ConfigMap may hold 1 MiB; the rest is for keys and metadata."""

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

    def published(self, config_map: str) -> Mapping[str, tuple[Published, ...]]:
        """By Connector name: where its element templates are published."""
        places: dict[str, list[Published]] = {}
        for entry in self.entries:
            template = json.loads(entry.text)
            place = Published(template["id"], template.get("version", 0), config_map, entry.key)
            places.setdefault(entry.connector, []).append(place)
        return {connector: tuple(found) for connector, found in places.items()}


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
    if resolved.spec is None or not resolved.spec.catalogue.enabled:
        return Catalogue((), {})
    served = {connector.name: connector for connector in resolved.served}
    published = resolved.observed.catalogue.items()
    shelf = _Shelf({key: entry for key, entry in published if entry.connector in served and _is_intact(entry)})
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
    return Catalogue(tuple(shelf.entries[key] for key in sorted(shelf.entries)), shelf.problems)


def _is_intact(entry: PublishedEntry) -> bool:
    """Whether an entry is as the operator writes it: one that somebody damaged is dropped here, and published anew."""
    try:
        template = read_template(read_json(entry.text))
    except ValueError:
        return False
    if isinstance(template, str):
        return False
    return entry.text == template.text and entry.key == names.template_key(template.id, template.version)


class _Shelf:
    """The catalogue while it is put together; the older Connector comes first and wins."""

    def __init__(self, entries: dict[str, PublishedEntry]) -> None:
        self.entries = entries
        self.problems: dict[str, Problem] = {}
        self._size = sum(len(entry.text.encode()) for entry in entries.values())

    def replace(self, connector: str, templates: Iterable[ElementTemplate]) -> None:
        """Publish exactly these for a Connector that brings its own: what left its list leaves the catalogue."""
        templates = tuple(templates)
        keys = {names.template_key(template.id, template.version) for template in templates}
        gone = [key for key, entry in self.entries.items() if entry.connector == connector and key not in keys]
        for key in gone:
            self._size -= len(self.entries.pop(key).text.encode())
        self.add(connector, templates)

    def add(self, connector: str, templates: Iterable[ElementTemplate]) -> None:
        """Publish these beside what the Connector has published before."""
        for template in templates:
            key = names.template_key(template.id, template.version)
            if (present := self.entries.get(key)) is not None:
                self._keep(connector, template, present)
            elif self._size + (size := len(template.text.encode())) > MAX_CATALOGUE_BYTES:
                message = f"element template '{template.id}' version {template.version}: the catalogue is full"
                self.problems[connector] = Problem(Reason.CATALOGUE_FULL, f"{message}; select fewer Connectors per runtime")
            else:
                self.entries[key] = PublishedEntry(key, connector, template.text)
                self._size += size

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
    wrong = next((item for item in read if isinstance(item, str)), None)
    return f"{where}: {wrong}" if wrong else [item for item in read if isinstance(item, ElementTemplate)]

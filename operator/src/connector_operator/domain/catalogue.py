"""Which element templates a runtime publishes: "what Modeler offers is what runs".

A template appears when its Connector is accepted and a pod has loaded it, and stays (old versions too, since a diagram pins
id and version) until its Connector is gone, refused or suspended. A pod that blinks changes nothing, and a catalogue that is
disabled is withdrawn, not forgotten.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from connector_operator.domain import names
from connector_operator.domain.desired import Configuration
from connector_operator.domain.element_template import ElementTemplate, identify
from connector_operator.domain.given_templates import given_templates
from connector_operator.domain.objects import Object
from connector_operator.domain.observed import PublishedEntry
from connector_operator.domain.progress import reports_about
from connector_operator.domain.reports import LoadState, PodReport
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.domain.sharding import MAX_SHARDS
from connector_operator.domain.shelf import Catalogue, Shelf


@dataclass(frozen=True, slots=True)
class TemplateRequest:
    """Element templates that a pod reports and the catalogue does not hold yet."""

    connector: str
    pod: str


def requests(
    resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]
) -> tuple[TemplateRequest, ...]:
    """Whose generated element templates have to be fetched from a pod: reported, and not published for it with that content."""
    published = {
        (connector, hashlib.sha256(entry.text.encode()).hexdigest())
        for entry in resolved.observed.catalogue.values()
        for connector in entry.connectors
    }
    return tuple(
        TemplateRequest(served.name, pod)
        for served in resolved.served
        if not served.spec.element_templates and resolved.spec and resolved.spec.catalogue.enabled
        for pod, report in reports_about(served.name, configuration, resolved.observed, reports)[:1]
        if report.state is LoadState.LOADED
        and any((served.name, template.digest) not in published for template in report.element_templates)
    )


def compose(
    resolved: ResolvedRuntime,
    loaded: Callable[[str], bool],
    fetched: Mapping[str, tuple[ElementTemplate, ...]],
    sources: Mapping[str, Object],
) -> Catalogue:
    """Decide what the catalogue holds. `loaded` says whether a pod serves a Connector; `fetched` is by Connector name."""
    served = {connector.name for connector in resolved.served}
    known = (entry for entry in resolved.observed.catalogue.values() if _is_intact(entry))
    shelf = Shelf([names.catalogue(resolved.name, shard) for shard in range(MAX_SHARDS)], _of_served(known, served))
    if resolved.spec is None or not resolved.spec.catalogue.enabled:
        return shelf.catalogue(offered=False)
    ages = {checked.name: checked.age for checked in resolved.selected}
    for connector in sorted(resolved.served, key=lambda item: ages[item.name]):
        if connector.spec.element_templates:
            given, problem = given_templates(connector, sources)
            if problem:
                shelf.problems[connector.name] = problem
            elif loaded(connector.name):
                shelf.replace(connector.name, given)
        elif loaded(connector.name):
            shelf.add(connector.name, fetched.get(connector.name, ()))
    return shelf.catalogue(offered=True)


def _is_intact(entry: PublishedEntry) -> bool:
    """Whether an entry is as the operator writes it: one that somebody damaged is dropped here, and published anew."""
    identity = identify(entry.text)
    return identity is not None and entry.key == names.template_key(identity.id, identity.version)


def _of_served(entries: Iterable[PublishedEntry], served: Set[str]) -> Iterator[PublishedEntry]:
    """The entries that a Connector still brings, without the Connectors that are gone, refused or suspended."""
    for entry in entries:
        if connectors := tuple(name for name in entry.connectors if name in served):
            yield replace(entry, connectors=connectors)

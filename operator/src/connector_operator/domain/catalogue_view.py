"""What the catalogue's page for people shows: per runtime its element templates, newest version first, and who serves them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from connector_operator.api.conditions import ConditionType
from connector_operator.domain.objects import Object, list_at
from connector_operator.domain.published import Facts, OfferedTemplate


@dataclass(frozen=True, slots=True)
class Download:
    """One version of an element template and its address below the runtime's."""

    version: int
    key: str


@dataclass(frozen=True, slots=True)
class Card:
    """One element template: its newest version, and the older ones that diagrams may still pin."""

    id: str
    facts: Facts
    newest: Download
    older: tuple[Download, ...]
    connector: str
    ready: bool
    reason: str
    """Why the Connector is not ready."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The element templates of one runtime."""

    namespace: str
    runtime: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """Everything on the page."""

    search: str
    shelves: tuple[Shelf, ...]

    @property
    def count(self) -> int:
        """How many element templates are shown."""
        return sum(len(shelf.cards) for shelf in self.shelves)


def view(templates: Iterable[OfferedTemplate], connectors: Mapping[tuple[str, str], Object], search: str) -> CatalogueView:
    """Arrange what is offered (sorted as `offered` does); `connectors` is by namespace and name.

    Every word of `search` has to be in an element template's id, name, description, Connector, runtime or namespace.
    """
    words = search.casefold().split()
    shelves: list[Shelf] = []
    for (namespace, runtime), of_runtime in groupby(templates, key=lambda one: (one.namespace, one.runtime)):
        groups = (tuple(versions) for _, versions in groupby(of_runtime, key=lambda one: one.identity.id))
        cards = tuple(_card(versions, connectors) for versions in groups if _is_found(versions[-1], words))
        if cards:
            shelves.append(
                Shelf(namespace, runtime, tuple(sorted(cards, key=lambda card: (card.facts.name.casefold(), card.id))))
            )
    return CatalogueView(search, tuple(shelves))


def _is_found(template: OfferedTemplate, words: Iterable[str]) -> bool:
    facts = template.facts
    places = (template.identity.id, facts.name, facts.description, template.connector, template.runtime, template.namespace)
    text = "\n".join(places).casefold()
    return all(word in text for word in words)


def _card(versions: tuple[OfferedTemplate, ...], connectors: Mapping[tuple[str, str], Object]) -> Card:
    newest = versions[-1]
    conditions = list_at(connectors.get((newest.namespace, newest.connector)), "status", "conditions")
    unknown: Object = {}
    ready = next((one for one in conditions if one.get("type") == ConditionType.READY), unknown)
    downloads = [Download(one.identity.version, one.key) for one in reversed(versions)]
    return Card(
        id=newest.identity.id,
        facts=newest.facts,
        newest=downloads[0],
        older=tuple(downloads[1:]),
        connector=newest.connector,
        ready=ready.get("status") == "True",
        reason=str(ready.get("reason", "Unknown")),
    )

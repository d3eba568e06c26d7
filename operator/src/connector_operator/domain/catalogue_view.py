"""What the catalogue's page for people shows: per runtime its element templates, newest version first, and who serves them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from connector_operator.domain.conditions import ready_condition
from connector_operator.domain.objects import Object
from connector_operator.domain.published import Facts, OfferedTemplate


@dataclass(frozen=True, slots=True)
class Download:
    """One version of an element template and its address below the runtime's."""

    version: int
    key: str


@dataclass(frozen=True, slots=True)
class Server:
    """A Connector that brings an element template."""

    connector: str
    ready: bool
    reason: str
    """Why it is not ready."""


@dataclass(frozen=True, slots=True)
class Card:
    """One element template: its newest version, and the older ones that diagrams may still pin."""

    id: str
    facts: Facts
    newest: Download
    older: tuple[Download, ...]
    servers: tuple[Server, ...]
    words: str
    """What a search looks in, in lower case."""

    def has(self, words: Iterable[str]) -> bool:
        """Whether every one of these is somewhere in what a search looks in."""
        return all(word in self.words for word in words)

    @property
    def letter(self) -> str:
        """What stands for an icon where there is none."""
        return next((sign.upper() for sign in self.facts.name if sign.isalnum()), "•")


@dataclass(frozen=True, slots=True)
class RuntimeCards:
    """The element templates of one runtime."""

    namespace: str
    runtime: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """Everything on the page."""

    search: str
    runtimes: tuple[RuntimeCards, ...]

    @property
    def count(self) -> int:
        """How many element templates are shown."""
        return sum(len(of_runtime.cards) for of_runtime in self.runtimes)


def view(templates: Iterable[OfferedTemplate], connectors: Mapping[tuple[str, str], Object], search: str) -> CatalogueView:
    """Arrange what is offered (sorted as `offered` does); `connectors` is by namespace and name.

    Every word of `search` has to be in an element template's id, name, description, Connector, runtime or namespace.
    """
    words = search.lower().split()
    shown: list[RuntimeCards] = []
    for (namespace, runtime), of_runtime in groupby(templates, key=lambda one: (one.namespace, one.runtime)):
        groups = (tuple(versions) for _, versions in groupby(of_runtime, key=lambda one: one.identity.id))
        cards = [card for versions in groups if (card := _card(versions, connectors)).has(words)]
        if cards:
            shown.append(
                RuntimeCards(namespace, runtime, tuple(sorted(cards, key=lambda card: (card.facts.name.casefold(), card.id))))
            )
    return CatalogueView(search, tuple(shown))


def _searched(template: OfferedTemplate) -> str:
    facts = template.facts
    places = (template.identity.id, facts.name, facts.description, *template.connectors, template.runtime, template.namespace)
    return "\n".join(places).lower()  # as JavaScript's toLowerCase, so that a search with and without a script finds the same


def _card(versions: tuple[OfferedTemplate, ...], connectors: Mapping[tuple[str, str], Object]) -> Card:
    newest = versions[-1]
    downloads = [Download(one.identity.version, one.key) for one in reversed(versions)]
    return Card(
        id=newest.identity.id,
        facts=newest.facts,
        newest=downloads[0],
        older=tuple(downloads[1:]),
        words=_searched(newest),
        servers=tuple(_server(name, connectors.get((newest.namespace, name))) for name in newest.connectors),
    )


def _server(name: str, connector: Object | None) -> Server:
    ready = ready_condition(connector)
    return Server(name, ready.get("status") == "True", str(ready.get("reason", "Unknown")))

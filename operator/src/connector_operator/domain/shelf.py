"""The catalogue while it is put together: who comes first wins, identical content is shared, what has a place keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector_operator.api.conditions import Reason
from connector_operator.domain import names
from connector_operator.domain.binding import Published
from connector_operator.domain.element_template import ElementTemplate, identify
from connector_operator.domain.observed import PublishedEntry, write_owners
from connector_operator.domain.problem import Problem
from connector_operator.domain.sharding import Shards, Weight


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
                for connector in entry.connectors:
                    places.setdefault(connector, []).append(place)
        return {connector: tuple(found) for connector, found in places.items()}


class Shelf:
    """Element templates in their ConfigMaps; Connectors are added oldest first."""

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
        gone = [entry for key, entry in self._entries.items() if connector in entry.connectors and key not in keys]
        for entry in gone:
            self._leave(connector, entry)
        self.add(connector, templates)

    def add(self, connector: str, templates: Iterable[ElementTemplate]) -> None:
        """Publish these beside what the Connector has published before."""
        for template in templates:
            key = names.template_key(template.id, template.version)
            if (present := self._entries.get(key)) is not None:
                self._keep(connector, template, present)
            elif not self._place(PublishedEntry(key, (connector,), template.text)):
                self._refuse(connector, template)

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
        """What is published under an id and version never changes, since diagrams rely on it; the same content is shared."""
        if present.text == template.text:
            if connector not in present.connectors and not self._join(connector, present):
                self._refuse(connector, template)
            return
        what = f"element template '{template.id}' version {template.version}"
        if connector in present.connectors:
            why = f"{what} is published with other content (its hash is now {template.digest[:10]}): raise its version"
        else:
            why = f"{what} is published with other content for Connector '{present.connectors[0]}': choose another id"
        self.problems[connector] = Problem(Reason.INVALID_ELEMENT_TEMPLATE, why)

    def _join(self, connector: str, entry: PublishedEntry) -> bool:
        """Let one more Connector bring what is there already; whether there is room for its name."""
        joined = replace(entry, connectors=(*entry.connectors, connector))
        self._shards.take(entry.config_map, _weight(entry))
        fits = self._shards.put(entry.config_map, _weight(joined))
        if fits:
            self._entries[entry.key] = joined
        else:
            self._shards.put(entry.config_map, _weight(entry))
        return fits

    def _leave(self, connector: str, entry: PublishedEntry) -> None:
        """Let a Connector bring an entry no longer; the last one takes it along."""
        self._shards.take(entry.config_map, _weight(entry))
        left = replace(entry, connectors=tuple(name for name in entry.connectors if name != connector))
        if left.connectors:
            self._shards.put(entry.config_map, _weight(left))
            self._entries[entry.key] = left
        else:
            del self._entries[entry.key]

    def _refuse(self, connector: str, template: ElementTemplate) -> None:
        message = f"element template '{template.id}' version {template.version}: the catalogue is full"
        self.problems[connector] = Problem(Reason.CATALOGUE_FULL, f"{message}; select fewer Connectors per runtime")


def _weight(entry: PublishedEntry) -> Weight:
    return Weight.of(entry.key, entry.text, write_owners(entry.connectors))

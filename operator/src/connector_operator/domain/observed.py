"""What the runtime's own objects say, read back: the only memory that the operator has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.kinds import GROUP
from connector_operator.domain.desired import Configuration, Worker, configuration_of
from connector_operator.domain.objects import (
    CONFIG_MAP,
    CONNECTOR_LABEL,
    DEPLOYMENT,
    PART_LABEL,
    POD,
    REPLICA_SET,
    Object,
    ObjectRef,
    annotations_of,
    at,
    data_of,
    kind_of,
    labels_of,
    list_at,
    ref_of,
    uid_of,
)
from connector_operator.domain.strict_json import read_json

CONFIG_PART = "config"
ACCEPTED_PART = "accepted"
SOURCE_COPY_PART = "source-copy"
CATALOGUE_PART = "catalogue"
WORKER_PART = "worker"

HASH_ANNOTATION = f"{GROUP}/desired-hash"
PUBLISHED_BY_ANNOTATION = f"{GROUP}/published-by"
CONFIG_LABEL = f"{GROUP}/config"
"""On pods: the hash of the configuration that they were made for."""


class AcceptedConnector(BaseModel):
    """One Connector as it was last accepted: an entry of `accepted.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    spec: ConnectorSpec
    source: str | None = None
    """The ConfigMap with the copied Python files."""
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """One element template that the catalogue holds now."""

    key: str
    connectors: tuple[str, ...]
    """Who brings it, the first one first: identical content is shared."""
    text: str
    config_map: str = ""
    """Where it is; empty before it has a place."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A runtime's objects, sorted by what they are for."""

    by_ref: Mapping[ObjectRef, Object]
    deployments: Mapping[str, Object]
    """By name: one that bundles the runtime's Connectors, or one for each."""
    pods: tuple[Object, ...]
    configs: Mapping[str, Object]
    """Configuration ConfigMaps by the hash in their name."""
    accepted: Mapping[str, AcceptedConnector]
    """By Connector name: what was accepted last, whether or not it still would be."""
    catalogue: Mapping[str, PublishedEntry]
    """By key."""
    foreign: tuple[Object, ...] = field(default=())
    """Objects that carry the runtime's label and belong to somebody else: an earlier runtime of that name, or a user."""


def observe(runtime: Object, owned: Iterable[Object]) -> Observed:
    """Sort a runtime's labelled objects; those with another owner are set apart."""
    ours: list[Object] = []
    foreign: list[Object] = []
    for obj in owned:
        (ours if _is_ours(runtime, obj) else foreign).append(obj)
    by_ref = {ref_of(obj): obj for obj in ours}
    config_maps = [obj for ref, obj in by_ref.items() if ref.kind == CONFIG_MAP]
    configs = {_config_hash(obj): obj for obj in config_maps if labels_of(obj).get(PART_LABEL) == CONFIG_PART}
    return Observed(
        by_ref=by_ref,
        deployments={ref.name: by_ref[ref] for ref in sorted(by_ref) if ref.kind == DEPLOYMENT},
        pods=tuple(sorted((o for r, o in by_ref.items() if r.kind == POD), key=lambda pod: pod["metadata"]["name"])),
        configs=configs,
        accepted=_accepted(obj for obj in config_maps if labels_of(obj).get(PART_LABEL) == ACCEPTED_PART),
        catalogue=_catalogue(obj for obj in config_maps if labels_of(obj).get(PART_LABEL) == CATALOGUE_PART),
        foreign=tuple(foreign),
    )


def running_config(deployment: Object | None) -> str:
    """The configuration hash that a Deployment's pod template names; empty when there is none."""
    return at(deployment, "spec", "template", "metadata", "labels").get(CONFIG_LABEL, "")


def observed_configuration(observed: Observed) -> Configuration:
    """The configuration that the Deployments run now; an empty one when there is no Deployment."""
    return configuration_of(tuple(_worker(name, obj, observed.configs) for name, obj in observed.deployments.items()))


def _worker(name: str, deployment: Object, configs: Mapping[str, Object]) -> Worker:
    running = running_config(deployment)
    config = configs.get(running)
    connector = labels_of(deployment).get(CONNECTOR_LABEL, "")
    return Worker(name, connector, data_of(config).get("config.json", ""), running, config_entries(config))


def config_entries(config: Object | None) -> Mapping[str, Mapping[str, Any]]:
    """The entries of a configuration ConfigMap by Connector name; empty when there is no such ConfigMap."""
    return _entries(data_of(config).get("config.json", "{}"))


@lru_cache(maxsize=8)
def _entries(text: str) -> Mapping[str, Mapping[str, Any]]:
    # a roll-out asks for every Connector of the one revision before it: it is read once, not once for each
    entries = list_at(_json_object(text), "connectors")
    return {entry["name"]: entry for entry in entries if isinstance(entry.get("name"), str)}


def _is_ours(runtime: Object, obj: Object) -> bool:
    """Pods and ReplicaSets belong to the Deployment; everything else to the runtime, by uid.

    What carries our hash and has lost its owner (a restored backup) is ours too, and gets its owner back by the next apply.
    """
    if kind_of(obj) in (POD, REPLICA_SET):
        return True
    of_runtime = [owner for owner in list_at(obj, "metadata", "ownerReferences") if owner.get("kind") == "ConnectorRuntime"]
    if not of_runtime:
        return HASH_ANNOTATION in annotations_of(obj)
    return any(owner.get("uid") == uid_of(runtime) for owner in of_runtime)


def _config_hash(config: Object) -> str:
    return config["metadata"]["name"].rpartition("-")[2]


def _document(config: Object | None, key: str) -> Mapping[str, Any]:
    """A JSON document of a ConfigMap of ours; one that somebody damaged reads as empty and is repaired by the next apply."""
    return _json_object(data_of(config).get(key, "{}"))


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        document = read_json(text)
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", document) if isinstance(document, dict) else {}


def _accepted(config_maps: Iterable[Object]) -> Mapping[str, AcceptedConnector]:
    accepted: dict[str, AcceptedConnector] = {}
    for name, entry in (item for obj in config_maps for item in _document(obj, "accepted.json").items()):
        try:
            accepted[name] = AcceptedConnector.model_validate(entry)
        except ValidationError:
            continue  # written by another version of the operator: not a spec that this one can keep running
    return accepted


def _catalogue(config_maps: Iterable[Object]) -> Mapping[str, PublishedEntry]:
    entries: dict[str, PublishedEntry] = {}
    for config_map in config_maps:
        by = _json_object(annotations_of(config_map).get(PUBLISHED_BY_ANNOTATION, "{}"))
        name = config_map["metadata"]["name"]
        for key, text in data_of(config_map).items():
            entries.setdefault(key, PublishedEntry(key, read_owners(by.get(key)), text, name))
    return entries


def write_owners(connectors: Iterable[str]) -> str:
    """The Connectors of one element template, as the annotation of a catalogue's ConfigMap spells them."""
    return ",".join(connectors)


def read_owners(text: object) -> tuple[str, ...]:
    """The reverse of `write_owners`; nobody for what somebody damaged."""
    return tuple(filter(None, text.split(","))) if isinstance(text, str) else ()

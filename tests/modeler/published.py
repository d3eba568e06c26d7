"""What is published: the files of the out-of-the-box connectors, and what an operator's catalogue serves over HTTP."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from job_worker import Pod
from loopback_server import listening
from scenario_world import World
from scenes import Played

from connector_operator.engine.catalogue_server import CatalogueServer

LABELS = {"team": "shop"}
Template = dict[str, Any]
Key = tuple[str, Any]
"""Id and version."""


def key_of(template: Mapping[str, Any]) -> Key:
    """Id and version of a template."""
    return template["id"], template.get("version")


def templates_in(folder: Path) -> list[Template]:
    """The element templates in all JSON files below a folder; a file holds one or a list of them."""
    found: list[Template] = []
    for file in sorted(folder.rglob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        found += document if isinstance(document, list) else [document]
    return [one for one in found if "properties" in one]


async def catalogue_templates(played: Sequence[Played], reported: Mapping[str, list[Template]]) -> list[Template]:
    """What an operator's catalogue serves, once its pods have reported their templates, read as a client reads it."""
    world = World()
    world.pods.templates = dict(reported)
    world.apply("runtime.yaml")
    for one in played:
        for obj in one.objects:
            labels = obj["metadata"].get("labels", {}) | (LABELS if obj["kind"] == "Connector" else {})
            world.put(obj | {"metadata": obj["metadata"] | {"labels": labels}})
    await world.settle_rolled_out()
    async with listening(CatalogueServer(world.store).app()) as port:
        return await _read(f"http://127.0.0.1:{port}/catalog/{world.namespace}/shop/index.json")


async def _read(address: str) -> list[Template]:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.get(address) as answer:
            index = json.loads(await answer.text())
        references = [version["ref"] for versions in index.values() for version in versions]
        return list(await asyncio.gather(*(_get(session, reference) for reference in references)))


async def _get(session: aiohttp.ClientSession, address: str) -> Template:
    async with session.get(address) as answer:
        return json.loads(await answer.text())


async def reported_templates(pod: Pod, names: Iterable[str]) -> dict[str, list[Template]]:
    """What a running pod reports, by Connector; nothing for one that it could not load."""
    answers = {name: await pod.get(f"/element-templates/{name}") for name in names}
    return {name: json.loads(body) if status == HTTPStatus.OK else [] for name, (status, body) in answers.items()}


def together(files: Sequence[Template], served: Sequence[Template]) -> tuple[list[Template], list[str]]:
    """All of them, each once, and where file and catalogue differ."""
    found = {key_of(one): one for one in files}
    differing = [key_of(one) for one in served if found.setdefault(key_of(one), one) != one]
    wrong = [f"'{name}' version {version} is not the same as a file and in the catalogue" for name, version in differing]
    return list(found.values()), wrong

"""A served catalogue as a company would have it: two runtimes, icons, old versions, Connectors that are not ready, long words."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from loopback_server import listening
from scenario_objects import sample
from scenario_world import World, element_template

from connector_operator.engine.catalogue_server import CatalogueServer

BUILT_IN = Path(__file__).parents[2] / "runtime-image" / "element-templates"
LONG_WORD = "acme.io:" + "warehouse-" * 18 + "1"


def icon(color: str, shape: str) -> dict[str, str]:
    """An icon as Modeler takes it."""
    text = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18' fill='{color}'>{shape}</svg>"
    return {"contents": "data:image/svg+xml;utf8," + text.replace("<", "%3C").replace(">", "%3E").replace("#", "%23")}


BOX = "<path d='M9 1 1 5v8l8 4 8-4V5zm0 2 5 2.5-5 2.5-5-2.5zM3 7l5 2.5V15l-5-2.5zm12 0v5.5L10 15V9.5z'/>"
PERSON = "<circle cx='9' cy='5' r='3.5'/><path d='M2 16a7 7 0 0 1 14 0z'/>"
BOLT = "<path d='M10 1 3 10.5h5L7 17l8-10H9.5z'/>"
ENVELOPE = "<path d='M1 4h16v10H1zm2 2v.6l6 3.9 6-3.9V6l-6 3.800z'/>"


def _built_in(name: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((BUILT_IN / f"{name}.json").read_text(encoding="utf-8"))
    return template


def _acme(name: str, title: str, version: int = 1, **members: Any) -> dict[str, Any]:
    facts = {"documentationRef": f"https://connectors.example.com/{name}", "engines": {"camunda": "^8.8"}}
    return element_template(f"acme.io:{name}:1", version, title) | facts | members


TEMPLATES: dict[str, list[dict[str, Any]]] = {
    "http": [_built_in("http-json") | {"icon": icon("#0f62fe", BOLT)}],
    "slack": [_built_in("slack")],
    "orders-database": [_built_in("sql")],
    "crm-lookup": [
        _acme("crm-lookup", "CRM lookup", version, icon=icon("#198038", PERSON), description="Looks up a customer by number.")
        for version in (1, 2, 3)
    ],
    "warehouse": [
        _acme(
            "warehouse",
            "Reserve goods",
            7,
            icon=icon("#8a3ffc", BOX),
            description="Reserves goods in the warehouse nearest to the customer, and gives them back when the order is "
            "cancelled or not paid for within a day. Counts what is left, so that the shop can say what is sold out.",
        )
    ],
    "mailer": [_acme("mailer", "Send a letter", 2, icon=icon("#da1e28", ENVELOPE), description="From the shop's own address.")],
    "labels": [element_template(LONG_WORD, 1, "Lagerplatzetikettendruckauftragsbestätigung")],
}
SECOND = {"invoices": [_acme("invoices", "Write an invoice", description="As a PDF, in the archive and to the customer.")]}


async def open_shop(*, without: str = "") -> World:
    """The world behind the page, at rest: everything is ready but the mailer, which has lost a secret."""
    world = World()
    shop = {name: templates for name, templates in TEMPLATES.items() if name != without}
    world.pods.templates = {**shop, **SECOND}
    for team, names in (("shop", shop), ("billing", SECOND)):
        for name in names:
            connector = sample("Connector", "http")
            connector["metadata"] |= {"name": name, "labels": {"team": team}}
            connector["spec"] |= {"jobType": f"acme.io:{name}:1"}
            world.put(connector)
        runtime = sample("ConnectorRuntime", "shop")
        runtime["metadata"]["name"] = team
        runtime["spec"]["connectors"] = {"selector": {"matchLabels": {"team": team}}}
        world.put(runtime)
    await world.settle()
    world.roll_out("billing")
    world.roll_out("shop")
    await world.settle()
    lost = {"mailer": {"state": "SecretsMissing", "secretsMissing": ["MAIL_PASSWORD"]}}
    world.roll_out("shop", reports=lost)
    await world.settle()
    return world


@asynccontextmanager
async def served(world: World) -> AsyncGenerator[str]:
    """The address of the world's catalogue, as the operator serves it."""
    async with listening(CatalogueServer(world.store).app()) as port:
        yield f"http://127.0.0.1:{port}"

"""`connectors templates push`: Camunda Hub's catalogue follows the cluster, by the rules of Hub's documentation."""

import argparse
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from hub_fake import Client, HubFake, StoredAsset
from loopback_server import listening
from scenario_world import World, element_template

from connector_operator.api.kinds import CONNECTOR
from connector_operator.cli import main
from connector_operator.cli.asset_folders import read_assets
from connector_operator.cli.files import FileError
from connector_operator.cli.hub import ClientCredentials, Hub, HubError
from connector_operator.cli.templates_push import gather
from connector_operator.domain.hub_assets import Asset, beyond_limits

HOSTILE = "---\ntemplate: other.json\n--- \"'{}[]#: \\ \N{PARTY POPPER}"


@dataclass
class Company:
    """A cluster, a Hub and somebody who hands over from one to the other."""

    world: World
    hub: HubFake
    session: aiohttp.ClientSession
    base: str
    credentials: str | ClientCredentials
    namespace: str = ""

    async def push(self, *beside: Path, category: str = "", tags: tuple[str, ...] = ()) -> None:
        options = argparse.Namespace(namespace=self.namespace, runtime=None, category=category, tags=list(tags))
        wanted = await gather(self.world.kube, options, read_assets(beside))
        await Hub(self.session, self.base, self.credentials, pause=0.01).ingest(wanted)

    async def change(self, connector: str, *templates: dict[str, Any]) -> None:
        """What the Connector's pods generate from now on."""
        self.world.pods.templates[connector] = list(templates)
        await self.world.settle_rolled_out()


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    world = World()
    world.pods.templates = {
        "http": [element_template("acme:http", 1), element_template("acme:http", 2, "Call")],
        "crm-lookup": [element_template("crm", 1, "Look up") | {"category": {"id": "crm", "name": "Customers"}}],
    }
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle_rolled_out()
    hub = HubFake()
    async with listening(hub.app()) as port, aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{port}"
        credentials = ClientCredentials(f"{base}/oauth/token", hub.client.client_id, hub.client.secret)
        yield Company(world, hub, session, base, credentials)


async def test_hub_offers_the_newest_version_of_all_that_runs(company: Company) -> None:
    await company.push()
    assert company.hub.published() == {"acme:http": 2, "crm": 1}
    assert company.hub.assets["crm"].versions[1] == company.world.catalogue()["crm-v1.json"]


async def test_each_has_a_description_its_category_and_the_tags(company: Company) -> None:
    await company.push(tags=("shop", "1"))
    crm, http = company.hub.assets["crm"], company.hub.assets["acme:http"]
    assert (crm.category, http.category, crm.tags) == ("Customers", None, ("shop", "1"))
    assert crm.readme.endswith("\n\nServed by Connector `crm-lookup` of runtime `shop` in namespace `shop`.\n")
    await company.push(category="Ours")
    assert {asset.category for asset in company.hub.assets.values()} == {"Ours"}


async def test_a_second_push_makes_no_new_versions(company: Company) -> None:
    await company.push()
    before = dict(company.hub.assets)
    await company.push()
    assert company.hub.submissions == 2
    assert company.hub.assets == before


async def test_a_new_version_is_offered_and_the_old_one_stays_for_diagrams(company: Company) -> None:
    await company.push()
    await company.change("http", element_template("acme:http", 3, "Call"))
    await company.push()
    assert company.hub.published()["acme:http"] == 3
    assert sorted(company.hub.assets["acme:http"].versions) == [2, 3]


async def test_what_no_longer_runs_is_unpublished_and_not_lost(company: Company) -> None:
    await company.push()
    company.world.delete(CONNECTOR, "http")
    await company.world.settle()
    await company.push()
    assert company.hub.published() == {"crm": 1}
    assert not company.hub.assets["acme:http"].published


async def test_what_comes_back_needs_a_higher_version_and_is_told_so(company: Company) -> None:
    await company.push()
    http = company.world.get(CONNECTOR, "http")
    company.world.delete(CONNECTOR, "http")
    await company.world.settle()
    await company.push()
    again = {key: value for key, value in http["metadata"].items() if key in ("name", "labels")}
    company.world.put({**http, "metadata": again, "status": {}})
    await company.world.settle_rolled_out()
    with pytest.raises(HubError, match="answered 400: the version 2 of 'acme:http' must be greater than 2; nothing was changed"):
        await company.push()
    await company.change("http", element_template("acme:http", 3, "Call"))
    await company.push()
    assert company.hub.published() == {"acme:http": 3, "crm": 1}


async def test_when_one_template_is_refused_nothing_changes(company: Company) -> None:
    newer = StoredAsset({9: element_template("acme:http", 9)}, "", None, ())
    company.hub.assets = before = {"acme:http": newer}
    with pytest.raises(HubError, match="cannot hand over 2 element templates: Hub answered 400"):
        await company.push()
    assert company.hub.assets == before


def _asset_folder(folder: Path, name: str, template: dict[str, Any], front: str = "") -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    (folder / name / "README.md").write_text(f"---\ntemplate: {front or name + '.json'}\n---\n\nTheirs.\n", encoding="utf-8")


async def test_assets_of_others_are_kept_when_they_are_handed_over_too(company: Company, tmp_path: Path) -> None:
    _asset_folder(tmp_path / "deep" / "er", "approval", element_template("approval", 4))
    (tmp_path / "README.md").write_text("# Our templates\n\n---\n\nfor people\n", encoding="utf-8")
    await company.push(tmp_path)
    assert company.hub.published() == {"acme:http": 2, "approval": 4, "crm": 1}
    assert company.hub.assets["approval"].readme.endswith("\nTheirs.\n")
    await company.push()
    assert company.hub.published() == {"acme:http": 2, "crm": 1}


async def test_an_id_that_two_bring_is_refused_before_hub_is_asked(company: Company, tmp_path: Path) -> None:
    _asset_folder(tmp_path, "mine", element_template("crm", 4))
    with pytest.raises(FileError, match="cannot hand over 'crm' twice: 'crm' and 'with-0/mine' hold it"):
        await company.push(tmp_path)
    assert company.hub.submissions == 0


async def test_a_readme_that_names_a_missing_file_is_told(company: Company, tmp_path: Path) -> None:
    _asset_folder(tmp_path, "mine", element_template("mine"), front="gone.json")
    with pytest.raises(FileError, match=r"cannot read '.*/mine/gone\.json'"):
        await company.push(tmp_path)


@pytest.mark.parametrize("field", ["name", "description", "category"])
async def test_hostile_text_stays_text(company: Company, field: str) -> None:
    hostile: Any = {"id": "x", "name": HOSTILE} if field == "category" else HOSTILE
    await company.change("crm-lookup", element_template("crm", 2) | {field: hostile})
    await company.push(tags=(HOSTILE,))
    asset = company.hub.assets["crm"]
    assert asset.tags == (HOSTILE,)
    assert yaml.safe_load(asset.readme.split("\n---\n")[0])["template"] == "crm.json"


@pytest.mark.parametrize(
    ("client", "message"),
    [
        (
            Client(permissions=frozenset({"create"})),
            "answered 403: .*; the application needs the permissions 'create' and 'update'",
        ),
        (Client(audience="other"), "answered 401: .*; the token is not for Hub's API"),
    ],
    ids=["permissions", "audience"],
)
async def test_what_the_application_lacks_is_told(company: Company, client: Client, message: str) -> None:
    company.hub.client = client
    with pytest.raises(HubError, match=message):
        await company.push()


async def test_a_secret_that_is_wrong_is_told_and_in_no_text(company: Company) -> None:
    assert isinstance(company.credentials, ClientCredentials)
    company.credentials = replace(company.credentials, client_secret="wr0ng")
    with pytest.raises(
        HubError, match=r"cannot get a token from '.*': it answered 401: Invalid client credentials; check"
    ) as told:
        await company.push()
    assert "wr0ng" not in str(told.value) + repr(company.credentials)


async def test_in_saas_the_token_request_names_its_audience(company: Company) -> None:
    assert isinstance(company.credentials, ClientCredentials)
    company.hub.wants_audience = "api.cloud.camunda.io"
    with pytest.raises(HubError, match="it answered 403: Unknown audience"):
        await company.push()
    company.credentials = replace(company.credentials, audience="api.cloud.camunda.io")
    await company.push()
    assert len(company.hub.published()) == 2


async def test_a_token_that_somebody_else_got_is_used_as_it_is(company: Company) -> None:
    company.hub.tokens, company.credentials = {"theirs"}, "theirs"
    await company.push()
    assert company.hub.tokens == {"theirs"}


async def test_a_hub_without_the_api_is_told_how_to_enable_it(company: Company) -> None:
    async with listening(HubFake(enabled=False).app()) as port:
        company.base, company.credentials = f"http://127.0.0.1:{port}", "token"
        with pytest.raises(HubError, match=r"answered 404; this needs Hub 8\.10 or newer and, where self-managed, CAMUNDA_"):
            await company.push()


async def test_a_hub_that_is_busy_is_asked_again(company: Company) -> None:
    company.hub.busy = [503, 429, 502]
    await company.push()
    assert company.hub.submissions == 1


async def test_a_hub_that_stays_busy_is_told(company: Company) -> None:
    company.hub.busy = [503] * 9
    with pytest.raises(HubError, match="answered 503: Try again later"):
        await company.push()
    assert len(company.hub.busy) == 5


async def test_more_than_hub_takes_is_told(company: Company) -> None:
    company.hub.max_files = 3
    with pytest.raises(HubError, match="answered 413; Hub takes 5,000 files and 20 MB at once"):
        await company.push()
    assert company.hub.assets == {}


@pytest.mark.parametrize(
    ("count", "size", "message"),
    [(2500, 1, ""), (2501, 1, "5002 files are more than the 5000"), (1, 20 * 1024**2, "20.0 MB are more than the 20 MB")],
)
def test_hubs_limits_are_known_before_it_is_asked(count: int, size: int, message: str) -> None:
    found = [Asset(str(number), "t.json", "x" * size, "r") for number in range(count)]
    assert beyond_limits(found)[: len(message) or 1] == message


async def test_neither_token_nor_secret_follows_a_redirect(company: Company) -> None:
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=204)

    thief = web.Application()
    thief.router.add_route("*", "/{path:.*}", elsewhere)
    async with listening(thief) as away:

        async def move(_request: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{away}/x"})

        moved = web.Application()
        moved.router.add_put("/{path:.*}", move)
        async with listening(moved) as port:
            company.base, company.credentials = f"http://127.0.0.1:{port}", "token"
            with pytest.raises(HubError, match="answered 307"):
                await company.push()
    assert seen == []


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CAMUNDA_CONSOLE_CLIENT_ID", "ci")
    assert main(["templates", "push", "--hub", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err == (
        "connectors: cannot speak to Hub without credentials: set CAMUNDA_HUB_TOKEN or name a --token-file, or set "
        "CAMUNDA_OAUTH_URL, CAMUNDA_CONSOLE_CLIENT_SECRET (the secret may be in a --client-secret-file)\n"
    )


@pytest.mark.parametrize("option", ["--token-file", "--client-secret-file"])
def test_a_credential_file_that_is_not_there_is_told(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "push", "--hub", "http://127.0.0.1:9", option, str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith(f"connectors: cannot read '{tmp_path / 'none'}'")

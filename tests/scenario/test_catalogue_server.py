"""The catalogue over HTTP, as programs and people get it."""

import io
import json
import re
import tarfile
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from scenario_world import World, element_template

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.domain.objects import CONFIG_MAP
from connector_operator.engine.catalogue_server import CatalogueServer

ICON = "data:image/svg+xml;utf8,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E"
HTTP = element_template("acme.io:http", 2, "Call a service") | {
    "icon": {"contents": ICON},
    "documentationRef": "https://example.org/http",
    "description": "Speaks to the warehouse.",
    "engines": {"camunda": "^8.8"},
}
HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}{% raw %}"


@dataclass
class Catalogue:
    """A served catalogue and the world behind it."""

    world: World
    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        async with self.session.get(f"{self.base}{path}", headers=headers, allow_redirects=False) as answer:
            return answer, await answer.read()

    async def json(self, path: str) -> Any:
        answer, body = await self.get(path)
        assert answer.status == 200, body
        return json.loads(body)

    async def page(self, query: str = "") -> str:
        answer, body = await self.get(f"/catalog/{query}")
        assert answer.status == 200
        return body.decode()


@pytest.fixture
async def catalogue() -> AsyncIterator[Catalogue]:
    world = World()
    world.pods.templates = {
        "http": [element_template("acme.io:http", 1, "Call"), HTTP],
        "crm-lookup": [element_template("crm", 1, HOSTILE) | {"documentationRef": "javascript:alert(1)", "description": HOSTILE}],
    }
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle()
    world.roll_out()
    await world.settle()
    runner = await CatalogueServer(world.store, host="127.0.0.1", port=0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(auto_decompress=False, headers={"Accept-Encoding": "identity"}) as session:
        yield Catalogue(world, session, base)
    await runner.cleanup()


async def test_the_index_has_the_shape_that_updaters_read_and_each_ref_is_the_published_text(catalogue: Catalogue) -> None:
    index = await catalogue.json("/catalog/shop/shop/index.json")
    place = f"{catalogue.base}/catalog/shop/shop"
    assert index["acme.io:http"] == [
        {"version": 2, "ref": f"{place}/acme.io_3ahttp-v2.json", "engine": {"camunda": "^8.8"}},
        {"version": 1, "ref": f"{place}/acme.io_3ahttp-v1.json"},
    ]
    assert sorted(index) == ["acme.io:http", "crm"]
    for entries in index.values():
        for entry in entries:
            _, body = await catalogue.get(entry["ref"].removeprefix(catalogue.base))
            published = catalogue.world.get(CONFIG_MAP, "shop-element-templates")["data"]
            assert body.decode() == published[entry["ref"].rpartition("/")[2]]


async def test_behind_an_ingress_that_ends_tls_the_addresses_are_https(catalogue: Catalogue) -> None:
    headers = {"X-Forwarded-Proto": "https", "Host": "templates.example.com"}
    _, body = await catalogue.get("/catalog/shop/shop/index.json", **headers)
    assert json.loads(body)["crm"][0]["ref"] == "https://templates.example.com/catalog/shop/shop/crm-v1.json"


async def test_what_has_not_changed_is_not_sent_again(catalogue: Catalogue) -> None:
    for path in ("shop/shop/index.json", "shop/shop/crm-v1.json", "shop/shop/templates.zip", "", "style.css", "search.js"):
        first, body = await catalogue.get(f"/catalog/{path}")
        assert (first.status, bool(body)) == (200, True)
        second, nothing = await catalogue.get(f"/catalog/{path}", **{"If-None-Match": first.headers["ETag"]})
        assert (second.status, nothing) == (304, b"")


async def test_a_changed_index_is_sent_to_whoever_has_the_old_one(catalogue: Catalogue) -> None:
    first, _ = await catalogue.get("/catalog/shop/shop/index.json")
    catalogue.world.delete(CONNECTOR, "http")
    await catalogue.world.settle()
    second, body = await catalogue.get("/catalog/shop/shop/index.json", **{"If-None-Match": first.headers["ETag"]})
    assert second.status == 200
    assert sorted(json.loads(body)) == ["crm"]


async def test_answers_are_compressed_for_whoever_takes_that_and_plain_for_the_others(catalogue: Catalogue) -> None:
    packed, body = await catalogue.get("/catalog/shop/shop/index.json", **{"Accept-Encoding": "gzip"})
    plain, text = await catalogue.get("/catalog/shop/shop/index.json", **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert body[:2] == b"\x1f\x8b"
    assert "Content-Encoding" not in plain.headers
    assert json.loads(text)


async def test_c8ctl_finds_one_release_whose_bundle_holds_all_and_is_another_when_something_changed(catalogue: Catalogue) -> None:
    (release,) = await catalogue.json("/catalog/shop/shop/releases.json")
    (asset,) = release["assets"]
    assert (release["tag_name"], release["draft"]) == ("1.0.0", False)
    assert re.fullmatch(r"connectors-bundle-templates-[0-9a-f]{10}\.tar\.gz", asset["name"])
    address = asset["browser_download_url"].removeprefix(catalogue.base)
    _, body = await catalogue.get(address)
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        bundled = [json.loads(archive.extractfile(member).read()) for member in archive.getmembers()]
    assert sorted(bundled, key=str) == sorted(catalogue.world.catalogue().values(), key=str)
    catalogue.world.delete(CONNECTOR, "http")
    await catalogue.world.settle()
    answer, _ = await catalogue.get(address)
    assert answer.status == 404
    (release,) = await catalogue.json("/catalog/shop/shop/releases.json")
    assert release["assets"][0]["name"] != asset["name"]


async def test_all_templates_come_as_one_zip(catalogue: Catalogue) -> None:
    _, body = await catalogue.get("/catalog/shop/shop/templates.zip")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert {name: json.loads(archive.read(name)) for name in archive.namelist()} == catalogue.world.catalogue()


@pytest.mark.parametrize(
    "path",
    [
        "shop/other/index.json",
        "other/shop/index.json",
        "shop/shop/none-v1.json",
        "shop/shop/..%2f..%2fetc",
        "shop/other/templates.zip",
    ],
)
async def test_what_is_not_published_is_not_found(catalogue: Catalogue, path: str) -> None:
    answer, _ = await catalogue.get(f"/catalog/{path}")
    assert answer.status == 404


async def test_the_page_shows_names_versions_documentation_and_who_is_ready(catalogue: Catalogue) -> None:
    page = await catalogue.page()
    (card,) = re.findall(r"<li.*?</li>", page[page.rindex("<li", 0, page.index("Call a service")) :], re.DOTALL)[:1]
    assert 'src="data:image/svg+xml' in card
    assert "version 2" in card
    assert 'href="https://example.org/http"' in card
    assert re.search(r'<span class="state ready">Ready</span>\s+Connector <b>http</b>', card)
    assert "1 older version<" in card
    assert "/catalog/shop/shop/templates.zip" in page


async def test_the_page_says_why_a_connector_is_not_ready(catalogue: Catalogue) -> None:
    (pod,) = [ref.name for ref in catalogue.world.kube.objects if ref.kind.kind == "Pod"]
    catalogue.world.report(pod, {"crm-lookup": {"state": "SecretsMissing", "secretsMissing": ["CRM_TOKEN"]}})
    await catalogue.world.settle()
    assert "Not ready: SecretsMissing" in await catalogue.page()


async def test_hostile_text_stays_text(catalogue: Catalogue) -> None:
    page = await catalogue.page("?q=%3Cscript%3E%22%27")
    everything = page + await catalogue.page()
    assert re.findall(r"<script.*", everything) == ['<script src="/catalog/search.js" defer></script>'] * 2
    assert "javascript:" not in everything
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;{{ 7 * 7 }}{% raw %}" in everything
    assert 'value="&lt;script&gt;&#34;&#39;"' in page


async def test_the_page_runs_no_script_but_its_own_and_loads_nothing_from_elsewhere(catalogue: Catalogue) -> None:
    answer, _ = await catalogue.get("/catalog/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert re.findall(r'(?:src|<link[^>]*href)="(?!data:|/catalog/)', await catalogue.page()) == []


@pytest.mark.parametrize(
    ("query", "names"), [("warehouse", ["http"]), ("CALL+service", ["http"]), ("crm", ["crm-lookup"]), ("nobody", [])]
)
async def test_a_search_shows_what_has_every_word(catalogue: Catalogue, query: str, names: list[str]) -> None:
    assert re.findall(r"Connector <b>(.*?)</b>", await catalogue.page(f"?q={query}")) == names


async def test_a_disabled_catalogue_offers_nothing_over_http(catalogue: Catalogue) -> None:
    catalogue.world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(catalogue={"enabled": False}))
    await catalogue.world.settle()
    assert await catalogue.json("/catalog/shop/shop/index.json") == {}
    assert await catalogue.json("/catalog/shop/shop/releases.json") == []
    assert "No runtime publishes element templates yet" in await catalogue.page()


async def test_a_config_map_that_only_carries_our_labels_is_not_shown(catalogue: Catalogue) -> None:
    theirs = catalogue.world.get(CONFIG_MAP, "shop-element-templates")
    metadata = {"name": "theirs", "labels": theirs["metadata"]["labels"]}
    text = json.dumps(element_template("foreign"), indent=2)
    catalogue.world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"foreign-v1.json": text}})
    assert "foreign" not in await catalogue.json("/catalog/shop/shop/index.json")
    assert "foreign" not in await catalogue.page()

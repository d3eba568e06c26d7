"""The catalogue's page as people see and use it, in a real Chromium."""

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from catalogue_shop import World
from chromium import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

AA = 4.5
"""The least contrast of normal text, WCAG 2.1 §1.4.3."""
TOUCH = 24
"""The least size of what is touched, in CSS pixels, WCAG 2.2 §2.5.8."""
CONTRAST = (Path(__file__).parents[1] / "support" / "page_contrast.js").read_text(encoding="utf-8")
VISIBLE = "[...document.querySelectorAll('%s')].filter(one => one.checkVisibility())"
SHOWN = VISIBLE % "li h3" + ".map(one => one.firstChild.textContent.trim())"
EVERYTHING = [
    *("Write an invoice", "CRM lookup", "HTTP REST", "Lagerplatzetikettendruckauftragsbestätigung"),
    *("Reserve goods", "Send a letter", "Slack", "SQL database"),
]
EITHER = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


async def _open(browser: Browser, address: str, **screen: Any) -> Page:
    page = await browser.page(**screen)
    await page.open(address)
    return page


async def _search(page: Page, words: str) -> None:
    await page.evaluate("document.querySelector('#q').focus()")
    await page.type(words)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_nothing_has_to_be_scrolled_sideways(browser: Browser, address: str, width: int) -> None:
    page = await _open(browser, address, width=width)
    assert await page.evaluate("innerWidth") == width
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    beyond = VISIBLE % "body *" + ".filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML)"
    assert await page.evaluate(beyond) == []


@EITHER
async def test_everything_is_there_with_and_without_scripts(browser: Browser, address: str, scripts: bool) -> None:
    page = await _open(browser, address, scripts=scripts)
    assert await page.evaluate(SHOWN) == EVERYTHING
    assert await page.evaluate("document.querySelector('[role=status]').textContent") == "8 element templates"
    assert await page.evaluate("[...document.images].map(one => one.naturalWidth > 0)") == [True] * 4


async def test_typing_narrows_the_list_at_once(browser: Browser, address: str) -> None:
    page = await _open(browser, address)
    await _search(page, "ACME letter")
    await page.until(f"JSON.stringify({SHOWN}) === '[\"Send a letter\"]'")
    assert await page.evaluate("document.querySelector('[role=status]').textContent") == "1 element template"
    assert await page.evaluate(VISIBLE % "h2" + ".length") == 1
    await _search(page, "x")
    await page.until("document.querySelector('#empty').checkVisibility()")
    assert await page.evaluate("document.querySelector('#empty').textContent") == (
        "Nothing matches. Search for fewer words, or show all."
    )


@EITHER
async def test_enter_asks_the_server_for_the_same(browser: Browser, address: str, scripts: bool) -> None:
    page = await _open(browser, address, scripts=scripts)
    await _search(page, "ACME letter")
    assert await page.evaluate(SHOWN) == (["Send a letter"] if scripts else EVERYTHING)
    await page.press_enter()
    await page.until("location.search === '?q=ACME+letter' && document.readyState === 'complete'")
    assert await page.evaluate(SHOWN) == ["Send a letter"]
    assert await page.evaluate("document.querySelector('#q').value") == "ACME letter"


async def test_in_the_answer_to_a_search_typing_hides_nothing_and_enter_searches_anew(browser: Browser, address: str) -> None:
    page = await _open(browser, f"{address}?q=letter")
    await page.evaluate("document.querySelector('#q').select()")
    await page.type("slack")
    assert await page.evaluate(SHOWN) == ["Send a letter"]
    await page.evaluate("document.querySelector('#q').focus()")
    await page.press_enter()
    await page.until("location.search === '?q=slack' && document.readyState === 'complete'")
    assert await page.evaluate(SHOWN) == ["Slack"]


async def test_whether_a_connector_is_ready_can_be_seen_without_colours(browser: Browser, address: str) -> None:
    page = await _open(browser, f"{address}?q=acme.io")
    pairs = VISIBLE % ".served" + ".map(one => one.innerText.split(' Connector ').reverse())"
    states = dict(await page.evaluate(pairs))
    assert states["mailer"] == "Not ready: SecretsMissing"
    assert states["crm-lookup"] == "Ready"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_text_stands_out_enough_to_be_read(browser: Browser, address: str, width: int, dark: bool) -> None:
    page = await _open(browser, address, width=width, dark=dark)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    texts = await page.evaluate(CONTRAST)
    assert len(texts) > 60
    assert [text for text in texts if text["ratio"] < AA] == []


async def test_the_dark_page_is_dark(browser: Browser, address: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = [await (await _open(browser, address, dark=dark)).evaluate(paper) for dark in (False, True)]
    assert (light, dark) == ("rgb(244, 245, 247)", "rgb(15, 18, 22)")


async def test_on_a_phone_everything_is_large_enough_for_a_finger(browser: Browser, address: str) -> None:
    page = await _open(browser, address, width=390)
    low = f".filter(one => one.getBoundingClientRect().height < {TOUCH}).map(one => one.textContent)"
    small = await page.evaluate(VISIBLE % "a, button, input, summary" + low)
    assert small == []


async def test_every_control_has_a_name_for_those_who_do_not_see(browser: Browser, address: str) -> None:
    page = await _open(browser, address)
    nodes = (await page.send("Accessibility.getFullAXTree"))["nodes"]
    controls = [one for one in nodes if one.get("role", {}).get("value") in ("link", "button", "searchbox", "heading")]
    assert len(controls) > 25
    assert [one for one in controls if not one.get("name", {}).get("value")] == []


async def test_all_templates_of_a_runtime_are_saved_as_a_zip_that_opens(
    browser: Browser, address: str, shop: World, downloads: Path
) -> None:
    page = await _open(browser, address)
    await page.save_into(downloads)
    await page.evaluate("document.querySelector('a[href$=\"/shop/shop/templates.zip\"]').click()")
    saved = await _saved(downloads / "shop-shop.zip")
    with zipfile.ZipFile(saved) as archive:
        assert {name: json.loads(archive.read(name)) for name in archive.namelist()} == shop.catalogue("shop")


async def test_one_template_is_saved_as_modeler_reads_it(browser: Browser, address: str, shop: World, downloads: Path) -> None:
    page = await _open(browser, address)
    await page.save_into(downloads)
    await page.evaluate("document.querySelector('a[href$=\"crm-lookup_3a1-v3.json\"]').click()")
    saved = await _saved(downloads / "acme.io_3acrm-lookup_3a1-v3.json")
    assert json.loads(saved.read_text(encoding="utf-8")) == shop.catalogue("shop")[saved.name]


async def _saved(file: Path) -> Path:
    """Chromium gives a file its name when it is whole."""
    async with asyncio.timeout(20):
        while not file.exists():
            await asyncio.sleep(0.05)
    return file

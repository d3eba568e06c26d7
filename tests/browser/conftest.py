"""One Chromium and one served catalogue for the tests of this folder; both end with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import catalogue_shop
import chromium
import pytest
import pytest_asyncio
from catalogue_shop import World


@pytest.fixture(scope="session")
def chromium_is_here() -> None:
    """Chromium is installed where we may, before any test's own deadline runs."""
    chromium.program()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[chromium.Browser]:
    async with chromium.running(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop() -> World:
    """What the catalogue shows."""
    return await catalogue_shop.open_shop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(shop: World) -> AsyncIterator[str]:
    """Of the page."""
    async with catalogue_shop.served(shop) as base:
        yield f"{base}/catalog/"


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """An empty folder for what a person saves."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder

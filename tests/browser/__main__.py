"""`python tests/browser prepare` brings the browser; `pictures` takes those of docs/images, after a change of the page."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import catalogue_shop  # noqa: E402 - found by the line above
import chromium  # noqa: E402

SCREENS: dict[str, dict[str, Any]] = {
    "catalogue": {"width": 1280, "height": 840},
    "catalogue-dark": {"width": 1280, "height": 840, "dark": True},
    "catalogue-phone": {"width": 390, "height": 844},
}


async def _take_pictures() -> None:
    world = await catalogue_shop.open_shop(without="labels")
    with tempfile.TemporaryDirectory() as folder:
        async with catalogue_shop.served(world) as base, chromium.running(Path(folder)) as browser:
            for name, screen in SCREENS.items():
                page = await browser.page(**screen)
                await page.open(f"{base}/catalog/")
                await page.screenshot(ROOT / "docs" / "images" / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/browser", description=__doc__)
    parser.add_argument("what", choices=["prepare", "pictures"])
    if parser.parse_args().what == "prepare":
        print(f"the browser is {chromium.program()}")
    else:
        asyncio.run(_take_pictures())


if __name__ == "__main__":
    main()

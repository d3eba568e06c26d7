"""A real Chromium, spoken to over its own DevTools protocol: pages of any width, light or dark, with and without scripts.

The protocol: https://chromedevtools.github.io/devtools-protocol/. The browser has a profile of its own, is reached at
loopback, and ends with whoever started it.
"""

import asyncio
import base64
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from local_cluster.cache import cache_root
from local_cluster.launcher import launch_command
from local_cluster.machine import inspect_machine
from local_cluster.prerequisites import current_environment, install_packages

START_SECONDS = 60.0
ANSWER_SECONDS = 30.0


class ChromiumError(Exception):
    """The browser is not there, or did not do what it was asked; the text says what."""


def program() -> str:
    """The path of Chromium, installed from Debian where we may; raises `ChromiumError`."""
    environment = current_environment()
    if _found() is None and inspect_machine(environment, cache_root(environment)).may_install_packages:
        install_packages(["chromium"], environment)
    found = _found()
    if found is None:
        raise ChromiumError("cannot open a browser: Chromium is missing; install the package chromium")
    return found


def _found() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(slots=True)
class Browser:
    """One running Chromium."""

    _socket: aiohttp.ClientWebSocketResponse
    _waiting: dict[int, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict[int, "asyncio.Future[dict[str, Any]]"])
    _number: int = 0

    async def send(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """One command and its answer; raises `ChromiumError`."""
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        command = {"id": self._number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        await self._socket.send_json(command)
        return await asyncio.wait_for(answer, ANSWER_SECONDS)

    async def listen(self) -> None:
        """Hand every answer to whoever waits for it; events are nobody's."""
        async for message in self._socket:
            document = message.json()
            waiting = self._waiting.pop(document.get("id", 0), None)
            if waiting is None or waiting.done():
                continue
            if "error" in document:
                waiting.set_exception(ChromiumError(f"cannot do that in the browser: {document['error']}"))
            else:
                waiting.set_result(document["result"])

    async def page(self, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> "Page":
        """A new page as on a screen of this size."""
        target = await self.send("Target.createTarget", url="about:blank")
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = Page(self, attached["sessionId"])
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await page.send("Page.enable")
        phone = width < 600
        await page.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone
        )
        await page.send("Emulation.setEmulatedMedia", features=[scheme])
        await page.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        return page


@dataclass(slots=True)
class Page:
    """One tab."""

    browser: Browser
    session: str

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol to this tab."""
        return await self.browser.send(method, self.session, **parameters)

    async def open(self, address: str) -> None:
        """Go to an address and wait until it is there with all that it loads."""
        went = await self.send("Page.navigate", url=address)
        if "errorText" in went:
            raise ChromiumError(f"cannot open '{address}': {went['errorText']}")
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of a JavaScript expression in the page; what asks works in pages without scripts, too."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ChromiumError(f"cannot evaluate in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while not await self.evaluate(expression):
                await asyncio.sleep(0.02)

    async def type(self, text: str) -> None:
        """Type into what has the focus, as a keyboard does."""
        await self.send("Input.insertText", text=text)

    async def press_enter(self) -> None:
        """The Enter key."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **key)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **key)

    async def save_into(self, folder: Path) -> None:
        """Let downloads go into a folder."""
        await self.browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    async def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of what is seen, or of the whole page."""
        picture = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(picture["data"]))


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Browser]:
    """Start Chromium with its profile in `folder`, and end it."""
    profile = folder / "profile"
    # without a sandbox, since root has none in Chromium: the only pages are our own
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-dev-shm-usage",
    ]
    options += ["--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    with (folder / "chromium.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *launch_command([program(), *options], with_parent=True), stdout=log, stderr=log, env={**current_environment()}
        )
    try:
        address = await _address(process, profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            yield browser
            await browser.send("Browser.close")
            listening.cancel()
    finally:
        await _end(process)


async def _address(process: asyncio.subprocess.Process, written: Path) -> str:
    """Chromium writes its port and its path into its profile when it can be spoken to."""
    async with asyncio.timeout(START_SECONDS):
        while not (written.exists() and len(written.read_text().split()) == 2):
            if process.returncode is not None:
                raise ChromiumError(f"cannot open a browser: it ended with {process.returncode}; see {written.parent.parent}")
            await asyncio.sleep(0.05)
    port, path = written.read_text().split()
    return f"ws://127.0.0.1:{port}{path}"


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        await process.wait()

"""The browser and the Modeler code that the proof runs in: Debian's Chromium, and two packages from npm."""

import asyncio
import filecmp
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cluster.cache import cache_root
from local_cluster.launcher import launch_command
from local_cluster.prerequisites import current_environment
from local_cluster.progress import say

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
SECONDS = 1800.0


class MissingPartError(Exception):
    """Something that the proof needs is not on this machine; the text says how to get it."""


class BrowserError(Exception):
    """The browser did not come to the end; the text is what it said."""


def modules() -> Path:
    """The folder with the npm packages, brought to what the lock file says; raises `MissingPartError`."""
    folder = cache_root(current_environment()) / "modeler"
    if not _is_installed(folder):
        npm = shutil.which("npm")
        if npm is None:
            raise MissingPartError("cannot install Modeler's code: npm is missing; install Node.js 20 or newer with npm")
        say(f"installing Modeler's code into {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", folder)
        shutil.copy(LOCK, folder)
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return folder / "node_modules"


def _is_installed(folder: Path) -> bool:
    """npm writes its own lock last, so a folder that has it is whole."""
    lock = folder / LOCK.name
    whole = (folder / "node_modules" / ".package-lock.json").is_file()
    return whole and lock.is_file() and filecmp.cmp(lock, LOCK, shallow=False)


async def drive(command: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run the browser once, with all that it leaves behind below `folder`; raises `BrowserError`.

    Whatever ends us ends it: the driver goes with our process, and the browser with the pipe to its driver.
    """
    environment = {**current_environment(), "TMPDIR": str(folder), "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *launch_command(["node", str(HERE / "drive.js")], with_parent=True),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        limit=1 << 26,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(json.dumps(command).encode()), SECONDS)
    finally:
        await _end(process)
    if process.returncode:
        raise BrowserError(f"cannot drive Modeler: the browser's driver ended with {process.returncode}, see its lines above")
    return json.loads(output)


async def _end(process: asyncio.subprocess.Process) -> None:
    """The driver closes its browser when asked to end; one that does not is killed, which closes the browser's pipe."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()

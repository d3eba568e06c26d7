"""docs/write-a-connector.md as a reader follows it: its files, its commands at a shell, and the answers that it shows."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-connector.md").read_text()
PORT = "8099"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(number: int) -> str:
    """The text of one numbered section."""
    return re.split(r"^## ", PAGE, flags=re.MULTILINE)[number]


def block(text: str, language: str, index: int = 0) -> str:
    """One of the blocks in a language."""
    return [found for kind, found in BLOCK.findall(text) if kind == language][index]


class Reader:
    """Somebody at a shell in an empty folder who types what the page says."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": path, **(environment or {})}
        self._left_running: list[subprocess.Popen[bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])

    def type(self, line: str) -> str:
        """What a command answers on both outputs; one that ends with & is left running."""
        line = line.replace(PORT, self._port)
        if line.endswith("&"):
            command = shlex.split(line.removesuffix("&"))
            quiet = subprocess.DEVNULL
            self._left_running.append(
                subprocess.Popen(command, cwd=self.folder, stdout=quiet, stderr=quiet, env=self._environment)
            )
            self._until_it_listens()
            return ""
        done = subprocess.run(
            line, shell=True, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False, timeout=150
        )
        return (done.stdout + done.stderr).replace(self._port, PORT)

    def leave(self) -> None:
        """End what was left running."""
        for process in self._left_running:
            process.terminate()
            process.wait()

    def _until_it_listens(self) -> None:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self._port))) == 0:
                    return
            time.sleep(0.05)
        msg = f"nobody listens on {self._port}"
        raise TimeoutError(msg)


def exchanges(text: str) -> list[tuple[str, str]]:
    """The commands of a section in their order, each with the answer that the page shows (none: empty)."""
    found: list[tuple[str, str]] = []
    for kind, content in BLOCK.findall(text):
        if kind:
            continue
        if "$ " not in content:
            found += [(line, "") for line in content.splitlines()]
            continue
        for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            found.append((command, answer))
    return found

"""docs/write-a-connector.md, followed to the letter as far as no cluster is needed: its files, its commands, their answers."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "write-a-connector.md").read_text()
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._left_running: list[subprocess.Popen[bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])

    def type(self, line: str) -> str:
        """What a command answers on both outputs; one that ends with & is left running."""
        line = line.replace(PORT, self._port)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path}
        if line.endswith("&"):
            command = shlex.split(line.removesuffix("&"))
            quiet = subprocess.DEVNULL
            self._left_running.append(subprocess.Popen(command, cwd=self.folder, stdout=quiet, stderr=quiet, env=environment))
            self._until_it_listens()
            return ""
        done = subprocess.run(
            line, shell=True, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
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


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    one = Reader(tmp_path)
    (tmp_path / "quote.py").write_text(block(section(1), "python"))
    yield one
    one.leave()


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


def test_every_command_of_the_desk_answers_as_the_page_shows(reader: Reader) -> None:
    said = exchanges(section(2))
    assert len(said) >= 9
    assert [(command, reader.type(command)) for command, _ in said] == said


def test_the_manifest_of_the_page_passes_lint_with_the_answer_that_it_shows(reader: Reader) -> None:
    source = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: quote, labels: {connectors.camunda.io/part: source}}\ndata:\n"
    lines = "".join(f"    {line}" for line in (reader.folder / "quote.py").read_text().splitlines(keepends=True))
    (reader.folder / "quote.yaml").write_text(f"{source}  quote.py: |\n{lines}")
    (reader.folder / "connector.yaml").write_text(block(section(3), "yaml"))
    lint, answer = next(item for item in exchanges(section(3)) if item[0].startswith("connectors lint"))
    assert reader.type(lint) == answer


def test_a_new_connector_of_the_page_runs(reader: Reader) -> None:
    said = exchanges(section(0))
    assert said[0][0].startswith("connectors new ")
    assert [(command, reader.type(command)) for command, _ in said] == said

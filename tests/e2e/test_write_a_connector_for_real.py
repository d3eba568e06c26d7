"""The cluster half of docs/write-a-connector.md, typed at a real cluster as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_page import Reader, block, exchanges, section

from local_cluster.waiting import wait_until
from main_job.stage import NAMESPACE, Stage

SECONDS = 120.0
VARYING = re.compile(r"\b\d+m?\d*s\b|\b[0-9a-f]{10}\b|[ \t]+")
"""Ages, hashes, and the width of the columns that they change."""


@pytest.fixture
def reader(stage: Stage, tmp_path: Path) -> Iterator[Reader]:
    """Somebody whose kubectl speaks to the cluster, in the samples' namespace."""
    kubectl = stage.target.kubectl
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "kubectl").symlink_to(Path(shutil.which(kubectl.program) or kubectl.program))
    kubeconfig = tmp_path / "kubeconfig"
    shutil.copy(kubectl.kubeconfig, kubeconfig)
    place = ["config", "set-context", "--current", f"--namespace={NAMESPACE}"]
    subprocess.run([tools / "kubectl", "--kubeconfig", kubeconfig, *place], check=True, capture_output=True)
    path = f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    folder = tmp_path / "work"
    folder.mkdir()
    one = Reader(folder, {"KUBECONFIG": str(kubeconfig), "PATH": path})
    (folder / "quote.py").write_text(block(section(1), "python"))
    (folder / "connector.yaml").write_text(block(section(3), "yaml"))
    yield one
    for kind in ("connector", "configmap"):
        kubectl.delete(kind, "quote", NAMESPACE)
    kubectl.delete("secret", "shop", NAMESPACE)
    one.leave()


def same(answer: str) -> str:
    """An answer without what differs each time."""
    return VARYING.sub(" ", answer)


def follow(reader: Reader, said: list[tuple[str, str]]) -> None:
    """Type each command; what is only looked at is looked at until it is as the page shows."""
    for command, shown in said:
        if command.startswith("kubectl get conn"):
            looking = lambda command=command, shown=shown: same(reader.type(command)) == same(shown)  # noqa: E731 - a look
            wait_until(looking, f"'{command}' answers as the page shows", seconds=SECONDS)
        else:
            assert (command, reader.type(command)) == (command, shown)


def commands(number: int) -> list[tuple[str, str]]:
    """The exchanges of a section; a command over several lines is one."""
    joined = section(number).replace("\\\n", "")
    return [(re.sub(r"\s+\|", " |", command), answer) for command, answer in exchanges(joined)]


def test_every_step_into_the_cluster_answers_as_the_page_shows(reader: Reader, stage: Stage) -> None:
    follow(reader, commands(3))
    template = json.loads((reader.folder / "quote.json").read_text())
    assert (template["id"], template["version"]) == ("acme.io:quote:1", 1)

    make_anew, *_ = (command for command, _ in commands(3) if command.startswith("kubectl create configmap"))
    apply = "kubectl apply -f quote.yaml"
    code = reader.folder / "quote.py"
    code.write_text(code.read_text().replace('title="Pieces"', 'title="How many"'))
    follow(reader, [(make_anew, ""), (apply, "configmap/quote configured\n"), *commands(4)[:1]])

    code.write_text(code.read_text().replace("version=1", "version=2"))
    follow(reader, [(make_anew, ""), (apply, "configmap/quote configured\n")])
    assert "condition met" in reader.type("kubectl wait conn/quote --for=condition=Ready --timeout=120s")
    published = stage.target.kubectl.get("configmap", "shop-element-templates", NAMESPACE)["data"]
    assert {name for name in published if "quote" in name} >= {f"acme.io_3aquote_3a1-v{version}.json" for version in (1, 2)}

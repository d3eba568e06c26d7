"""Helm, from the PATH or built once from its Go module into the cache; and what a chart renders to."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local_cluster.cache import Cache, cache_root
from local_cluster.prerequisites import current_environment
from local_cluster.progress import LongCommand, run

VERSION = "v4.3.1"
CHART = Path(__file__).parents[2] / "deploy" / "helm" / "connector-operator"


@cache
def helm() -> str:
    """The program; RuntimeError says what to install where it can neither be found nor built."""
    found = shutil.which("helm")
    if found:
        return found
    if not shutil.which("go"):
        raise RuntimeError("no Helm here: install it, or Go to build it with")
    folder = Cache(cache_root(current_environment())).obtain(f"programs/helm-{VERSION}", _build_into)
    return str(folder / "helm")


def _build_into(folder: Path) -> None:
    run(
        LongCommand(
            title="building Helm from source: some minutes, once …",
            argv=["go", "install", f"helm.sh/helm/{VERSION[:2]}/cmd/helm@{VERSION}"],
            log=folder / "build.log",
            directory=folder,
            environment={**os.environ, "GOBIN": str(folder), "GOWORK": "off"},
        )
    )


def template(*arguments: str, namespace: str = "connector-operator") -> list[dict[str, Any]]:
    """The objects that `helm template` prints for our chart; AssertionError with Helm's words when it refuses."""
    done = _helm("template", "connector-operator", str(CHART), "--namespace", namespace, *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def refusal(*arguments: str) -> str:
    """What Helm says against these values."""
    done = _helm("template", "connector-operator", str(CHART), *arguments)
    assert done.returncode != 0, "Helm accepts them"
    return done.stderr


def _helm(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command: Sequence[str] = (helm(), *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

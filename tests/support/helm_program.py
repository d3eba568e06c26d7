"""Helm, from the PATH or built once from its Go module into the cache; and what a chart renders to."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from go_install import installed

VERSION = "v4.3.1"
CHART = Path(__file__).parents[2] / "deploy" / "helm" / "connector-operator"


@cache
def helm() -> str:
    """The program; RuntimeError says what to install where it can neither be found nor built."""
    found = shutil.which("helm")
    if found:
        return found
    return str(installed(f"helm-{VERSION}", "Helm", f"helm.sh/helm/{VERSION[:2]}/cmd/helm@{VERSION}") / "helm")


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

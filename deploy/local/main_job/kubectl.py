"""kubectl as a person uses it: one program, one kubeconfig, text in and out."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from local_cluster.errors import LocalClusterError

_CALL_SECONDS: Final = 60
_REASON_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Every call raises LocalClusterError with kubectl's own words when it fails."""

    program: str
    kubeconfig: Path

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl and give its standard output."""
        command = [self.program, "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=_CALL_SECONDS, check=False)
        if done.returncode:
            raise LocalClusterError(f"cannot kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, *files: Path, namespace: str = "") -> None:
        """`kubectl apply` files."""
        place = ["-n", namespace] if namespace else []
        self.run("apply", "--server-side", "--force-conflicts", *place, *[part for file in files for part in ("-f", str(file))])

    def apply_objects(self, objects: Sequence[Mapping[str, Any]]) -> None:
        """`kubectl apply` objects that have no file."""
        self.run("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        """One object; empty when there is none."""
        text = self.run("get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found")
        return json.loads(text) if text.strip() else {}

    def every(self, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """All objects of a kind, or those with certain labels."""
        chosen = ["-l", selector] if selector else []
        return json.loads(self.run("get", kind, "-n", namespace, "-o", "json", *chosen))["items"]

    def delete(self, kind: str, name: str, namespace: str = "", *, wait: bool = True) -> None:
        """Delete one object if it is there."""
        place = ["-n", namespace] if namespace else []
        self.run("delete", kind, name, *place, "--ignore-not-found", f"--wait={str(wait).lower()}")

    def condition(self, kind: str, name: str, namespace: str, condition: str) -> dict[str, Any]:
        """A condition of an object; empty when it is not there."""
        conditions: list[dict[str, Any]] = self.get(kind, name, namespace).get("status", {}).get("conditions", [])
        return {item["type"]: item for item in conditions}.get(condition, {})

    def wait_reason(self, resource: str, namespace: str, condition: str, reason: str) -> str:
        """Wait until a condition of `kind/name` has this reason, and give its message."""
        kind, name = resource.split("/")
        deadline = time.monotonic() + _REASON_SECONDS
        while True:
            seen = self.condition(kind, name, namespace, condition)
            if seen.get("reason") == reason:
                return str(seen["message"])
            if time.monotonic() > deadline:
                raise LocalClusterError(f"{kind} {name}: {condition} is not {reason} after {_REASON_SECONDS} s, but {seen}")
            time.sleep(0.1)

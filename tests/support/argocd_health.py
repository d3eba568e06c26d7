"""What Argo CD would say about an object: deploy/argocd's Lua, run by a real Lua as Argo CD runs it, with the object as `obj`."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from kstatus import State, compute

from connector_operator.domain.objects import Object, kind_of, list_at

_FILE = Path(__file__).parents[2] / "deploy" / "argocd" / "argocd-cm.yaml"
_SHOWN = {State.CURRENT: "Healthy", State.IN_PROGRESS: "Progressing", State.FAILED: "Degraded"}
_ASK = """
local obj = %s
local health = (function()
%s
end)()
print(health.status)
print(health.message)
"""


def health(obj: Object) -> tuple[str, str]:
    """The status and the message; fails with Lua's words when the script does not run."""
    kind = kind_of(obj)
    program = _ASK % (_lua(obj), _scripts()[f"resource.customizations.health.{kind.group}_{kind.kind}"])
    done = subprocess.run([interpreter(), "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    status, _, message = done.stdout.partition("\n")
    return status, message.strip()


def wanted(obj: Object) -> str:
    """What it should say: what kstatus says, in Argo CD's words; of what is suspended, that."""
    accepted = [item for item in list_at(obj, "status", "conditions") if item["type"] == "Accepted"]
    suspended = any(item["reason"] == "Suspended" for item in accepted)
    return "Suspended" if suspended and compute(obj) is State.CURRENT else _SHOWN[compute(obj)]


@cache
def _scripts() -> dict[str, str]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))["data"]


@cache
def interpreter() -> str:
    """Lua, installed on the way where that is possible; RuntimeError says what to install elsewhere."""
    for name in ("lua5.4", "lua5.3", "lua5.1", "lua"):
        if found := shutil.which(name):
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-q", "lua5.4"], check=True, capture_output=True, env=environment)
        return "lua5.4"
    raise RuntimeError("no Lua here: install it, on Debian with `apt-get install lua5.4`")


def _lua(value: Any) -> str:
    """A JSON value as Lua source."""
    match value:
        case None:
            return "nil"
        case bool():
            return str(value).lower()
        case dict():
            members = (f"[{_lua(key)}]={_lua(member)}" for key, member in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
            return "{" + ",".join(members) + "}"
        case list():
            return "{" + ",".join(map(_lua, value)) + "}"  # pyright: ignore[reportUnknownArgumentType] - JSON
        case str():
            return '"' + "".join(f"\\{byte:03}" for byte in value.encode()) + '"'
        case _:
            return str(value)

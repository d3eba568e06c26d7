"""`@bpmn-io/element-templates-validator`, the one inside Camunda Modeler, run by node."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

VERSION = "2.26.0"
JUDGE = Path(__file__).with_name("judge.mjs")
REPOSITORY = "https://github.com/camunda/element-templates-json-schema"
FIXTURES = Path("packages/zeebe-element-templates-json-schema/test/fixtures")


def installed() -> Path:
    """The folder in which the validator is installed, now or from before."""
    cache = (
        os.environ.get("CONNECTOR_OPERATOR_CACHE")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "connector-operator"
    )
    folder = Path(cache) / f"element-templates-validator-{VERSION}"
    if not (folder / "node_modules" / "@bpmn-io" / "element-templates-validator").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        package = f"@bpmn-io/element-templates-validator@{VERSION}"
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", package], cwd=folder, check=True)
    return folder


def verdicts(templates: list[Any]) -> list[bool]:
    """Whether the validator takes each of the templates."""
    return _node([], json.dumps(templates))


def fixtures(repository: Path) -> dict[str, Any]:
    """The templates of the schema package's own tests, by file, from a checkout of its repository."""
    found: dict[str, Any] = _node([str((repository / FIXTURES).resolve())], "")
    return found


def checkout() -> Path:
    """A checkout of the schema's repository in the cache, made now or before."""
    folder = installed() / "schema-repository"
    if not (folder / FIXTURES).is_dir():
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", REPOSITORY, str(folder)], check=True)
    return folder


def _node(arguments: list[str], text: str) -> Any:
    command = ["node", "--no-warnings", str(JUDGE), *arguments]
    return json.loads(subprocess.run(command, cwd=installed(), input=text, capture_output=True, text=True, check=True).stdout)

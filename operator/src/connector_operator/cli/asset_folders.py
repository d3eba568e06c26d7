"""Further assets of Camunda Hub's catalogue, as its example repository keeps them: folders with a README.md and a template."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from connector_operator.cli.files import FileError
from connector_operator.domain.hub_assets import Asset


def read_assets(roots: Iterable[Path]) -> tuple[Asset, ...]:
    """Every folder below these whose README.md names a template; raises `FileError`."""
    found = [asset for number, root in enumerate(roots) for asset in _below(root, f"with-{number}")]
    return tuple(found)


def template_id(asset: Asset) -> str:
    """The id by which Hub knows an asset; raises `FileError` for what is no element template."""
    try:
        document = json.loads(asset.template)
    except ValueError as error:
        raise FileError(f"cannot use '{asset.folder}/{asset.template_name}': it is not JSON: {error}") from error
    found = cast("dict[str, Any]", document).get("id") if isinstance(document, dict) else None
    if not isinstance(found, str):
        raise FileError(f"cannot use '{asset.folder}/{asset.template_name}': an element template has an 'id'")
    return found


def _below(root: Path, name: str) -> Iterator[Asset]:
    if not root.is_dir():
        raise FileError(f"cannot read '{root}': there is no such folder")
    for readme in sorted(root.rglob("README.md")):
        text = _text(readme)
        template = _named_template(text)
        if template:
            place = readme.parent.relative_to(root).as_posix()
            folder = name if place == "." else f"{name}/{place}"
            yield Asset(folder, template, _text(readme.parent / template), text)


def _named_template(readme: str) -> str:
    """What the front matter's `template` names; empty where there is no front matter, as in a README for people."""
    before, mark, rest = readme.partition("---\n")
    front, end, _ = rest.partition("\n---")
    if before.strip() or not mark or not end:
        return ""
    try:
        document: Any = yaml.safe_load(front)
    except yaml.YAMLError:
        return ""
    named = cast("dict[str, Any]", document).get("template") if isinstance(document, dict) else None
    return named if isinstance(named, str) and Path(named).name == named else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise FileError(f"cannot read '{path}': {error}") from error

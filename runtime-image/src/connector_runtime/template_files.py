"""The element templates of all out-of-the-box connectors as committed files, and what was ever published under a version.

A diagram pins id and version, so what stands under them never changes: `versions.lock` keeps the hash of each, and a
connector whose template changed without a higher version is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from connector_runtime.templates import ElementTemplate, to_json

LOCK = "versions.lock"
Versions = dict[str, dict[str, str]]
"""Hash (SHA-256) by version by template id."""


class TemplateFilesError(Exception):
    """The files cannot be written or are out of date; the text has one line for each reason."""


@dataclass(frozen=True, slots=True)
class TemplateFiles:
    """The files as they ought to be: one per connector, named like it, and the lock."""

    texts: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Bring the folder to this state; a file of a connector that is gone goes too."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(_present(folder) - set(self.texts)):
            (folder / name).unlink()
        for name, text in self.texts.items():
            (folder / name).write_text(text, encoding="utf-8")

    def check(self, folder: Path) -> None:
        """Raise TemplateFilesError when the folder is in another state; writes nothing."""
        stale = [name for name, text in self.texts.items() if _read(folder / name) != text]
        stale += sorted(_present(folder) - set(self.texts))
        if stale:
            files = ", ".join(f"'{folder / name}'" for name in stale)
            msg = f"out of date: {files}; run `connector-runtime template --all --to {folder}` and commit the result"
            raise TemplateFilesError(msg)


def template_files(templates: Mapping[str, ElementTemplate], folder: Path) -> TemplateFiles:
    """The files for templates by connector name, over what `folder` remembers as published; raises TemplateFilesError."""
    versions = _versions(folder / LOCK)
    faults = [fault for name, template in templates.items() if (fault := _fault(name, template, versions.get(template.id, {})))]
    if faults:
        raise TemplateFilesError("\n".join(faults))
    for template in templates.values():
        versions.setdefault(template.id, {})[str(template.version)] = template.digest
    lock = {identifier: _by_number(versions[identifier]) for identifier in sorted(versions)}
    texts = {f"{name}.json": to_json(template.document) + "\n" for name, template in templates.items()}
    return TemplateFiles({**texts, LOCK: to_json(lock) + "\n"})


def _fault(name: str, template: ElementTemplate, published: Mapping[str, str]) -> str | None:
    """Why a template must not be published under its version, and what to do."""
    newest = max((int(version) for version in published), default=-1)
    before = published.get(str(template.version))
    if before == template.digest or (before is None and template.version > newest):
        return None
    what = f"cannot publish element template '{template.id}' version {template.version} of connector '{name}'"
    fix = f"set version={newest + 1} in its @connector"
    if before is None:
        return (
            f"{what}: version {newest} was published before (sha256 {published[str(newest)]}), now it is {template.digest}; {fix}"
        )
    return f"{what}: its content changed, sha256 was {before} and is {template.digest}; {fix}"


def _versions(path: Path) -> Versions:
    text = _read(path)
    try:
        return cast("Versions", json.loads(text)) if text is not None else {}
    except ValueError as error:
        msg = f"cannot read '{path}': {error}; restore it from the repository"
        raise TemplateFilesError(msg) from error


def _by_number(versions: Mapping[str, str]) -> dict[str, Any]:
    return {version: versions[version] for version in sorted(versions, key=int)}


def _present(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.json")}


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None

"""A folder of element templates that we share with its owner: what we wrote is ours to replace, all else is not.

Desktop Modeler takes every `*.json` in the folder for an element template, dot files too, and reads while we write. So the
list of our files is called otherwise, and every file appears whole.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

MANIFEST = ".connectors-pulled"
"""Our files in the folder, by name, and the SHA-256 of what we wrote."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one synchronisation did, by file name."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    """Files that are in the way and not ours, or not as we left them."""


def synchronise(folder: Path, wanted: Mapping[str, str]) -> Changes:
    """Make our part of the folder equal `wanted` (text by file name); raises `OSError`.

    An interruption at any point leaves whole files, and a list that names at least everything we wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours = _read_manifest(folder)
    digests = {name: _digest(text.encode()) for name, text in wanted.items()}
    present = {name: _digest_of(folder / name) for name in {*ours, *wanted}}
    kept = {name for name, found in present.items() if found and found not in (ours.get(name), digests.get(name))}
    written = sorted(name for name in wanted if name not in kept and present[name] != digests[name])
    removed = sorted(name for name in ours if name not in wanted and name not in kept and present[name])
    mine = {name: digest for name, digest in digests.items() if name not in kept and (name in ours or name in written)}
    if written or removed or mine != ours:
        _write(folder / MANIFEST, _manifest({**ours, **{name: ours.get(name, digests[name]) for name in written}}))
    for name in written:
        _write(folder / name, wanted[name])
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    if written or removed or mine != ours:
        _write(folder / MANIFEST, _manifest(mine))
    return Changes(tuple(written), tuple(removed), tuple(sorted(kept)))


def _manifest(files: Mapping[str, str]) -> str:
    return json.dumps({"files": dict(sorted(files.items()))}, indent=2) + "\n"


def _read_manifest(folder: Path) -> dict[str, str]:
    """Our files by name; one that cannot be read names none, so nothing is taken for ours by mistake."""
    try:
        document: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    files = cast("dict[str, Any]", document).get("files") if isinstance(document, dict) else None
    pairs = cast("dict[str, Any]", files).items() if isinstance(files, dict) else ()
    return {name: digest for name, digest in pairs if isinstance(digest, str) and Path(name).name == name}


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="")
    os.replace(unfinished, path)  # noqa: PTH105 - the one call that is atomic on every system


def _digest_of(path: Path) -> str:
    try:
        return _digest(path.read_bytes())
    except FileNotFoundError:
        return ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

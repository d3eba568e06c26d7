"""Files that programs read: whole or not there, and never touched without need."""

import hashlib
from pathlib import Path


def write_if_changed(file: Path, text: str, mode: int = 0o644) -> Path:
    """Give the file this content; nothing happens when it has it."""
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        scratch = file.with_name(f".{file.name}.new")
        scratch.touch(mode)
        scratch.write_text(text, encoding="utf-8")
        scratch.rename(file)
    return file


def write_by_content(file: Path, text: str, mode: int = 0o644) -> Path:
    """Write beside `file` under a name that holds the content's hash, and remove earlier ones.

    What is named on a command line changes it when its content changes, so that the program is restarted; and a
    program that watches its configuration, as kube-proxy does, sees no change where there is none.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    named = file.with_name(f"{file.stem}-{digest}{file.suffix}")
    for other in file.parent.glob(f"{file.stem}-*{file.suffix}"):
        if other != named:
            other.unlink()
    return write_if_changed(named, text, mode)

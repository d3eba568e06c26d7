"""A Connector's mounted secrets: files that may appear, change and vanish at any time (docs/worker-contract.md §1).

The kubelet replaces a volume's content atomically by swapping a symbolic link, so a changed value always shows as another
inode or modification time. `refresh` is called once a second.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector_runtime.masking import Masker

MAX_VALUE_BYTES = 1_048_576
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    modified: int
    inode: int
    size: int


class MountedSecrets:
    """The values of the declared secrets, by name."""

    def __init__(self, directory: Path, names: tuple[str, ...]) -> None:
        self._directory = directory
        self._names = names
        self._seen: dict[str, _Seen] = {}
        self._values: dict[str, str] = {}
        self._past: set[str] = set()
        self._masker = Masker(())
        self.refresh()

    @property
    def names(self) -> tuple[str, ...]:
        """What the Connector declares, mounted or not."""
        return self._names

    @property
    def values(self) -> Mapping[str, str]:
        """What is mounted now; a new mapping after each change, so that a job keeps the one it began with."""
        return self._values

    @property
    def missing(self) -> tuple[str, ...]:
        """The declared names that have no readable file now."""
        return tuple(name for name in self._names if name not in self._values)

    @property
    def masker(self) -> Masker:
        """Masks every value that was mounted since the start: a job may still speak of the one before a rotation."""
        return self._masker

    def refresh(self) -> bool:
        """Read what changed; return whether anything did."""
        values: dict[str, str] = {}
        for name in self._names:
            value = self._read(name)
            if value is not None:
                values[name] = value
        if values == self._values:
            return False
        self._values = values
        if not self._past.issuperset(values.values()):
            self._past.update(values.values())
            self._masker = Masker(self._past)
        return True

    def _read(self, name: str) -> str | None:
        path = self._directory / name
        try:
            status = path.stat()
            seen = _Seen(status.st_mtime_ns, status.st_ino, status.st_size)
            if self._seen.get(name) == seen and name in self._values:
                return self._values[name]
            value = _read_value(path)
        except (OSError, UnicodeDecodeError, ValueError):
            self._seen.pop(name, None)
            return None
        self._seen[name] = seen
        return value


def _read_value(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_VALUE_BYTES + 1)
    if len(content) > MAX_VALUE_BYTES:
        msg = "too large for a secret"
        raise ValueError(msg)
    return content.decode()

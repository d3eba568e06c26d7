"""A Connector's mounted secrets: files that may appear, change and vanish at any time (docs/worker-contract.md §1).

The kubelet replaces a volume's content atomically by swapping a symbolic link, so a changed value always shows as another
inode or modification time. `refresh` is called once a second.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector_runtime.config import SecretsFrom
from connector_runtime.masking import Masker

MAX_VALUE_BYTES = 1_048_576
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    modified: int
    inode: int
    size: int


class MountedSecrets:
    """The values of the declared secrets by name, and of every file of whole Secrets that are mounted beside them."""

    def __init__(self, directory: Path, names: tuple[str, ...], whole: tuple[SecretsFrom, ...] = ()) -> None:
        self._directory = directory
        self._names = names
        self._whole = whole
        self._seen: dict[Path, tuple[_Seen, str]] = {}
        self._values: dict[str, str] = {}
        self._awaited: tuple[str, ...] = ()
        self._past: set[str] = set()
        self._masker = Masker(())
        self.refresh()

    @property
    def values(self) -> Mapping[str, str]:
        """What is mounted now; a new mapping after each change, so that a job keeps the one it began with."""
        return self._values

    @property
    def missing(self) -> tuple[str, ...]:
        """The declared names that have no readable file now."""
        return tuple(name for name in self._names if name not in self._values)

    def may_appear(self, name: str) -> bool:
        """Whether a name without a value is declared, or may be one of a whole Secret that is not there yet."""
        return name in self._names or any(name.startswith(prefix) for prefix in self._awaited)

    @property
    def masker(self) -> Masker:
        """Masks every value that was mounted since the start: a job may still speak of the one before a rotation."""
        return self._masker

    def refresh(self) -> bool:
        """Read what changed; return whether anything did."""
        seen: dict[Path, tuple[_Seen, str]] = {}
        values: dict[str, str] = {}
        awaited: list[str] = []
        for secret in self._whole:
            files = _files(secret.directory)
            if not files:
                awaited.append(secret.prefix)
            self._collect(values, seen, {secret.prefix + file.name: file for file in files})
        # What is declared by name wins, as `env` wins over `envFrom`.
        self._collect(values, seen, {name: self._directory / name for name in self._names})
        self._seen, self._awaited = seen, tuple(awaited)
        if values == self._values:
            return False
        self._values = values
        if not self._past.issuperset(values.values()):
            self._past.update(values.values())
            self._masker = Masker(self._past)
        return True

    def _collect(self, values: dict[str, str], seen: dict[Path, tuple[_Seen, str]], files: Mapping[str, Path]) -> None:
        for name, path in files.items():
            found = self._read(path)
            if found is not None:
                seen[path] = found
                values[name] = found[1]

    def _read(self, path: Path) -> tuple[_Seen, str] | None:
        try:
            status = path.stat()
            now = _Seen(status.st_mtime_ns, status.st_ino, status.st_size)
            before = self._seen.get(path)
            return before if before is not None and before[0] == now else (now, _read_value(path))
        except (OSError, UnicodeDecodeError, ValueError):
            return None


def _files(directory: Path) -> list[Path]:
    """The keys of a mounted Secret; what begins with two dots is the kubelet's own."""
    try:
        return sorted(path for path in directory.iterdir() if not path.name.startswith("..") and path.is_file())
    except OSError:
        return []


def _read_value(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_VALUE_BYTES + 1)
    if len(content) > MAX_VALUE_BYTES:
        msg = "too large for a secret"
        raise ValueError(msg)
    return content.decode()

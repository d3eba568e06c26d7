"""Remembers, over crashes of the process, what ran when it ended: code of a Connector can end the pod in many ways.

The keys of running jobs stand in a memory-mapped file, which costs no system call per job and outlives the process (the
pod's `/tmp` outlives its container). Whatever stood there when a new process starts was running at the end of the old one.
One process cannot tell which of them it was; so what was suspected once runs alone from then on, and the third time is proof.
"""

import asyncio
import contextlib
import json
import logging
import mmap
import struct
from collections.abc import Generator, Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

SLOTS = 4096
MOST_CRASHES = 3
MOST_REMEMBERED = 1000
_KEY = struct.Struct("q")


class CrashJournal:
    """Of one pod; `directory` must outlive its container to be of use."""

    def __init__(self, directory: Path) -> None:
        self._crashes_file = directory / "connector-crashes.json"
        self._crashes: dict[str, int] = {}
        self._loading: set[str] = set()
        self._free = list(range(SLOTS - 1, -1, -1))
        self.alone = asyncio.Lock()
        """Held by a suspect while it runs."""
        self._slots: mmap.mmap | None = None
        try:
            self._slots = _mapped(directory / "connector-jobs")
            self._learn()
        except (OSError, ValueError) as error:
            logger.warning("cannot keep a crash journal in '%s': %s", directory, error, extra={"action": "journal"})

    def is_proven(self, key: int) -> bool:
        """Whether a job must not run any more."""
        return self._crashes.get(str(key), 0) >= MOST_CRASHES

    def is_suspect(self, key: int) -> bool:
        """Whether a job ran when the process ended, and has to run alone."""
        return bool(self._crashes) and str(key) in self._crashes

    def begin(self, key: int) -> int:
        """Note that a job runs; returns what `end` wants."""
        if self._slots is None or not self._free:
            return -1
        slot = self._free.pop()
        _KEY.pack_into(self._slots, slot * _KEY.size, key)
        return slot

    def end(self, slot: int) -> None:
        """Note that it came to its end."""
        if slot >= 0 and self._slots is not None:
            _KEY.pack_into(self._slots, slot * _KEY.size, 0)
            self._free.append(slot)

    def load_crashes(self, connector: str) -> int:
        """How often the process ended while the code of this Connector was loaded."""
        return self._crashes.get(f"load {connector}", 0)

    @contextlib.contextmanager
    def loading(self, connector: str) -> Generator[None]:
        """Note that the code of a Connector is being loaded."""
        self._loading.add(connector)
        self._write()
        try:
            yield
            self._crashes.pop(f"load {connector}", None)
        finally:
            self._loading.discard(connector)
            self._write()

    def close(self) -> None:
        """The process ends as it should: nothing is under suspicion."""
        self._loading.clear()
        self._write()
        if self._slots is not None:
            self._slots[:] = bytes(len(self._slots))

    def _learn(self) -> None:
        document = _read(self._crashes_file)
        self._crashes = document.get("crashes", {})
        running = [str(key) for (key,) in _KEY.iter_unpack(bytes(self._slots or b"")) if key]
        self._count(running)
        self._count(f"load {name}" for name in document.get("loading", []))
        if running:
            logger.warning("the process before ended while %d jobs ran", len(running), extra={"action": "journal"})
        if self._slots is not None:
            self._slots[:] = bytes(len(self._slots))
        self._write()

    def _count(self, names: Iterable[str]) -> None:
        for name in names:
            self._crashes[name] = self._crashes.pop(name, 0) + 1
        for name in list(self._crashes)[: max(len(self._crashes) - MOST_REMEMBERED, 0)]:
            del self._crashes[name]

    def _write(self) -> None:
        if self._slots is None:
            return
        draft = self._crashes_file.with_suffix(".new")
        with contextlib.suppress(OSError):  # a full disk must not keep jobs from running
            draft.write_text(json.dumps({"crashes": self._crashes, "loading": sorted(self._loading)}))
            draft.replace(self._crashes_file)


def _mapped(path: Path) -> mmap.mmap:
    size = SLOTS * _KEY.size
    with path.open("a+b") as file:
        file.truncate(size)
        return mmap.mmap(file.fileno(), size)


def _read(path: Path) -> dict[str, dict[str, int]]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}

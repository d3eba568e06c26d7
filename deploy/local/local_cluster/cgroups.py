"""A control group of our own in every hierarchy: whatever we start and they start can be found and ended through it."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from local_cluster.errors import LocalClusterError
from local_cluster.mounts import read_mounts

GROUP: Final = "connector-operator"
_PROCESSES: Final = "processes"


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """The mounted cgroup hierarchies; one for v2, one per controller for v1 and perhaps one of v2 beside them."""

    version: str  # "v1", "v2" or "" for none
    roots: tuple[Path, ...]

    @classmethod
    def of_this_machine(cls) -> Self:
        """As mounted now. A v2 hierarchy beside v1 controllers has none itself, but container runtimes use it too."""
        mounts = read_mounts()
        first = sorted({mount.path for mount in mounts if mount.file_system == "cgroup"})
        second = sorted({mount.path for mount in mounts if mount.file_system == "cgroup2"})
        version = "v1" if first else "v2" if second else ""
        return cls(version, (*first, *second))

    def create(self) -> Path:
        """Make our group everywhere; returns the group in which our own processes belong."""
        for root in self.roots:
            (root / GROUP).mkdir(exist_ok=True)
            if self.version == "v2":
                delegate(root)
        ours = self._tracking() / GROUP / _PROCESSES
        ours.mkdir(exist_ok=True)
        return ours

    def exist(self) -> bool:
        """Whether our group is there, in one hierarchy at least."""
        return any((root / GROUP).is_dir() for root in self.roots)

    def end_all(self) -> None:
        """Kill every process in our group and below it, and remove the group."""
        deadline = time.monotonic() + 20
        while processes := set(self._processes()):
            for process in processes:
                _kill(process)
            if time.monotonic() > deadline:
                raise LocalClusterError(f"cannot end the processes {sorted(processes)}: they hang in the kernel; see `dmesg`")
            time.sleep(0.05)
        for root in self.roots:
            _remove(root / GROUP)

    def _tracking(self) -> Path:
        # any hierarchy would do; that of `pids` is never shared with a controller that needs preparation
        return next((root for root in self.roots if root.name == "pids"), self.roots[0])

    def _processes(self) -> Iterator[int]:
        for root in self.roots:
            for file in (root / GROUP).rglob("cgroup.procs"):
                yield from _members(file)


def delegate(root: Path) -> None:
    """Let the groups of a v2 hierarchy limit what its controllers can, as the kubelet demands of its group.

    Where the hierarchy's root holds processes itself, as in a container, the kernel refuses; the kubelet then names
    the controllers that it misses.
    """
    for controller in (root / "cgroup.controllers").read_text(encoding="ascii").split():
        with contextlib.suppress(OSError):
            (root / "cgroup.subtree_control").write_text(f"+{controller}", encoding="ascii")


def _members(file: Path) -> Iterator[int]:
    try:
        yield from map(int, file.read_text(encoding="ascii").split())
    except OSError:
        return  # the group went while we looked


def _kill(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        # looked at again once the handle is open: by now the number could be another process's
        if f"/{GROUP}" in Path(f"/proc/{process}/cgroup").read_text(encoding="utf-8"):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return
    finally:
        os.close(handle)


def _remove(group: Path) -> None:
    """Remove a group and those below it, deepest first; the kernel needs a moment after the last process."""
    groups = sorted((path for path in group.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))
    for path in [*groups, *([group] if group.is_dir() else [])]:
        for _ in range(40):
            try:
                path.rmdir()
                break
            except OSError:
                time.sleep(0.05)

"""Mount points of this machine, and removing those below a folder."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local_cluster.errors import LocalClusterError


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount point."""

    path: Path
    file_system: str


def read_mounts() -> list[Mount]:
    """All mounts that this process sees, in the order in which they were made."""
    return parse_mounts(Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines())


def parse_mounts(lines: Iterable[str]) -> list[Mount]:
    """The mounts in lines of /proc/PID/mountinfo (proc_pid_mountinfo(5))."""
    found: list[Mount] = []
    for line in lines:
        before, after = line.split(" - ", 1)
        found.append(Mount(Path(_unescape(before.split()[4])), after.split()[0]))
    return found


def _unescape(text: str) -> str:
    """Space, tab, newline and backslash are written as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def unmount_below(folders: Iterable[Path]) -> None:
    """Unmount all that is mounted at or below the folders, last made first; lazily where something still uses it.

    Raises LocalClusterError when something stays: deleting the folders would then delete what is mounted there.
    """
    roots = tuple(folders)
    for path in reversed(_mounted_below(roots)):
        subprocess.run(["umount", "--lazy", "--no-canonicalize", "--no-mtab", str(path)], check=False, capture_output=True)
    if left := _mounted_below(roots):
        raise LocalClusterError(f'cannot unmount "{left[-1]}"; run `umount --lazy {left[-1]}` as root and try again')


def _mounted_below(roots: tuple[Path, ...]) -> list[Path]:
    return [mount.path for mount in read_mounts() if any(mount.path.is_relative_to(root) for root in roots)]

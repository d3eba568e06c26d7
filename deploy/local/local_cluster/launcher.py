"""Become another program, after recording who we are and tying our life to the parent's.

Run as a script between fork and exec, so that a recorded process exists exactly when its record does, even when the
command that starts it is killed half-way. Standard library only: it runs isolated from the environment.
"""

import argparse
import ctypes
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    start_time: int  # clock ticks after boot, field 22 of /proc/PID/stat
    boot_id: str
    argv: tuple[str, ...]

    @classmethod
    def of_this_process(cls, argv: Sequence[str]) -> Self:
        """The record of the running process, which is or becomes the program `argv`."""
        start_time = _start_time(os.getpid())
        if start_time is None:
            raise RuntimeError("cannot read /proc/self/stat")
        return cls(os.getpid(), start_time, _boot_id(), tuple(argv))

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The record in a file; None when there is none or it is not one."""
        try:
            members = json.loads(path.read_bytes())
            return cls(members["pid"], members["start_time"], members["boot_id"], tuple(members["argv"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Write the record so that a reader sees all of it or none."""
        scratch = path.with_name(f".{path.name}.{self.pid}")
        scratch.write_text(json.dumps(asdict(self)), encoding="utf-8")
        scratch.rename(path)

    def alive(self) -> bool:
        """Whether this very process still runs: not one that got its number later, not a zombie, not before a reboot."""
        return self.boot_id == _boot_id() and self.start_time == _start_time(self.pid)


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _start_time(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and parentheses
    return None if state in "ZX" else int(fields[18])


def launch_command(
    argv: Sequence[str], *, with_parent: bool, record: Path | None = None, cgroup: Path | None = None
) -> list[str]:
    """The command that runs this file as a script and so becomes the program `argv`.

    `with_parent` ends the program when the thread that starts it ends; otherwise the launcher returns at once and the
    program goes on by itself, in a session of its own.
    """
    options = ["--with-parent", str(os.getpid())] if with_parent else ["--detach"]
    options += ["--record", str(record)] if record else []
    options += ["--cgroup", str(cgroup)] if cgroup else []
    return [sys.executable, "-I", "-S", __file__, *options, "--", *argv]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--with-parent", type=int)
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--cgroup", type=Path)
    parser.add_argument("argv", nargs="+")
    options = parser.parse_args()
    if options.detach:
        _leave_parent()
    os.setsid()  # a Ctrl-C in the terminal is for the command, not for what it started
    os.umask(0o022)  # a stricter one would make the root folder of every container unreadable for its user
    if options.with_parent:
        _end_with(options.with_parent)
    if options.cgroup:
        (options.cgroup / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
    if options.record:
        ProcessRecord.of_this_process(options.argv).write(options.record)
    try:
        os.execvp(options.argv[0], options.argv)
    except OSError as failed:
        sys.exit(f'cannot run "{options.argv[0]}": {failed.strerror}')


def _leave_parent() -> None:
    reader, writer = os.pipe()  # closed by exec, so the end of file says that the program has begun
    if os.fork():
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)


def _end_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


if __name__ == "__main__":
    main()

"""Programs that we start, find again and end: by recorded process and start time, never by name."""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from local_cluster.errors import LocalClusterError
from local_cluster.launcher import ProcessRecord, launch_command
from local_cluster.progress import tail


class Lifetime(Enum):
    """How long a program runs when nobody ends it."""

    WITH_PARENT = "until the thread that started it ends, however it ends"
    DETACHED = "until it is stopped, perhaps by a later command"


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; the name is also that of its log and record."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    # a graceful end matters only where state is kept
    patience: float = 15.0


class ProcessSet:
    """The programs of one directory: `<name>.log` and `run/<name>.json` each."""

    def __init__(self, directory: Path, lifetime: Lifetime, cgroup: Path | None = None) -> None:
        self.directory = directory
        self._lifetime = lifetime
        self._cgroup = cgroup
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, program: Program) -> None:
        """Make it run exactly once with exactly these arguments: started, left alone, or restarted."""
        running = self.running(program.name)
        if running and running.argv == tuple(program.argv):
            return
        self.stop(program.name, program.patience)
        self._record(program.name).parent.mkdir(parents=True, exist_ok=True)
        with self.log(program.name).open("wb") as output:
            child = subprocess.Popen(
                launch_command(
                    program.argv,
                    with_parent=self._lifetime is Lifetime.WITH_PARENT,
                    record=self._record(program.name),
                    cgroup=self._cgroup,
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env=program.environment,
            )
        self._children[program.name] = child
        if self._lifetime is Lifetime.DETACHED:
            child.wait()  # the launcher ends as soon as the program runs by itself

    def running(self, name: str) -> ProcessRecord | None:
        """The process of that name when it is alive."""
        record = ProcessRecord.read(self._record(name))
        return record if record and record.alive() else None

    def expect_running(self, name: str) -> None:
        """Raise LocalClusterError with the end of its log when it has ended by itself."""
        child = self._children.get(name)
        starting = self._lifetime is Lifetime.WITH_PARENT and child is not None and child.poll() is None
        if not starting and not self.running(name):
            raise LocalClusterError(f'"{name}" ended by itself; its log {self.log(name)} ends with\n{tail(self.log(name))}')

    def stop(self, name: str, patience: float = 15.0) -> None:
        """End it, by SIGTERM and after `patience` seconds by SIGKILL; nothing happens when it does not run."""
        record = self.running(name)
        if record:
            end(record, patience)
        child = self._children.pop(name, None)
        if child:
            child.kill()  # no-op once it has ended; ends a launcher that was still on its way
            child.wait()
        self._record(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """The recorded programs, running or not."""
        return sorted(path.stem for path in (self.directory / "run").glob("*.json"))

    def log(self, name: str) -> Path:
        """Where the program's output goes."""
        return self.directory / f"{name}.log"

    def _record(self, name: str) -> Path:
        return self.directory / "run" / f"{name}.json"


def end(record: ProcessRecord, patience: float) -> None:
    """End the recorded process and return when it is gone; a later process with its number is never touched."""
    try:
        handle = os.pidfd_open(record.pid)
    except ProcessLookupError:
        return
    try:
        # the handle is opened first, so that it cannot come to mean another process after the check
        if record.alive():
            _end_by_handle(handle, patience)
    finally:
        os.close(handle)


def _end_by_handle(handle: int, patience: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        if patience > 0:
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if _gone(handle, patience):
                return
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not _gone(handle, 10):
            raise LocalClusterError("cannot end a process even by SIGKILL; it hangs in the kernel: see `dmesg`")


def _gone(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))

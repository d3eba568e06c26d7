"""What a person sees while waiting; standard output stays free for results."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_cluster.errors import LocalClusterError
from local_cluster.launcher import launch_command


def say(text: str) -> None:
    """Print one progress line, at once."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class LongCommand:
    """A command that takes long enough for a person to wonder whether it still runs."""

    title: str
    argv: Sequence[str]
    log: Path
    directory: Path
    environment: Mapping[str, str]
    seconds_between_lines: float = 20.0


def run(command: LongCommand) -> None:
    """Run it to its end, with a line about the elapsed time every now and then; its output goes to its log.

    Raises LocalClusterError with the end of the log when it fails. Whatever ends this process ends the command too.
    """
    say(command.title)
    started = time.monotonic()
    with command.log.open("wb") as output:
        process = subprocess.Popen(
            launch_command(command.argv, with_parent=True),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=command.directory,
            env=command.environment,
        )
        try:
            code = _wait(process, command, started)
        finally:
            process.kill()
            process.wait()
    if code:
        raise LocalClusterError(f"cannot finish: {command.title}\n{command.argv[0]} ended with {code}:\n{tail(command.log)}")
    say(f"  done in {_elapsed(started)}")


def _wait(process: subprocess.Popen[bytes], command: LongCommand, started: float) -> int:
    while True:
        try:
            return process.wait(command.seconds_between_lines)
        except subprocess.TimeoutExpired:
            say(f"  … {_elapsed(started)}")


def _elapsed(started: float) -> str:
    seconds = time.monotonic() - started
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented, or a word that there are none."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    last = text.strip().splitlines()[-lines:]
    return "\n".join(f"    {line[:400]}" for line in last) or f"    ({log} is empty)"

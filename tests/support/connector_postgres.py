"""A throw-away PostgreSQL: Debian's server on a free loopback port, ended with the test session."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "canary-pg-4711"


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where it listens; user `postgres`, database `postgres`."""

    port: int
    password: str = PASSWORD


@contextmanager
def postgres_server() -> Generator[Postgres]:
    """Run a server; RuntimeError says what to install where it is missing and cannot be had."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="connector-postgres-") as folder:
        Path(folder, "password").write_text(PASSWORD)
        user = _unprivileged(Path(folder))
        data = Path(folder, "data")
        initialise = ["initdb", "--pgdata", str(data), "--username=postgres", "--auth=scram-sha-256", "--no-sync"]
        subprocess.run(
            [programs / initialise[0], *initialise[1:], f"--pwfile={folder}/password", "--encoding=UTF8"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        port = _free_port()
        options = ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
        server = subprocess.Popen(
            [programs / "postgres", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder
        )
        try:
            _until_listening(server, port)
            yield Postgres(port)
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: pools may still hold connections
            server.wait(20)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found and shutil.which("postgres"):
        return Path(str(shutil.which("postgres"))).resolve().parent
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-q", "postgresql"], check=True, capture_output=True, env=environment)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        msg = "no PostgreSQL here: install it, on Debian with `apt-get install postgresql`"
        raise RuntimeError(msg)
    return found[-1].parent


def _unprivileged(folder: Path) -> int | None:
    """The server does not run as root: who it is then. The folder becomes theirs."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody").pw_uid
    for path in (folder, *folder.iterdir()):
        os.chown(path, user, -1)
    return user


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _until_listening(server: subprocess.Popen[bytes], port: int, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            msg = f"PostgreSQL ended at once with {server.returncode}"
            raise RuntimeError(msg)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    msg = "PostgreSQL does not listen"
    raise RuntimeError(msg)

"""A throw-away PostgreSQL: Debian's server on a free loopback port, ended with the test session."""

import os
import pwd
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector_server import certificates, listens, program, scratch

from local_cluster.ports import free_ports
from local_cluster.waiting import wait_until

PASSWORD = "canary-pg-4711"


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where it listens; user `postgres`, database `postgres`."""

    port: int
    authority: Path
    """The certificate authority of its TLS."""
    password: str = PASSWORD


@contextmanager
def postgres_server() -> Generator[Postgres]:
    """Run a server; RuntimeError says what to install where it is missing and cannot be had."""
    programs = program("/usr/lib/postgresql/*/bin/postgres", "postgresql").parent
    with scratch("postgres") as folder:
        (folder / "password").write_text(PASSWORD)
        authority = certificates(folder)
        user = _unprivileged(folder)
        data = folder / "data"
        initialise = ["initdb", "--pgdata", str(data), "--username=postgres", "--auth=scram-sha-256", "--no-sync"]
        subprocess.run(
            [programs / initialise[0], *initialise[1:], f"--pwfile={folder}/password", "--encoding=UTF8"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        (port,) = free_ports(1)
        options = ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"]
        tls = ["ssl=on", f"ssl_cert_file={authority.certificate('server')}", f"ssl_key_file={authority.key('server')}"]
        options += [word for setting in tls for word in ("-c", setting)]
        server = subprocess.Popen(
            [programs / "postgres", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder
        )
        try:
            wait_until(lambda: listens(port), "PostgreSQL", seconds=30, meanwhile=lambda: _expect_running(server))
            yield Postgres(port, authority.certificate("ca"))
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: pools may still hold connections
            server.wait(20)


def _unprivileged(folder: Path) -> int | None:
    """The server does not run as root: who it is then. The folder becomes theirs."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody").pw_uid
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, -1)
    return user


def _expect_running(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        msg = f"PostgreSQL ended at once with {server.returncode}"
        raise RuntimeError(msg)

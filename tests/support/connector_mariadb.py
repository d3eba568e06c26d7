"""A throw-away MariaDB: Debian's server with a database `shop`, on loopback, with TLS for those who want it."""

import getpass
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector_server import Server, certificates, environment_of, program, running, scratch

from local_cluster.ports import free_ports

USER, PASSWORD = "shop", "canary-maria-4711"


@dataclass(frozen=True, slots=True)
class MariaDb:
    """Where it listens, and the certificate authority of its TLS; the database is `shop`."""

    port: int
    authority: Path
    user: str = USER
    password: str = PASSWORD


@contextmanager
def mariadb_server() -> Generator[MariaDb]:
    """Run a server; RuntimeError says what to install where it is missing and cannot be had."""
    server = program("/usr/sbin/mariadbd", "mariadb-server")
    with scratch("mariadb") as folder:
        (port,) = free_ports(1)
        authority = certificates(folder)
        data = folder / "data"
        _initialise(folder, data)
        users = folder / "users.sql"
        users.write_text(
            f"CREATE DATABASE shop;\nCREATE USER {USER} IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON shop.* TO {USER};\n"
        )
        options = [
            f"--datadir={data}", f"--user={getpass.getuser()}", "--bind-address=127.0.0.1", f"--port={port}",
            f"--socket={folder}/socket", f"--pid-file={folder}/pid", f"--init-file={users}", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--max-allowed-packet=1M",
            f"--ssl-ca={authority.certificate('ca')}", f"--ssl-cert={authority.certificate('server')}",
            f"--ssl-key={authority.key('server')}",
        ]  # fmt: skip
        with running(folder, Server("mariadb", [str(server), "--no-defaults", *options], [port])):
            yield MariaDb(port, authority.certificate("ca"))


def _initialise(folder: Path, data: Path) -> None:
    """What makes an empty folder the storage of a server."""
    options = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", f"--user={getpass.getuser()}"]
    done = subprocess.run(
        [program("/usr/bin/mariadb-install-db", "mariadb-server"), "--no-defaults", *options],
        capture_output=True, text=True, check=False, cwd=folder, env=environment_of(folder, {}),
    )  # fmt: skip
    if done.returncode:
        msg = f"cannot make MariaDB's storage: {(done.stdout + done.stderr).strip()[-1000:]}"
        raise RuntimeError(msg)

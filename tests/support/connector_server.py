"""What the throw-away servers of the connector tests share: Debian's packages, certificates, a process that listens."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local_cluster.certificates import CertificateAuthority, CertificateRequest
from local_cluster.processes import Lifetime, ProcessSet, Program
from local_cluster.waiting import wait_until

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Server:
    """A program to run in a folder of its own, and where it must listen before anybody uses it."""

    name: str
    argv: Sequence[str]
    ports: Sequence[int]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    patience: float = 15.0
    seconds: float = 60.0


def program(pattern: str, *packages: str) -> Path:
    """The newest installed file of that absolute pattern; RuntimeError says what to install where it cannot be had."""
    found = _installed(pattern)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(packages)
        found = _installed(pattern)
    if not found:
        msg = f"no {pattern} here: install it, on Debian with `apt-get install {' '.join(packages)}`"
        raise RuntimeError(msg)
    return found[-1]


def _installed(pattern: str) -> list[Path]:
    return sorted(Path("/").glob(pattern.removeprefix("/")))


def _install(packages: Sequence[str]) -> None:
    """Without starting what the packages bring: a run level of 1 is what their scripts ask for."""
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    if _apt("install", *options, *packages):
        _apt("update", "-q")  # a fresh machine knows no packages
        if reason := _apt("install", *options, *packages):
            msg = f"cannot install {' '.join(packages)}: {reason}"
            raise RuntimeError(msg)


def _apt(*arguments: str) -> str:
    """Why it failed, or nothing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    done = subprocess.run(["apt-get", *arguments], capture_output=True, text=True, env=environment, check=False)
    return (done.stderr.strip() or f"it ended with {done.returncode}") if done.returncode else ""


@contextmanager
def scratch(purpose: str) -> Generator[Path]:
    """A folder that goes when the server is gone."""
    folder = Path(tempfile.mkdtemp(prefix=f"connector-{purpose}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(folder: Path, server: Server) -> Generator[None]:
    """Run a server until the block ends, or this process does; RuntimeError with its log when it does not come up."""
    environment = environment_of(folder, server.environment)
    processes = ProcessSet(folder, Lifetime.WITH_PARENT)
    processes.start(Program(server.name, server.argv, environment, server.patience))
    try:
        wait_until(
            lambda: all(listens(port) for port in server.ports),
            f"{server.name} on {server.ports}",
            seconds=server.seconds,
            meanwhile=lambda: processes.expect_running(server.name),
        )
        yield
    finally:
        processes.stop(server.name, server.patience)


def environment_of(folder: Path, additional: Mapping[str, str]) -> dict[str, str]:
    """What a server, or a command beside it, has as environment: nothing of ours."""
    return {"PATH": SYSTEM_PATH, "HOME": str(folder), "LANG": "C.UTF-8", **additional}


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def clients_of(port: int) -> set[int]:
    """The ports from which somebody on this machine is connected to a server: what a connection is told apart by."""
    established = "01"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = ((_port(line[1]), _port(line[2])) for line in lines if line[3] == established)
    return {local for local, remote in found if remote == port}


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def certificates(folder: Path) -> CertificateAuthority:
    """An authority that nobody else knows, and the certificate `server` for localhost alone: not for 127.0.0.1."""
    authority = CertificateAuthority(folder / "certificates")
    authority.create()
    authority.issue([CertificateRequest("server", "/CN=localhost", "serverAuth", ("DNS:localhost",))])
    return authority

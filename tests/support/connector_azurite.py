"""A throw-away Azure Blob Storage: Microsoft's Azurite from npm, in memory, on loopback."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas
from connector_server import Server, certificates, program, running, scratch

from local_cluster.cache import Cache, cache_root
from local_cluster.ports import free_ports
from local_cluster.prerequisites import current_environment

AZURITE = "3.37.0"
ACCOUNT = "devstoreaccount1"
# The same for everybody: https://learn.microsoft.com/en-us/azure/storage/common/storage-connect-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True, slots=True)
class Azurite:
    """Where it listens."""

    address: str
    """With the account's name, as no store but Azure's own has it in its host name."""
    authority: Path | None = None
    """Who signed its certificate, where it has one."""

    def container(self, name: str) -> Any:
        """Azure's own client of a container, made when it is not there yet."""
        verify = True if self.authority is None else str(self.authority)
        service: Any = BlobServiceClient(self.address, credential=KEY, connection_verify=verify)
        container = service.get_container_client(name)
        if not container.exists():
            container.create_container()
        return container

    def token(self, name: str, *, expired: bool = False) -> str:
        """A signature that lets its bearer read and write a container's blobs."""
        end = datetime.now(UTC) + timedelta(hours=-1 if expired else 1)
        may = ContainerSasPermissions(read=True, write=True, create=True, add=True)
        return generate_container_sas(ACCOUNT, name, account_key=KEY, permission=may, expiry=end)


@contextmanager
def azurite_server(*, tls: bool = False) -> Generator[Azurite]:
    """Run a server on a free loopback port; with `tls` it takes access tokens too, of which it checks all but the signature.

    It is fetched from npm when this machine does not have it yet.
    """
    node = program("/usr/bin/node", "nodejs", "npm")
    entry = Cache(cache_root(current_environment())).obtain(f"azurite-{AZURITE}", _install)
    main = entry / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    (port,) = free_ports(1)
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent", "--inMemoryPersistence", "--skipApiVersionCheck"]
    with scratch("azurite") as folder:
        azurite = Azurite(f"http://127.0.0.1:{port}/{ACCOUNT}")
        if tls:
            authority = certificates(folder)
            options += ["--cert", str(authority.certificate("server")), "--key", str(authority.key("server")), "--oauth", "basic"]
            azurite = Azurite(f"https://localhost:{port}/{ACCOUNT}", authority.certificate("ca"))
        with running(folder, Server("azurite", [str(node), str(main), *options, "--disableTelemetry"], [port])):
            yield azurite


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        msg = "no npm here: install it, on Debian with `apt-get install npm`"
        raise RuntimeError(msg)
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", f"azurite@{AZURITE}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)

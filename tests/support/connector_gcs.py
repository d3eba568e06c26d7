"""A throw-away Google Cloud Storage: the emulator gcp-storage-emulator, in memory, and a service account that it lets in."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

from connector_server import Server, running, scratch
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_cluster.cache import Cache, cache_root
from local_cluster.ports import free_ports
from local_cluster.prerequisites import current_environment

EMULATOR = "2026.7.19"


@dataclass(frozen=True, slots=True)
class Gcs:
    """Where it listens; it asks nobody for a token."""

    address: str

    def make_bucket(self, name: str) -> None:
        """A bucket, when it is not there yet."""
        request = Request(f"{self.address}/storage/v1/b?project=test", json.dumps({"name": name}).encode())
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=10):
            pass

    def put(self, bucket: str, name: str, content: bytes, content_type: str) -> None:
        """Store an object past the connector."""
        address = f"{self.address}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(name, safe='')}"
        request = Request(address, content, {"Content-Type": content_type}, method="POST")
        with urlopen(request, timeout=10):
            pass

    def get(self, bucket: str, name: str) -> tuple[bytes, str]:
        """Content and type of an object."""
        address = f"{self.address}/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
        with urlopen(address, timeout=10) as answer:
            kind = json.load(answer)["contentType"]
        with urlopen(f"{address}?alt=media", timeout=10) as answer:
            return answer.read(), kind


def service_account_key(token_uri: str) -> str:
    """The JSON key of an account whose tokens come from `token_uri`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    members = {"type": "service_account", "project_id": "test", "private_key_id": "1", "private_key": private}
    return json.dumps(members | {"client_email": "shop@test.iam.gserviceaccount.com", "token_uri": token_uri})


@contextmanager
def gcs_server() -> Generator[Gcs]:
    """Run a server on a free loopback port; it is fetched from PyPI when this machine does not have it yet."""
    packages = Cache(cache_root(current_environment())).obtain(f"gcp-storage-emulator-{EMULATOR}", _install)
    (port,) = free_ports(1)
    argv = [sys.executable, "-m", "gcp_storage_emulator", "start", "-H", "127.0.0.1", "--port", str(port), "-q", "--in-memory"]
    with scratch("gcs") as folder, running(folder, Server("gcs", argv, [port], {"PYTHONPATH": str(packages)})):
        yield Gcs(f"http://127.0.0.1:{port}")


def _install(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), f"gcp-storage-emulator=={EMULATOR}"]
    subprocess.run(command, check=True, capture_output=True)

"""A package index on HTTPS with one wheel, as `pip --index-url` reads it: pods install from it what a Connector pins."""

import base64
import hashlib
import io
import ssl
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local_cluster.certificates import CertificateAuthority, CertificateRequest


@dataclass(frozen=True, slots=True)
class Wheel:
    """One pure Python module as a wheel. Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/"""

    name: str
    version: str
    code: str

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def content(self) -> bytes:
        info = f"{self.name}-{self.version}.dist-info"
        files = {
            f"{self.name}.py": self.code,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, text in files.items():
                archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text)
        return packed.getvalue()

    @property
    def requirement(self) -> str:
        """As a Connector pins it."""
        return f"{self.name}=={self.version} --hash=sha256:{hashlib.sha256(self.content).hexdigest()}"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Index:
    """A running index: its address, and the PEM of the authority to trust."""

    url: str
    authority: str


@contextmanager
def wheel_index(wheel: Wheel, host: str, folder: Path) -> Generator[Index, None, None]:
    """Serve one wheel on a free port of `host`, with a certificate of an authority made in `folder`."""
    authority = CertificateAuthority(folder)
    authority.create()
    authority.issue([CertificateRequest("index", "/CN=index", "serverAuth", (f"IP:{host}",))])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate("index"), authority.key("index"))
    server = ThreadingHTTPServer((host, 0), _handler(wheel))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Index(f"https://{host}:{server.server_address[1]}/simple", authority.certificate("ca").read_text())
    finally:
        server.shutdown()
        server.server_close()


def _handler(wheel: Wheel) -> type[BaseHTTPRequestHandler]:
    page = f'<!DOCTYPE html><html><body><a href="/{wheel.file}">{wheel.file}</a></body></html>'
    project = wheel.name.replace("_", "-")
    pages = {f"/simple/{project}/": ("text/html", page.encode()), f"/{wheel.file}": ("application/zip", wheel.content)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = pages.get(self.path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the class calls it by
            """Quiet."""

    return Handler

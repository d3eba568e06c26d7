"""The doors of a guarded Camunda 8: a token endpoint and a TLS port that wants a client certificate; both write down who came.

Behind the TLS port is nobody: what is tested here is what a worker brings to the door.
"""

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from local_cluster.certificates import CertificateAuthority, CertificateRequest

_TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 300}'


@dataclass(slots=True)
class Doors:
    """Where they are, what to give a worker for them, and what was seen."""

    token_url: str
    grpc_address: str
    authority: CertificateAuthority
    tokens: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """The forms that the token endpoint was sent."""
    visitors: list[str] = field(default_factory=list[str])
    """The common names of the client certificates."""


@contextmanager
def guarded_gateway(host: str, folder: Path) -> Generator[Doors, None, None]:
    """Both doors on free ports of `host`; the token endpoint refuses everybody whose secret is not `right`."""
    authority = CertificateAuthority(folder)
    authority.create()
    requests = [
        CertificateRequest("gateway", "/CN=gateway", "serverAuth", (f"IP:{host}",)),
        CertificateRequest("worker", "/CN=the-worker"),
    ]
    authority.issue(requests)
    listener = socket.create_server((host, 0))
    tokens = ThreadingHTTPServer((host, 0), BaseHTTPRequestHandler)
    doors = Doors(f"http://{host}:{tokens.server_address[1]}/token", f"grpcs://{host}:{listener.getsockname()[1]}", authority)
    tokens.RequestHandlerClass = _token_handler(doors)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    threading.Thread(target=_answer, args=(listener, doors), daemon=True).start()
    try:
        yield doors
    finally:
        listener.close()
        tokens.shutdown()
        tokens.server_close()


def _answer(listener: socket.socket, doors: Doors) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(doors.authority.certificate("gateway"), doors.authority.key("gateway"))
    context.load_verify_locations(doors.authority.certificate("ca"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    with suppress(OSError):  # closed: the test is over
        while True:
            connection, _ = listener.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as visitor:
                visitor.recv(1)  # the handshake's last word is the visitor's
                doors.visitors.append(_common_name(visitor.getpeercert() or {}))


def _common_name(certificate: Any) -> str:
    return next(value for part in certificate["subject"] for name, value in part if name == "commonName")


def _token_handler(doors: Doors) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            doors.tokens.append({name: values[0] for name, values in form.items()})
            right = doors.tokens[-1].get("client_secret") == "right"
            body = (
                b'{"access_token": "t", "token_type": "Bearer", "expires_in": 300}' if right else b'{"error": "invalid_client"}'
            )
            self.send_response(200 if right else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the class calls it by
            """Quiet."""

    return Handler

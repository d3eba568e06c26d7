"""A service on the net that a connector calls: answers as a test says, keeps the requests, and fails as services do."""

import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from connector_job import ConnectorUnderTest, connector_under_test
from connector_server import certificates
from recording_server import Answer, Recorded, RecordingServer
from zeebe_gateway import ZeebeGateway

from local_cluster.certificates import CertificateAuthority

CASE = "service"
WAIT = (("Retry-After", "7"),)
FAULTS: Sequence[tuple[Answer, int, str | None]] = (
    (Answer(429, b"", WAIT), 3, "LIMIT"),
    (Answer(429, b""), 3, "LIMIT"),
    (Answer(503, b"", WAIT), 3, "LIMIT"),
    (Answer(503, b"<html>"), 2, "UNAVAILABLE"),
    (Answer(401, b"{}"), 2, "LOGIN"),
    (Answer(403, b"{}"), 2, "LOGIN"),
    (Answer(302, b"", (("Location", "{base}/elsewhere"),)), 2, "UNEXPECTED_ANSWER"),
    (Answer(413, b"too much"), 0, "REFUSED"),
    (Answer(200, b'{"whole": true}', cut_after=5), 2, "NO_ANSWER"),
    (Answer(200, b"{}", delay=5.0), 2, "NO_ANSWER"),
    (Answer(200, b" " * (16 * 1024 * 1024 + 1)), 0, None),
)
"""What the service does, how many of three retries are left then, and the code."""


@dataclass(frozen=True, slots=True)
class Service:
    """The connector and the other end."""

    connector: ConnectorUnderTest
    server: RecordingServer
    answers: dict[str, Sequence[Answer]]

    def answers_with(self, *answers: Answer) -> None:
        """From now on, one after the other; the last one again and again."""
        self.server.requests.clear()
        self.answers[CASE] = answers

    def answers_json(self, document: Any, status: int = 200) -> None:
        """The same JSON to every request."""
        self.answers_with(Answer(status, orjson.dumps(document)))

    @property
    def requests(self) -> list[Recorded]:
        """What arrived since the answers were set."""
        return self.server.requests[CASE]

    @property
    def lines(self) -> list[str]:
        """Method and address below the service's own of each request."""
        return [request.line.replace(f"/{CASE}", "", 1) for request in self.requests]

    @property
    def documents(self) -> list[Any]:
        """The JSON of each request that has a body."""
        return [orjson.loads(request.body) for request in self.requests if request.body]


@asynccontextmanager
async def service_under_test(
    gateway: ZeebeGateway,
    builtin: str,
    job_type: str,
    *,
    secrets: Path | None = None,
    address: str = "baseUrl",
    rest: str | None = None,
) -> AsyncGenerator[Service]:
    """Serve a built-in connector whose setting `address` is that of a service here, and that waits for a quarter second."""
    answers: dict[str, Sequence[Answer]] = {}
    async with RecordingServer(answers) as server:
        settings = {address: server.base(CASE), "timeoutSeconds": 0.25}
        async with connector_under_test(gateway, builtin, job_type, settings=settings, secrets=secrets, rest=rest) as connector:
            service = Service(connector, server, answers)
            service.answers_json({})
            yield service


@asynccontextmanager
async def untrusted_server(folder: Path) -> AsyncGenerator[RecordingServer]:
    """A server whose certificate no authority signed that a client trusts."""
    async with RecordingServer({}, tls=tls_of(certificates(folder))) as server:
        yield server


def tls_of(authority: CertificateAuthority, *, asks: bool = False) -> ssl.SSLContext:
    """A server's, with the certificate `server`; with `asks` it wants one of the authority's from clients too."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.certificate("server"), authority.key("server"))
    if asks:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(authority.certificate("ca"))
    return tls

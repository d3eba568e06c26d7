"""The connectors that speak plain HTTP, beside a server that keeps what they send: through a job, with secrets and documents."""

import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from connector_job import ConnectorUnderTest, connector_under_test
from recording_server import Answer, Recorded, RecordingServer
from zeebe_gateway import ZeebeGateway

from local_cluster.certificates import CertificateAuthority

CASE = "api"
REST, GRAPHQL = "io.camunda:http-json:1", "io.camunda:connector-graphql:1"


@dataclass(frozen=True, slots=True)
class Rest:
    """The connector and the server at the other end, whose address is `url`."""

    connector: ConnectorUnderTest
    server: RecordingServer
    answers: dict[str, Sequence[Answer]]

    @property
    def url(self) -> str:
        """Where requests are kept."""
        return self.server.base(CASE)

    def answers_with(self, *answers: Answer) -> None:
        """One after the other; the last one again and again."""
        self.answers[CASE] = answers

    def answers_json(self, document: Any, status: int = 200) -> None:
        """The same JSON to every request."""
        self.answers_with(Answer(status, orjson.dumps(document)))

    @property
    def requests(self) -> list[Recorded]:
        """What arrived, in order."""
        return self.server.requests[CASE]

    @property
    def lines(self) -> list[str]:
        """Method and address of each request below `url`."""
        return [request.line.replace(f"/{CASE}", "", 1) for request in self.requests]


def header(request: Recorded, name: str) -> str | None:
    """The value of a request's header field."""
    return next((value for given, value in request.headers if given.lower() == name.lower()), None)


def tls_of(authority: CertificateAuthority, *, asks: bool = False) -> ssl.SSLContext:
    """A server's, with the certificate `server`; with `asks` it wants one of the authority's from clients too."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.certificate("server"), authority.key("server"))
    if asks:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(authority.certificate("ca"))
    return tls


@asynccontextmanager
async def rest_under_test(
    gateway: ZeebeGateway,
    builtin: str = "http-json",
    job_type: str = REST,
    *,
    secrets: Path | None = None,
    documents: str | None = None,
    settings: dict[str, Any] | None = None,
) -> AsyncGenerator[Rest]:
    """Serve the connector; `documents` is where Camunda's REST API is."""
    answers: dict[str, Sequence[Answer]] = {CASE: (Answer(),)}
    async with (
        RecordingServer(answers) as server,
        connector_under_test(gateway, builtin, job_type, settings=settings, secrets=secrets, rest=documents) as connector,
    ):
        yield Rest(connector, server, answers)

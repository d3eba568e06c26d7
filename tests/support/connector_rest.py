"""The connectors that speak plain HTTP, beside a server that keeps what they send: through a job, with secrets and documents."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from connector_job import connector_under_test
from connector_services import CASE, Service
from recording_server import Answer, Recorded, RecordingServer
from zeebe_gateway import ZeebeGateway

REST, GRAPHQL = "io.camunda:http-json:1", "io.camunda:connector-graphql:1"


class Rest(Service):
    """The connector and the server at the other end, whose address is `url`."""

    @property
    def url(self) -> str:
        """Where requests are kept."""
        return self.server.base(CASE)


def header(request: Recorded, name: str) -> str | None:
    """The value of a request's header field."""
    return next((value for given, value in request.headers if given.lower() == name.lower()), None)


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

"""One job through a real worker with one out-of-the-box connector: variables in, variables or an error out."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from job_worker import Pod, connector_entry, worker_config, worker_in_process
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

LOOPBACK = {"allowedRanges": ["127.0.0.0/8", "::1/128"]}


@dataclass(frozen=True, slots=True)
class ConnectorUnderTest:
    """A running worker that serves one connector under its own job type."""

    gateway: ZeebeGateway
    pod: Pod
    job_type: str

    async def job(self, variables: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, retries: int = 3) -> JobRecord:
        """A job that has ended: completed, failed once, or with a BPMN error."""
        given = {"resultVariable": "result", "retryBackoff": "PT1H"} | dict(headers or {})
        job = await self.gateway.create_job(self.job_type, dict(variables), given, retries=retries)
        ended = (JobState.COMPLETED, JobState.INCIDENT, JobState.ERROR_THROWN)
        await self.gateway.until(lambda: job.state in ended or bool(job.error_message))
        return job

    async def result(self, variables: Mapping[str, Any]) -> Any:
        """What the process gets of a job that must succeed."""
        job = await self.job(variables)
        assert job.state is JobState.COMPLETED, job.error_message
        return job.result["result"]


@asynccontextmanager
async def connector_under_test(
    gateway: ZeebeGateway,
    builtin: str,
    job_type: str,
    *,
    settings: Mapping[str, Any] | None = None,
    secrets: Path | None = None,
    rest: str | None = None,
) -> AsyncGenerator[ConnectorUnderTest]:
    """Serve one built-in connector; `secrets` is a folder with one file per secret, `rest` where Camunda's REST API is."""
    members: dict[str, Any] = {"source": {"builtin": builtin}, "settings": dict(settings or {})}
    if secrets is not None:
        members["secrets"] = {"directory": str(secrets), "names": sorted(file.name for file in secrets.iterdir())}
    config: dict[str, Any] = worker_config(gateway.address, connector_entry(builtin, job_type, **members)) | {"egress": LOOPBACK}
    if rest is not None:
        config["camunda"] = {**config["camunda"], "restAddress": rest}
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        yield ConnectorUnderTest(gateway, pod, job_type)

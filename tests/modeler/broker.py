"""The real Zeebe, as the proof uses it: deploy, start, look at a job without executing it, give it back as it was."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

WAIT_MILLISECONDS = 10_000
LOCK_MILLISECONDS = 900_000
"""Longer than the proof takes: a grabbed job is nobody else's until it is given back."""
RESULT_SECONDS = 120.0


class RefusedError(Exception):
    """Zeebe does not take something; the text is its own."""


@dataclass(frozen=True, slots=True)
class Grabbed:
    """A job as a worker gets it."""

    key: int
    retries: int
    carried: dict[str, Any]
    """Job type, retries, variables, headers."""


class Broker:
    """A gateway of Zeebe."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._gateway: Any = GatewayStub(channel)

    async def deploy(self, xml: str) -> int:
        """Deploy a diagram; returns the process definition's key, raises `RefusedError`."""
        resource = pb.Resource(name="proof.bpmn", content=xml.encode())
        try:
            answer = await self._gateway.DeployResource(pb.DeployResourceRequest(resources=[resource]))
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error.details()) from error
        return answer.deployments[0].process.processDefinitionKey

    async def run(self, definition: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Start an instance with these variables and wait for its end; returns what it has then.

        Raises `RefusedError`, also after two minutes.
        """
        start = pb.CreateProcessInstanceRequest(processDefinitionKey=definition, variables=json.dumps(variables))
        milliseconds = int(RESULT_SECONDS * 1000)
        request = pb.CreateProcessInstanceWithResultRequest(request=start, requestTimeout=milliseconds)
        try:
            answer = await self._gateway.CreateProcessInstanceWithResult(request, timeout=RESULT_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise RefusedError(f"the process did not end: {error.code().name} {error.details()}") from error
        return json.loads(answer.variables)

    async def grab(self, job_type: str) -> Grabbed:
        """The next job of a type; raises `RefusedError` when none comes."""
        request = pb.ActivateJobsRequest(
            type=job_type, worker="proof", timeout=LOCK_MILLISECONDS, maxJobsToActivate=1, requestTimeout=WAIT_MILLISECONDS
        )
        jobs = [job async for answer in self._gateway.ActivateJobs(request) for job in answer.jobs]
        if not jobs:
            raise RefusedError(f"no job of type '{job_type}' came within {WAIT_MILLISECONDS // 1000} s")
        job = jobs[0]
        carried = {
            "job type": job.type,
            "retries": job.retries,
            "variables": json.loads(job.variables),
            "headers": json.loads(job.customHeaders),
        }
        return Grabbed(job.key, job.retries, carried)

    async def give_back(self, job: Grabbed) -> None:
        """Let the next worker have the job as it was."""
        await self._gateway.FailJob(pb.FailJobRequest(jobKey=job.key, retries=job.retries, errorMessage="looked at"))

    async def complete(self, job: Grabbed) -> None:
        """End the job without a result."""
        await self._gateway.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables="{}"))


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[Broker]:
    """Talk to the gateway at `grpc://host:port`."""
    async with grpc.aio.insecure_channel(address.removeprefix("grpc://")) as channel:
        yield Broker(channel)


async def cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    """End tasks that nobody waits for any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

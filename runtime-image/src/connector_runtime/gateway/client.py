"""The calls that a worker makes, each with a deadline.

A command that ends a job is sent until it is answered or the job's lock has run out, whatever happens to the task that
asked for it: the function has run, and only this message keeps it from being run again.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import grpc
import grpc.aio
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

from connector_runtime.gateway.backoff import Backoff
from connector_runtime.gateway.connection import Connection
from connector_runtime.gateway.faults import GatewayError, GatewayFault, from_rpc
from connector_runtime.gateway.jobs import ActivatedJob, from_message

if TYPE_CHECKING:
    from pyzeebe.proto.gateway_pb2_grpc import GatewayAsyncStub

CALL_SECONDS = 10.0
LAST_MOMENT_SECONDS = 0.5


class Reply(StrEnum):
    """How a command about a job ended."""

    DONE = "Done"
    GONE = "Gone"
    """The job is not ours any more: its lock ran out, or its process instance was cancelled."""
    EXPIRED = "Expired"
    """Nobody answered until the job's lock ran out."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one Connector asks its jobs with."""

    job_type: str
    worker_name: str
    lock_ms: int
    fetch_variables: tuple[str, ...]
    """Empty: all variables."""
    tenant_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailRequest:
    """The members of a failure."""

    key: int
    retries: int
    message: str
    backoff_ms: int = 0
    variables: str = "{}"


@dataclass(frozen=True, slots=True)
class ThrowRequest:
    """The members of a BPMN error."""

    key: int
    code: str
    message: str
    variables: str = "{}"


class Gateway:
    """One pod's gateway; `long_poll` is for how many seconds it may hold a request for jobs that has no answer yet."""

    def __init__(self, channel: grpc.aio.Channel, connection: Connection, *, long_poll: float = 10.0) -> None:
        self.connection = connection
        self.long_poll = long_poll
        self.command_retries = 0
        self._channel = channel
        self._stub = cast("GatewayAsyncStub", GatewayStub(channel))
        self._commands: set[asyncio.Task[Reply]] = set()
        self._ready = asyncio.Event()
        self._watcher = asyncio.create_task(self._watch_channel(), name="channel watcher")

    async def close(self) -> None:
        """Hang up; commands that are under way get a last moment."""
        if self._commands:
            await asyncio.wait(self._commands, timeout=LAST_MOMENT_SECONDS)
        for task in (self._watcher, *self._commands):
            task.cancel()
        await asyncio.gather(self._watcher, *self._commands, return_exceptions=True)
        await self._channel.close()

    async def pause(self, seconds: float) -> None:
        """Wait before another try, and not longer than until the channel is connected anew."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), seconds)

    async def probe(self) -> None:
        """Ask anything, to learn how the connection is; failures are only counted."""
        with contextlib.suppress(GatewayError):
            await self._call(lambda: self._stub.Topology(pb.TopologyRequest(), timeout=CALL_SECONDS))

    async def activate(self, subscription: Subscription, count: int, accept: Callable[[ActivatedJob], None]) -> int:
        """Wait for jobs, at most `count` and for at most the long poll's time; return how many there were.

        Each job is given to `accept` the moment it arrives: it is ours from then on, whatever happens to this call.
        Raises GatewayError when the call failed before the first job.
        """
        request = pb.ActivateJobsRequest(
            type=subscription.job_type,
            worker=subscription.worker_name,
            timeout=subscription.lock_ms,
            maxJobsToActivate=count,
            fetchVariable=subscription.fetch_variables,
            requestTimeout=int(self.long_poll * 1000),
            tenantIds=subscription.tenant_ids,
        )
        accepted = 0
        try:
            async for response in self._stub.ActivateJobs(request, timeout=self.long_poll + CALL_SECONDS):
                for job in response.jobs:
                    accept(from_message(job))
                    accepted += 1
        except grpc.aio.AioRpcError as error:
            failure = from_rpc(error)
            self.connection.failed(failure)
            if not accepted:
                raise failure from error
            return accepted
        self.connection.answered()
        return accepted

    async def complete(self, key: int, variables: str, until: float) -> Reply:
        """Complete a job; like all commands it is repeated until `until` (monotonic); raises GatewayError when refused."""
        request = pb.CompleteJobRequest(jobKey=key, variables=variables)
        return await self._command(lambda timeout: self._stub.CompleteJob(request, timeout=timeout), until)

    async def fail(self, request: FailRequest, until: float) -> Reply:
        """Fail a job, or hand it back."""
        message = pb.FailJobRequest(
            jobKey=request.key,
            retries=request.retries,
            errorMessage=request.message,
            retryBackOff=request.backoff_ms,
            variables=request.variables,
        )
        return await self._command(lambda timeout: self._stub.FailJob(message, timeout=timeout), until)

    async def throw(self, request: ThrowRequest, until: float) -> Reply:
        """Throw a BPMN error at the job's element."""
        message = pb.ThrowErrorRequest(
            jobKey=request.key,
            errorCode=request.code,
            errorMessage=request.message,
            variables=request.variables,
        )
        return await self._command(lambda timeout: self._stub.ThrowError(message, timeout=timeout), until)

    async def renew(self, key: int, lock_ms: int, until: float) -> Reply:
        """Let the job's lock run for another `lock_ms` from now."""
        request = pb.UpdateJobTimeoutRequest(jobKey=key, timeout=lock_ms)
        return await self._command(lambda timeout: self._stub.UpdateJobTimeout(request, timeout=timeout), until)

    async def _command(self, send: Callable[[float], Awaitable[Any]], until: float) -> Reply:
        task = asyncio.create_task(self._send_until(send, until))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        return await asyncio.shield(task)

    async def _send_until(self, send: Callable[[float], Awaitable[Any]], until: float) -> Reply:
        backoff = Backoff()
        tries = 0
        while (left := until - time.monotonic()) > 0 or tries == 0:
            try:
                await self._call(lambda: send(min(CALL_SECONDS, max(left, 1.0))))
            except GatewayError as error:
                # The gateway may have obeyed a try whose answer was lost: then the job is gone because of us.
                if error.fault is GatewayFault.JOB_GONE:
                    return Reply.DONE if tries else Reply.GONE
                if error.is_lasting:
                    raise
            else:
                return Reply.DONE
            tries += 1
            self.command_retries += 1
            await self.pause(backoff.next())
        return Reply.EXPIRED

    async def _call(self, send: Callable[[], Awaitable[Any]]) -> None:
        try:
            await send()
        except grpc.aio.AioRpcError as error:
            failure = from_rpc(error)
            self.connection.failed(failure)
            raise failure from error
        self.connection.answered()

    async def _watch_channel(self) -> None:
        """Wake everyone who pauses when the channel is connected anew."""
        with contextlib.suppress(grpc.aio.UsageError):  # the channel was closed
            state = self._channel.get_state(try_to_connect=True)
            while state is not grpc.ChannelConnectivity.SHUTDOWN:
                await self._channel.wait_for_state_change(state)
                state = self._channel.get_state(try_to_connect=True)
                if state is grpc.ChannelConnectivity.READY:
                    self._ready.set()
                    self._ready = asyncio.Event()

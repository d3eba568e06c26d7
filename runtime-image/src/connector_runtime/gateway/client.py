"""The calls that a worker makes, each with a deadline.

A command that ends a job is sent until it is answered or the job's lock has run out, whatever happens to the task that
asked for it: the function has run, and only this message keeps it from being run again.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import grpc
import grpc.aio

from connector_runtime.gateway.backoff import Backoff
from connector_runtime.gateway.channel import ChannelSource
from connector_runtime.gateway.clock import BrokerClock
from connector_runtime.gateway.connection import Connection
from connector_runtime.gateway.credentials import Credentials, NoCredentials
from connector_runtime.gateway.faults import GatewayError, GatewayFault, from_rpc
from connector_runtime.gateway.jobs import ActivatedJob, from_message
from connector_runtime.gateway.pushes import PushedJobs
from connector_runtime.gateway.stubs import pb, pb_grpc

if TYPE_CHECKING:
    from pyzeebe.proto.gateway_pb2_grpc import GatewayAsyncStub

CALL_SECONDS = 10.0
LAST_MOMENT_SECONDS = 0.5
SILENT_ANSWERS = 3
"""A stream's first message passes from the transport to its reader in as many steps, the last of them here, where all is fair."""


_Metadata: TypeAlias = "tuple[tuple[str, str], ...] | None"
Deadline: TypeAlias = Callable[[], float]
"""Until when, by the monotonic clock; it may move meanwhile."""
_Send: TypeAlias = "Callable[[GatewayAsyncStub, dict[str, Any]], Awaitable[Any]]"


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

    def __init__(
        self,
        source: ChannelSource,
        connection: Connection,
        *,
        credentials: Credentials | None = None,
        long_poll: float = 10.0,
    ) -> None:
        self.connection = connection
        self.long_poll = long_poll
        self.command_retries = 0
        self._source = source
        self._credentials = credentials or NoCredentials()
        self._channel: _OpenChannel | None = None
        self._commands: set[asyncio.Task[Reply]] = set()
        self._farewells: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self._clock = BrokerClock()

    async def close(self) -> None:
        """Hang up; commands that are under way get a last moment."""
        if self._commands:
            await asyncio.wait(self._commands, timeout=LAST_MOMENT_SECONDS)
        for task in (*self._farewells, *self._commands):
            task.cancel()
        await asyncio.gather(*self._farewells, *self._commands, return_exceptions=True)
        if self._channel is not None:
            await self._channel.close()
        await self._credentials.close()

    def check_certificates(self) -> None:
        """Open a new channel when a mounted certificate changed; calls under way end on the old one."""
        old = self._channel
        if old is None or not self._source.has_changed:
            return
        self._channel = None
        farewell = asyncio.create_task(old.close(after=self.long_poll + CALL_SECONDS), name="old channel")
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    def stub(self) -> "GatewayAsyncStub":
        """The calls on the open channel; raises GatewayError when it cannot be opened yet."""
        if self._channel is None:
            channel = self._source.open()
            watcher = asyncio.create_task(self._watch(channel), name="channel watcher")
            self._channel = _OpenChannel(channel, cast("GatewayAsyncStub", pb_grpc.GatewayStub(channel)), watcher)
        return self._channel.stub

    async def pause(self, seconds: float) -> None:
        """Wait before another try, and not longer than until the channel is connected anew."""
        with contextlib.suppress(TimeoutError):
            # Python 3.11's `wait_for` loses a cancellation that comes together with what is waited for.
            async with asyncio.timeout(seconds):
                await self._ready.wait()

    async def probe(self) -> None:
        """Ask anything, to learn how the connection is; failures are only counted."""
        with contextlib.suppress(GatewayError):
            await self._call(lambda stub, options: stub.Topology(pb.TopologyRequest(), **options), CALL_SECONDS)

    async def until_silent(self, seen: Callable[[], object], most: float) -> None:
        """Return when nothing that is shown by `seen` is on its way to here, or after `most` seconds.

        That is when answers to something else have come and nothing of it before them: all come over the same connection,
        however slow the gateway, or this process, is now.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most):
                silent, before = 0, seen()
                while silent < SILENT_ANSWERS:
                    await self.probe()
                    silent, before = (silent + 1 if before == seen() else 0), seen()

    async def activate(
        self, subscription: Subscription, count: int, accept: Callable[[ActivatedJob], None], *, wait: bool = True
    ) -> int:
        """Get jobs, at most `count`; `wait` for the first one for the long poll's time; return how many there were.

        Each job is given to `accept` the moment it arrives: it is ours from then on, whatever happens to this call.
        Raises GatewayError when the call failed before the first job.
        """
        request = pb.ActivateJobsRequest(
            type=subscription.job_type,
            worker=subscription.worker_name,
            timeout=subscription.lock_ms,
            maxJobsToActivate=count,
            fetchVariable=subscription.fetch_variables,
            requestTimeout=int(self.long_poll * 1000) if wait else -1,
            tenantIds=subscription.tenant_ids,
        )
        seconds = (self.long_poll if wait else 0) + CALL_SECONDS
        accepted = 0
        try:
            async with self._judged() as (stub, metadata):
                async for response in stub.ActivateJobs(request, timeout=seconds, metadata=metadata):
                    for job in response.jobs:
                        accept(self._taken(job, subscription))
                        accepted += 1
        except GatewayError:
            if not accepted:
                raise
        return accepted

    @contextlib.asynccontextmanager
    async def stream(self, subscription: Subscription, seconds: float) -> AsyncGenerator[PushedJobs]:
        """The jobs that brokers push from now on, for at most so many seconds; raises GatewayError when it breaks off."""
        request = pb.StreamActivatedJobsRequest(
            type=subscription.job_type,
            worker=subscription.worker_name,
            timeout=subscription.lock_ms,
            fetchVariable=subscription.fetch_variables,
            tenantIds=subscription.tenant_ids,
        )
        async with self._judged() as (stub, metadata):
            call = stub.StreamActivatedJobs(request, timeout=seconds, metadata=metadata)
            try:
                yield PushedJobs(call, lambda job: self._pushed(job, subscription))
            finally:
                call.cancel()

    def _pushed(self, job: pb.ActivatedJob, subscription: Subscription) -> ActivatedJob:
        self.connection.answered()
        return self._taken(job, subscription)

    def _taken(self, job: pb.ActivatedJob, subscription: Subscription) -> ActivatedJob:
        return from_message(job, self._clock.age(job.deadline - subscription.lock_ms))

    async def complete(self, key: int, variables: str, until: Deadline) -> Reply:
        """Complete a job; like all commands it is repeated until `until()` (monotonic); raises GatewayError when refused."""
        request = pb.CompleteJobRequest(jobKey=key, variables=variables)
        return await self._command(lambda stub, options: stub.CompleteJob(request, **options), until)

    async def fail(self, request: FailRequest, until: Deadline) -> Reply:
        """Fail a job, or hand it back."""
        message = pb.FailJobRequest(
            jobKey=request.key,
            retries=request.retries,
            errorMessage=request.message,
            retryBackOff=request.backoff_ms,
            variables=request.variables,
        )
        return await self._command(lambda stub, options: stub.FailJob(message, **options), until)

    async def throw(self, request: ThrowRequest, until: Deadline) -> Reply:
        """Throw a BPMN error at the job's element."""
        message = pb.ThrowErrorRequest(
            jobKey=request.key,
            errorCode=request.code,
            errorMessage=request.message,
            variables=request.variables,
        )
        return await self._command(lambda stub, options: stub.ThrowError(message, **options), until)

    async def renew(self, key: int, lock_ms: int, until: Deadline) -> Reply:
        """Let the job's lock run for another `lock_ms` from now."""
        request = pb.UpdateJobTimeoutRequest(jobKey=key, timeout=lock_ms)
        return await self._command(lambda stub, options: stub.UpdateJobTimeout(request, **options), until)

    async def _command(self, send: _Send, until: Deadline) -> Reply:
        try:
            return await self._send_until(send, until)
        except asyncio.CancelledError:
            # Whether it arrived is not known: it is sent again, without whoever asked for it.
            task = asyncio.create_task(self._send_until(send, until))
            self._commands.add(task)
            task.add_done_callback(self._commands.discard)
            raise

    async def _send_until(self, send: _Send, until: Deadline) -> Reply:
        backoff = Backoff()
        tries = 0
        while (left := until() - time.monotonic()) > 0 or tries == 0:
            try:
                await self._call(send, min(CALL_SECONDS, max(left, 1.0)))
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

    async def _call(self, send: _Send, seconds: float) -> None:
        async with self._judged() as (stub, metadata):
            await send(stub, {"timeout": seconds, "metadata": metadata})

    def _judged(self) -> "_Judged":
        return _Judged(self, self._credentials)

    async def _watch(self, channel: grpc.aio.Channel) -> None:
        """Wake everyone who pauses when the channel is connected anew."""
        with contextlib.suppress(grpc.aio.UsageError):  # the channel was closed
            state = channel.get_state(try_to_connect=True)
            while state is not grpc.ChannelConnectivity.SHUTDOWN:
                await channel.wait_for_state_change(state)
                state = channel.get_state(try_to_connect=True)
                if state is grpc.ChannelConnectivity.READY:
                    self._ready.set()
                    self._ready = asyncio.Event()


@dataclass(frozen=True, slots=True)
class _OpenChannel:
    channel: grpc.aio.Channel
    stub: "GatewayAsyncStub"
    watcher: asyncio.Task[None]

    async def close(self, after: float = 0.0) -> None:
        try:
            await asyncio.sleep(after)
        finally:
            self.watcher.cancel()
            await asyncio.gather(self.watcher, return_exceptions=True)
            await self.channel.close()


class _Judged:
    """One call: gives the stub and the metadata that proves who we are, and counts how it ended; raises GatewayError."""

    def __init__(self, gateway: Gateway, credentials: Credentials) -> None:
        self._gateway = gateway
        self._credentials = credentials
        self._authorization: str | None = None

    async def __aenter__(self) -> tuple["GatewayAsyncStub", _Metadata]:
        try:
            stub = self._gateway.stub()
            self._authorization = authorization = await self._credentials.authorization()
        except GatewayError as failure:
            self._gateway.connection.failed(failure)
            raise
        return stub, None if authorization is None else (("authorization", authorization),)

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._gateway.connection.answered()
        elif isinstance(error, grpc.aio.AioRpcError):
            # Without a name here: an exception that its own frame names keeps the whole call until a collection.
            raise self._failure(error) from error

    def _failure(self, error: grpc.aio.AioRpcError) -> GatewayError:
        failure = from_rpc(error)
        if failure.fault is GatewayFault.UNAUTHENTICATED and self._authorization is not None:
            self._credentials.refused(self._authorization)
        self._gateway.connection.failed(failure)
        return failure

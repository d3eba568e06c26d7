"""A Zeebe gateway in this process that owns the truth about every job.

It serves pyzeebe's generated service over real gRPC on loopback, keeps to the broker's rules (locks that run out, retries,
back-off, which state takes which command) and refuses what the broker refuses. It misbehaves only when told to.
"""

import asyncio
import contextlib
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import grpc
import grpc.aio
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayServicer, add_GatewayServicer_to_server

Context = grpc.aio.ServicerContext[Any, Any]
Request = pb.ActivateJobsRequest | pb.StreamActivatedJobsRequest


class JobState(StrEnum):
    """Where a job stands."""

    ACTIVATABLE = "Activatable"
    ACTIVATED = "Activated"
    COMPLETED = "Completed"
    INCIDENT = "Incident"
    ERROR_THROWN = "ErrorThrown"


LIVE = (JobState.ACTIVATABLE, JobState.ACTIVATED)


@dataclass(slots=True)
class JobRecord:
    """The truth about one job."""

    key: int
    type: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    retries: int
    state: JobState = JobState.ACTIVATABLE
    workers: list[str] = field(default_factory=list[str])
    """Who activated it, in order."""
    deadline: float = 0.0
    not_before: float = 0.0
    renewals: int = 0
    lock_expiries: int = 0
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    """The variables of the command that ended it, or of its last failure."""
    failures: list[pb.FailJobRequest] = field(default_factory=list[pb.FailJobRequest])
    error_code: str = ""
    error_message: str = ""

    @property
    def partition(self) -> int:
        """Where it lives."""
        return self.key >> PARTITION_BITS

    @property
    def activations(self) -> int:
        """How often it was given to a worker."""
        return len(self.workers)


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What happens to a call instead of the right answer."""

    code: grpc.StatusCode
    details: str = "told to"
    after_commit: bool = False
    """The broker obeys, only its answer is lost."""


PARTITION_BITS = 51
MOST_PENDING = 32
"""Jobs that wait for a stream's transport; while it is blocked the broker leaves jobs to polls and other streams."""


@dataclass(eq=False, slots=True)
class PushStream:
    """An open stream of one worker."""

    request: pb.StreamActivatedJobsRequest
    pending: deque[JobRecord] = field(default_factory=deque["JobRecord"])


class ZeebeGateway(GatewayServicer):
    """Start it, create jobs, and look at what workers made of them."""

    def __init__(self) -> None:
        self.port = 0
        self.jobs: dict[int, JobRecord] = {}
        self.calls: dict[str, int] = defaultdict(int)
        self.requests: list[pb.ActivateJobsRequest] = []
        self.open_polls = 0
        self.offers_streams = True
        self.streams: list[PushStream] = []
        """Those that are open, in order of age."""
        self.refusal: Misbehaviour | None = None
        """Answers every call while it is set."""
        self.accepts: Callable[[str | None], bool] = lambda _: True
        """Judges the `authorization` of every call."""
        self.delays: dict[str, float] = {}
        """Seconds that a method's answer takes."""
        self.seconds_on_the_way = 0.0
        """For how long activated jobs are under way to who has polled for them."""
        self.max_answer_bytes: int | None = None
        """The broker's own limit of one activation."""
        self.partitions = 1
        self.down: set[int] = set()
        """Partitions without a leader: their jobs are neither activated nor changed."""
        self._live: dict[int, JobRecord] = {}
        """Those that are not over, so that a poll among many old jobs stays quick."""
        self._planned: dict[str, list[Misbehaviour]] = defaultdict(list)
        self._numbers = itertools.count()
        self._changed = asyncio.Condition()
        self._server: grpc.aio.Server | None = None

    @property
    def address(self) -> str:
        """What a worker's configuration names."""
        return f"grpc://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before after a stop."""
        server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
        add_GatewayServicer_to_server(self, server)
        self.port = server.add_insecure_port(f"127.0.0.1:{self.port}")
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Hang up on everyone; the jobs stay."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop(None)

    def plan(self, method: str, *misbehaviours: Misbehaviour) -> None:
        """Answer the next calls of `method` wrongly, one by one."""
        self._planned[method] += misbehaviours

    async def create_job(
        self,
        job_type: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = 3,
    ) -> JobRecord:
        """Have a process instance reach a service task."""
        job = JobRecord(self._next_key(), job_type, dict(variables or {}), dict(headers or {}), retries)
        self.jobs[job.key] = self._live[job.key] = job
        self._push(job)
        await self._notify()
        return job

    def _next_key(self) -> int:
        """Keys as the broker makes them: the partition in the upper bits, a number of its own in the lower 51."""
        number = next(self._numbers)
        return (number % self.partitions + 1 << PARTITION_BITS) + number // self.partitions + 1

    async def cancel_job(self, job: JobRecord) -> None:
        """Cancel the process instance of a job."""
        del self.jobs[job.key]
        await self._notify()

    async def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something is true of the jobs; TimeoutError with their states when it does not come true."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    # A look at all jobs costs as much as there are.
                    await asyncio.sleep(0.005 + len(self.jobs) / 50_000)
        except TimeoutError:
            states = {job.key: (job.state.value, job.activations, job.error_message) for job in self.jobs.values()}
            msg = f"not within {seconds} s; the jobs are {states}"
            raise TimeoutError(msg) from None

    async def until_all(self, state: JobState, seconds: float = 20.0) -> None:
        """Wait until every job is in `state`."""
        await self.until(lambda: all(job.state is state for job in self.jobs.values()), seconds)

    async def _change(self, seconds: float) -> None:
        """Wait until a job changes, at most so long; not by `wait_for`, which may lose the hang-up of a client in Python 3.11."""
        async with self._changed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _begin(self, method: str, context: Context) -> Misbehaviour | None:
        """Count a call; abort it when it is to fail before the broker sees it, return what is to happen after."""
        self.calls[method] += 1
        metadata = {str(name): str(value) for name, value in context.invocation_metadata() or ()}
        if not self.accepts(metadata.get("authorization")):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
        await asyncio.sleep(self.delays.get(method, 0))
        planned = self._planned[method].pop(0) if self._planned[method] else self.refusal
        if planned is not None and not planned.after_commit:
            await context.abort(planned.code, planned.details)
        return planned

    async def _end(self, planned: Misbehaviour | None, context: Context) -> None:
        await self._notify()
        if planned is not None:
            await context.abort(planned.code, planned.details)

    async def Topology(  # noqa: N802 - the protocol's name
        self, request: pb.TopologyRequest, context: Context
    ) -> pb.TopologyResponse:
        await self._begin("Topology", context)
        return pb.TopologyResponse(clusterSize=1, partitionsCount=1, replicationFactor=1, gatewayVersion="8.9.0")

    async def ActivateJobs(  # noqa: N802 - the protocol's name
        self, request: pb.ActivateJobsRequest, context: Context
    ) -> AsyncIterator[pb.ActivateJobsResponse]:
        await self._begin("ActivateJobs", context)
        if not request.type or request.timeout < 1 or request.maxJobsToActivate < 1:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "type, timeout and maxJobsToActivate are required")
        self.requests.append(request)
        self.open_polls += 1
        try:
            until = time.monotonic() + request.requestTimeout / 1000
            while not (jobs := self._activatable(request)):
                left = until - time.monotonic()
                if left <= 0:
                    return
                await self._change(min(left, 0.02))
        finally:
            self.open_polls -= 1
        answer = pb.ActivateJobsResponse(jobs=[self._activate(job, request) for job in jobs])
        if self.max_answer_bytes is not None and answer.ByteSize() > self.max_answer_bytes:
            self._give_back(jobs)
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the batch is larger than max message size")
        await asyncio.sleep(self.seconds_on_the_way)  # who hangs up meanwhile has lost them: they have been sent
        try:
            yield answer
        except (asyncio.CancelledError, GeneratorExit):
            self._give_back(jobs)
            raise
        await self._notify()

    async def StreamActivatedJobs(  # noqa: N802 - the protocol's name
        self, request: pb.StreamActivatedJobsRequest, context: Context
    ) -> AsyncIterator[pb.ActivatedJob]:
        await self._begin("StreamActivatedJobs", context)
        if not self.offers_streams:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no streams here")
        stream = PushStream(request)
        self.streams.append(stream)
        try:
            while True:
                while stream.pending:
                    job = stream.pending[0]
                    yield self._message(job, request)
                    stream.pending.popleft()
                await self._change(0.02)
        finally:
            self.streams.remove(stream)
            self._give_back(list(stream.pending))

    def _push(self, job: JobRecord) -> None:
        """Give a job that became activatable to a stream that can take it; the others find it by polling."""
        ready = [s for s in self.streams if s.request.type == job.type and len(s.pending) < MOST_PENDING]
        is_due = job.not_before <= time.monotonic() and job.partition not in self.down
        if ready and job.state is JobState.ACTIVATABLE and is_due:
            stream = min(ready, key=lambda stream: len(stream.pending))
            self._lock(job, stream.request)
            stream.pending.append(job)

    def _activatable(self, request: pb.ActivateJobsRequest) -> list[JobRecord]:
        now = time.monotonic()
        for key in [key for key, job in self._live.items() if job.state not in LIVE or key not in self.jobs]:
            del self._live[key]
        for job in self._live.values():
            if job.state is JobState.ACTIVATED and job.deadline <= now:
                job.state = JobState.ACTIVATABLE
                job.lock_expiries += 1
        ready = (
            job
            for job in self._live.values()
            if job.state is JobState.ACTIVATABLE
            and job.type == request.type
            and job.not_before <= now
            and job.partition not in self.down
        )
        return list(itertools.islice(ready, request.maxJobsToActivate))

    def _activate(self, job: JobRecord, request: pb.ActivateJobsRequest) -> pb.ActivatedJob:
        self._lock(job, request)
        return self._message(job, request)

    def _lock(self, job: JobRecord, request: Request) -> None:
        job.state = JobState.ACTIVATED
        job.workers.append(request.worker)
        job.deadline = time.monotonic() + request.timeout / 1000

    def _message(self, job: JobRecord, request: Request) -> pb.ActivatedJob:
        wanted = set(request.fetchVariable)
        variables = {name: value for name, value in job.variables.items() if not wanted or name in wanted}
        return pb.ActivatedJob(
            key=job.key,
            type=job.type,
            processInstanceKey=job.key + 1_000_000,
            bpmnProcessId="process",
            processDefinitionVersion=1,
            processDefinitionKey=4711,
            elementId="task",
            elementInstanceKey=job.key + 2_000_000,
            customHeaders=json.dumps(job.headers),
            worker=request.worker,
            retries=job.retries,
            deadline=int((time.time() + job.deadline - time.monotonic()) * 1000),
            variables=json.dumps(variables),
            tenantId="<default>",
        )

    def _give_back(self, jobs: list[JobRecord]) -> None:
        """What a gateway does with jobs whose client is gone before they reached it."""
        for job in jobs:
            job.state = JobState.ACTIVATABLE
            job.workers.pop()

    async def _job(self, key: int, context: Context) -> JobRecord:
        if key >> PARTITION_BITS in self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"no leader for partition {key >> PARTITION_BITS}")
        job = self.jobs.get(key)
        if job is None or job.state is JobState.COMPLETED:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"no job with key {key}")
        if job.state in (JobState.INCIDENT, JobState.ERROR_THROWN):
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"job {key} is in state {job.state}")
        return job

    async def _object(self, text: str, context: Context) -> dict[str, Any]:
        try:
            value = json.loads(text or "{}", parse_constant=_refuse)
        except ValueError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"variables are not JSON: {error}")
        if not isinstance(value, dict):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "variables are not an object")
        return cast("dict[str, Any]", value)

    async def CompleteJob(  # noqa: N802 - the protocol's name
        self, request: pb.CompleteJobRequest, context: Context
    ) -> pb.CompleteJobResponse:
        planned = await self._begin("CompleteJob", context)
        job = await self._job(request.jobKey, context)
        job.result = await self._object(request.variables, context)
        job.state = JobState.COMPLETED
        await self._end(planned, context)
        return pb.CompleteJobResponse()

    async def FailJob(  # noqa: N802 - the protocol's name
        self, request: pb.FailJobRequest, context: Context
    ) -> pb.FailJobResponse:
        planned = await self._begin("FailJob", context)
        job = await self._job(request.jobKey, context)
        if request.retries < 0 or request.retryBackOff < 0:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "retries and back-off must not be negative")
        job.result = await self._object(request.variables, context)
        job.failures.append(request)
        job.retries = request.retries
        job.error_message = request.errorMessage
        job.not_before = time.monotonic() + request.retryBackOff / 1000
        job.state = JobState.ACTIVATABLE if request.retries else JobState.INCIDENT
        self._push(job)
        await self._end(planned, context)
        return pb.FailJobResponse()

    async def ThrowError(  # noqa: N802 - the protocol's name
        self, request: pb.ThrowErrorRequest, context: Context
    ) -> pb.ThrowErrorResponse:
        planned = await self._begin("ThrowError", context)
        job = await self._job(request.jobKey, context)
        if not request.errorCode:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "a BPMN error needs a code")
        job.result = await self._object(request.variables, context)
        job.error_code, job.error_message = request.errorCode, request.errorMessage
        job.state = JobState.ERROR_THROWN
        await self._end(planned, context)
        return pb.ThrowErrorResponse()

    async def UpdateJobTimeout(  # noqa: N802 - the protocol's name
        self, request: pb.UpdateJobTimeoutRequest, context: Context
    ) -> pb.UpdateJobTimeoutResponse:
        planned = await self._begin("UpdateJobTimeout", context)
        job = await self._job(request.jobKey, context)
        if job.state is not JobState.ACTIVATED:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"job {job.key} is not active")
        if request.timeout < 1:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "timeout must be positive")
        job.deadline = time.monotonic() + request.timeout / 1000
        job.renewals += 1
        await self._end(planned, context)
        return pb.UpdateJobTimeoutResponse()


def _refuse(constant: str) -> None:
    msg = f"{constant} is not JSON"
    raise ValueError(msg)

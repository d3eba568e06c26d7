"""A gateway that passes every call on to another one and keeps what workers report about jobs."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
import grpc.aio
import rest_observation as observation
from pyzeebe.proto import gateway_pb2 as pb

STREAMING = ("ActivateJobs", "StreamActivatedJobs")
LARGEST = (("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20))


@dataclass(eq=False, slots=True)
class RecordingProxy(grpc.GenericRpcHandler):
    """`commands` is by BPMN process; `server_port` is taken out of what is kept."""

    target: str
    server_port: int
    port: int = 0
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody asked for jobs."""
    _processes: dict[int, str] = field(default_factory=dict[int, str])
    _server: grpc.aio.Server | None = None
    _channel: grpc.aio.Channel | None = None

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self.target, options=LARGEST)
        self._server = grpc.aio.server(options=(*LARGEST, ("grpc.so_reuseport", 0)))
        self._server.add_generic_rpc_handlers((self,))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            await self._server.stop(0.2)
        if self._channel is not None:
            await self._channel.close()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Every method of every service."""
        method: str = handler_call_details.method
        if method.rpartition("/")[2] in STREAMING:
            return grpc.unary_stream_rpc_method_handler(self._stream(method))
        return grpc.unary_unary_rpc_method_handler(self._unary(method))

    def _stream(self, method: str) -> Any:
        async def forward(request: bytes, context: Any) -> AsyncIterator[bytes]:
            assert self._channel is not None
            self.asked.set()
            call = self._channel.unary_stream(method)(request, timeout=_left(context))
            try:
                async for answer in call:
                    self._learn(method, answer)
                    yield answer
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details() or "")
            except asyncio.CancelledError:
                call.cancel()
                raise

        return forward

    def _unary(self, method: str) -> Any:
        async def forward(request: bytes, context: Any) -> bytes:
            assert self._channel is not None
            try:
                answer = await self._channel.unary_unary(method)(request, timeout=_left(context))
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details() or "")
                raise
            self._keep(method.rpartition("/")[2], request)
            return answer

        return forward

    def _learn(self, method: str, answer: bytes) -> None:
        if method.endswith("StreamActivatedJobs"):
            jobs = [pb.ActivatedJob.FromString(answer)]
        else:
            jobs = list(pb.ActivateJobsResponse.FromString(answer).jobs)
        self._processes |= {job.key: job.bpmnProcessId for job in jobs}

    def _keep(self, name: str, request: bytes) -> None:
        if name == "CompleteJob":
            done = pb.CompleteJobRequest.FromString(request)
            self._add(done.jobKey, observation.complete(json.loads(done.variables or "{}"), self.server_port))
        elif name == "FailJob":
            failed = pb.FailJobRequest.FromString(request)
            self._add(failed.jobKey, observation.fail(failed, self.server_port))
        elif name == "ThrowError":
            thrown = pb.ThrowErrorRequest.FromString(request)
            variables = json.loads(thrown.variables or "{}")
            self._add(thrown.jobKey, observation.throw(thrown.errorCode, thrown.errorMessage, variables, self.server_port))

    def _add(self, job: int, command: dict[str, Any]) -> None:
        self.commands[self._processes[job]].append(command)


def _left(context: Any) -> float | None:
    seconds = context.time_remaining()
    return None if seconds is None or seconds > 1e8 else max(seconds, 0.001)

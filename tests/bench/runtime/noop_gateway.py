"""A gateway that has jobs without end and forgets them: what is measured on it is the worker alone. Prints its port."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayServicer, add_GatewayServicer_to_server

VARIABLES = '{"customer": "C-42", "note": "' + "x" * 200 + '"}'


class NoopGateway(GatewayServicer):
    """Gives as many jobs as are asked for, at once."""

    def __init__(self) -> None:
        self._keys = itertools.count(1)

    async def Topology(self, request: pb.TopologyRequest, context: Any) -> pb.TopologyResponse:  # noqa: N802 - the protocol's name
        return pb.TopologyResponse(clusterSize=1)

    async def ActivateJobs(  # noqa: N802 - the protocol's name
        self, request: pb.ActivateJobsRequest, context: Any
    ) -> AsyncIterator[pb.ActivateJobsResponse]:
        deadline = int(time.time() * 1000) + request.timeout
        keys = itertools.islice(self._keys, request.maxJobsToActivate)
        job = {"type": request.type, "retries": 3, "deadline": deadline, "variables": VARIABLES, "customHeaders": "{}"}
        yield pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=key, **job) for key in keys])

    async def CompleteJob(  # noqa: N802 - the protocol's name
        self, request: pb.CompleteJobRequest, context: Any
    ) -> pb.CompleteJobResponse:
        return pb.CompleteJobResponse()


async def _serve() -> None:
    server = grpc.aio.server()
    add_GatewayServicer_to_server(NoopGateway(), server)  # pyright: ignore[reportAbstractUsage] - every rpc counts as abstract
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve())

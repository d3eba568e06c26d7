"""What the runtime adds to the barest loop that could do the same work: CPU per job that does nothing."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
from job_worker import connector_entry, python_source, worker_config
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

from connector_runtime.config import parse_config
from connector_runtime.worker import Options, Worker

HERE = Path(__file__).parent
SECONDS = 5.0
FUNCTION = """
from connector_sdk import connector
done = 0

@connector(id="bench:noop:1", name="Nothing")
async def noop(variables: dict) -> None:
    global done
    done += 1
"""


@dataclass(frozen=True, slots=True)
class NoopCost:
    """One loop's figures."""

    name: str
    rate: float
    slowest: float
    """Jobs a second in the slowest second."""
    cpu_us: float


async def noop_costs() -> list[NoopCost]:
    """Both loops after each other in this process, against a gateway that is another process."""
    gateway = await asyncio.create_subprocess_exec(sys.executable, str(HERE / "noop_gateway.py"), stdout=asyncio.subprocess.PIPE)
    try:
        port = int(await gateway.stdout.readline()) if gateway.stdout else 0
        return [
            await _measured("bare grpc.aio loop", lambda tally: _bare(port, tally)),
            await _measured("ours", lambda tally: _ours(port, tally)),
        ]
    finally:
        gateway.terminate()
        await gateway.wait()


async def _measured(name: str, loop: Callable[["Tally"], Awaitable[None]]) -> NoopCost:
    tally, cpu, begun = Tally(), time.process_time(), time.monotonic()
    watching = asyncio.create_task(tally.watch())
    await loop(tally)
    watching.cancel()
    seconds, done = time.monotonic() - begun, tally.done()
    # the first second is start-up, the last one may be none
    return NoopCost(name, done / seconds, min(tally.rates[1:]), (time.process_time() - cpu) / done * 1e6)


@dataclass(slots=True)
class Tally:
    """How many jobs are done, and how many there were in each second."""

    done: Callable[[], int] = lambda: 0
    rates: list[float] = field(default_factory=list[float])

    async def watch(self) -> None:
        """Look once a second until cancelled."""
        before, then = self.done(), time.monotonic()
        while True:
            await asyncio.sleep(1)
            done, now = self.done(), time.monotonic()
            self.rates.append((done - before) / (now - then))
            before, then = done, now


async def _bare(port: int, tally: Tally) -> None:
    """100 jobs at a time: activate, parse, complete."""
    done, until = 0, time.monotonic() + SECONDS
    tally.done = lambda: done
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = GatewayStub(channel)

        async def complete(job: pb.ActivatedJob) -> None:
            json.loads(job.variables)
            await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables="{}"), timeout=10)

        while time.monotonic() < until:
            request = pb.ActivateJobsRequest(type="t", worker="w", timeout=60_000, maxJobsToActivate=100)
            async for answer in stub.ActivateJobs(request):
                await asyncio.gather(*(asyncio.create_task(complete(job)) for job in answer.jobs))
                done += len(answer.jobs)


async def _ours(port: int, tally: Tally) -> None:
    """The worker as it is, with the default settings of a Connector."""
    with tempfile.TemporaryDirectory() as folder:
        source = python_source(Path(folder), "nothing:noop", nothing=FUNCTION)
        entry = connector_entry("noop", "bench:noop:1", source=source, maxJobsActive=100)
        config = json.dumps(worker_config(f"grpc://127.0.0.1:{port}", entry)).encode()
        worker = Worker(parse_config(config, origin="bench"), Options("127.0.0.1", 0, journal=Path(folder)))
        tally.done = _jobs_done
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(SECONDS, stop.set)
        await worker.run(stop)


def _jobs_done() -> int:
    """As the function of the module above counts them; none until it is loaded."""
    return sum(module.done for name, module in list(sys.modules.items()) if name.endswith(".nothing") and hasattr(module, "done"))

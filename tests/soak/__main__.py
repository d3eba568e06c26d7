"""A worker under load and mixed faults for as long as wanted: `python tests/soak --minutes 60`.

The gateway owns the truth about every job. After a minute of faults no more jobs come until all are over: then each one that
was created must be completed or an incident, and the worker's memory is read while it does nothing. The exit code is 1 when
a job is lost, or when that memory grows.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import grpc  # noqa: E402 - the paths above come first
from job_worker import WorkerProcess, connector_entry, worker_config, worker_process  # noqa: E402
from process_readings import open_files, resident_megabytes, threads  # noqa: E402
from recording_server import Answer, RecordingServer  # noqa: E402
from straight_line import Line, fitted  # noqa: E402
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway  # noqa: E402

CONNECTOR, JOB_TYPE = "http", "io.camunda:http-json:1"
MOST_SLOPE = 1.0
"""Megabytes an hour."""
WARM_UP_MINUTES = 15.0
LEAST_MINUTES = 30.0
"""A shorter run says nothing about an hour: its memory is told and not judged."""
LONGEST_TO_END = 90.0
REST_SECONDS = 12.0
"""In which the worker notices that the work is over, and gives memory back."""
FAULT_SECONDS = 5.0
"""Between two faults."""
ROUNDS = 2
"""Of all faults, between two rests."""
OVER = (JobState.COMPLETED, JobState.INCIDENT)
CASES = {
    "good": (Answer(),),
    "slow": (Answer(delay=0.3),),
    "large": (Answer(body=b'{"t":"' + b"x" * 100_000 + b'"}'),),
    "bad": (Answer(500),),
    "flaky": (Answer(503), Answer()),
    "broken": (Answer(body=b'{"a":1}', cut_after=3),),
}


@dataclass(frozen=True, slots=True)
class Rest:
    """The worker while it does nothing."""

    minutes: float
    """Since the start."""
    megabytes: float
    most_megabytes: float
    """Since the rest before."""
    threads: int
    files: int


@dataclass(slots=True)
class Tally:
    """What became of the jobs, and of the worker."""

    created: int = 0
    completed: int = 0
    incidents: int = 0
    twice: int = 0
    most_megabytes: float = 0.0
    rests: list[Rest] = field(default_factory=list[Rest])

    def line(self) -> Line:
        """Through the memory at rest after the warm-up; in megabytes and hours."""
        warm = [rest for rest in self.rests if rest.minutes >= WARM_UP_MINUTES] or self.rests
        return fitted([(rest.minutes / 60, rest.megabytes) for rest in warm])

    def book(self, gateway: ZeebeGateway) -> None:
        """Take all jobs out of the gateway; one ran twice when it was activated more often than it failed and ended."""
        for job in gateway.jobs.values():
            self.completed += job.state is JobState.COMPLETED
            self.incidents += job.state is JobState.INCIDENT
            self.twice += job.activations > len(job.failures) + (job.state is JobState.COMPLETED)
        gateway.jobs.clear()
        gateway.requests.clear()


async def load(gateway: ZeebeGateway, server: RecordingServer, tally: Tally, rate: float) -> None:
    """Create jobs until cancelled."""
    while True:
        case = random.choice(list(CASES))
        # before it is: whoever cancels this does so when the job is there already
        tally.created += 1
        variables = {
            "method": "POST",
            "url": server.base(case),
            "body": {"n": tally.created},
            "authentication": {"type": "noAuth"},
        }
        await gateway.create_job(JOB_TYPE, variables, {"resultVariable": "r", "retryBackoff": "PT0.2S"}, retries=2)
        server.requests.clear()
        await asyncio.sleep(random.expovariate(rate))


async def lose_answers(gateway: ZeebeGateway) -> None:
    """Commands that fail, and commands that are obeyed but whose answer is lost."""
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.DEADLINE_EXCEEDED):
        for method in ("CompleteJob", "FailJob"):
            gateway.plan(method, Misbehaviour(code), Misbehaviour(code, after_commit=True))


async def swallow_answers(gateway: ZeebeGateway) -> None:
    """Commands that are not answered for longer than a call may take."""
    gateway.delays["CompleteJob"] = 12.0
    await asyncio.sleep(2)
    gateway.delays.pop("CompleteJob")


async def push_back(gateway: ZeebeGateway) -> None:
    """A broker that has too much to do."""
    gateway.refusal = Misbehaviour(grpc.StatusCode.RESOURCE_EXHAUSTED, "back-pressure")
    await asyncio.sleep(2)
    gateway.refusal = None


async def restart(gateway: ZeebeGateway) -> None:
    """A gateway that is away for a moment: streams end, connections break."""
    await gateway.stop()
    await asyncio.sleep(1)
    await gateway.start()


FAULTS: tuple[Callable[[ZeebeGateway], Awaitable[None]], ...] = (lose_answers, swallow_answers, push_back, restart)


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Do something that has no end until the block ends; raises what it raised."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def watch_memory(worker: WorkerProcess, tally: Tally) -> None:
    """Note the most memory, until cancelled."""
    while True:
        tally.most_megabytes = max(tally.most_megabytes, resident_megabytes(worker.process.pid))
        await asyncio.sleep(0.5)


async def come_to_rest(gateway: ZeebeGateway, worker: WorkerProcess, tally: Tally, minutes: float) -> None:
    """Wait until all jobs are over and the worker knows it; TimeoutError when one does not end."""
    await gateway.until(lambda: all(job.state in OVER for job in gateway.jobs.values()), LONGEST_TO_END)
    await worker.pod.until_active(CONNECTOR, 0, LONGEST_TO_END)
    tally.book(gateway)
    await asyncio.sleep(REST_SECONDS)
    pid = worker.process.pid
    rest = Rest(minutes, resident_megabytes(pid), tally.most_megabytes, threads(pid), open_files(pid))
    tally.rests.append(rest)
    tally.most_megabytes = 0.0
    print(
        f"{rest.minutes:5.1f} min: {tally.created} jobs created, {tally.completed} completed, {tally.incidents} incidents; "
        f"{rest.megabytes:.1f} MB at rest, {rest.most_megabytes:.1f} MB before, {rest.threads} threads, {rest.files} files",
        flush=True,
    )


async def soak(minutes: float, rate: float) -> Tally:
    """Run the whole of it; TimeoutError when jobs do not end after the faults have."""
    gateway, tally = ZeebeGateway(), Tally()
    await gateway.start()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        entry = connector_entry(CONNECTOR, JOB_TYPE, maxJobsActive=100, timeoutSeconds=20)
        config = worker_config(gateway.address, entry) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
        async with RecordingServer(CASES) as server, worker_process(config, Path(folder)) as worker:
            await worker.until_ready()
            begun = time.monotonic()
            async with meanwhile(watch_memory(worker, tally)):
                while (time.monotonic() - begun) / 60 < minutes:
                    async with meanwhile(load(gateway, server, tally, rate)):
                        for fault in FAULTS * ROUNDS:
                            await asyncio.sleep(FAULT_SECONDS)
                            await fault(gateway)
                    await come_to_rest(gateway, worker, tally, (time.monotonic() - begun) / 60)
    await gateway.stop()
    return tally


def main(options: argparse.Namespace) -> int:
    """0 when nothing was lost and nothing grew."""
    tally = asyncio.run(soak(options.minutes, options.rate))
    line = tally.line()
    print(f"activated again without a failure: {tally.twice}")
    print(f"memory at rest: {line.slope:+.2f} MB/h, give or take {line.uncertainty:.2f}")
    lost = tally.created != tally.completed + tally.incidents
    is_flat = line.slope + line.uncertainty < MOST_SLOPE
    if options.minutes >= LEAST_MINUTES and not is_flat:
        print(f"not shown to be less than {MOST_SLOPE:g} MB/h: it grows, or the readings scatter and a longer run is needed")
        return 1
    return 1 if lost else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=100, help="jobs a second; default: %(default)s")
    sys.exit(main(parser.parse_args()))

"""A worker under load and mixed faults for as long as wanted: `python tests/soak --minutes 60`.

The gateway owns the truth about every job. At the end every job that was created must be completed or an incident, and the
worker's memory must not have grown: the exit code is 1 otherwise.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import grpc  # noqa: E402 - the paths above come first
from job_worker import WorkerProcess, connector_entry, worker_config, worker_process  # noqa: E402
from process_readings import resident_megabytes  # noqa: E402
from recording_server import Answer, RecordingServer  # noqa: E402
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway  # noqa: E402

JOB_TYPE = "io.camunda:http-json:1"
MOST_SLOPE = 1.0
"""Megabytes an hour."""
LONGEST_TO_END = 90.0
CASES = {
    "good": (Answer(),),
    "slow": (Answer(delay=0.3),),
    "large": (Answer(body=b'{"t":"' + b"x" * 100_000 + b'"}'),),
    "bad": (Answer(500),),
    "flaky": (Answer(503), Answer()),
    "broken": (Answer(body=b'{"a":1}', cut_after=3),),
}


@dataclass(slots=True)
class Tally:
    """What became of the jobs, and the worker's memory as (seconds, megabytes)."""

    created: int = 0
    completed: int = 0
    incidents: int = 0
    twice: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def floors(self) -> list[tuple[float, float]]:
        """The least of each minute: what is held between bursts, which is what a leak would raise."""
        minutes: dict[int, float] = {}
        for seconds, megabytes in self.memory:
            minutes[int(seconds // 60)] = min(megabytes, minutes.get(int(seconds // 60), megabytes))
        return [(minute * 60.0, megabytes) for minute, megabytes in sorted(minutes.items())]

    def slope(self) -> float:
        """Megabytes an hour over the second half, when all caches are warm."""
        floors = self.floors()
        half = floors[len(floors) // 2 :]
        return statistics.linear_regression(*zip(*half, strict=True)).slope * 3600 if len(half) > 1 else 0.0

    def ended(self) -> int:
        """Jobs that are over."""
        return self.completed + self.incidents


async def load(gateway: ZeebeGateway, server: RecordingServer, tally: Tally, rate: float) -> None:
    """Create jobs until cancelled."""
    while True:
        case = random.choice(list(CASES))
        variables = {
            "method": "POST",
            "url": server.base(case),
            "body": {"n": tally.created},
            "authentication": {"type": "noAuth"},
        }
        await gateway.create_job(JOB_TYPE, variables, {"resultVariable": "r", "retryBackoff": "PT0.2S"}, retries=2)
        tally.created += 1
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


async def misbehave(gateway: ZeebeGateway) -> None:
    """One fault after the other until cancelled."""
    while True:
        for fault in FAULTS:
            await asyncio.sleep(5)
            await fault(gateway)


async def keep_count(gateway: ZeebeGateway, tally: Tally, worker: WorkerProcess) -> None:
    """Take jobs that are over out of the gateway, and read the memory, until cancelled."""
    begun = time.monotonic()
    while True:
        await asyncio.sleep(1)
        tally.memory.append((time.monotonic() - begun, resident_megabytes(worker.process.pid)))
        # the lost answers of the last calls are asked for again: a job stays until that is over
        over = [job for job in gateway.jobs.values() if job.state in (JobState.COMPLETED, JobState.INCIDENT)]
        for job in over[:-500] if len(over) > 500 else []:
            count(gateway, tally, job.key)


def count(gateway: ZeebeGateway, tally: Tally, key: int) -> None:
    """Book a job that is over; it ran twice when it was activated more often than it failed and ended."""
    job = gateway.jobs.pop(key)
    tally.completed += job.state is JobState.COMPLETED
    tally.incidents += job.state is JobState.INCIDENT
    tally.twice += job.activations > len(job.failures) + (job.state is JobState.COMPLETED)


async def soak(minutes: float, rate: float) -> Tally:
    """Run the whole of it; TimeoutError when jobs do not end after the faults have."""
    gateway, tally = ZeebeGateway(), Tally()
    await gateway.start()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        entry = connector_entry("http", JOB_TYPE, maxJobsActive=100, timeoutSeconds=20)
        config = worker_config(gateway.address, entry) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
        async with RecordingServer(CASES) as server, worker_process(config, Path(folder)) as worker:
            await worker.until_ready()
            tasks = [load(gateway, server, tally, rate), misbehave(gateway)]
            running = [asyncio.create_task(task) for task in tasks]
            counting = asyncio.create_task(keep_count(gateway, tally, worker))
            await asyncio.sleep(minutes * 60)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await _recover(gateway)
            await gateway.until(lambda: all(job.state in OVER for job in gateway.jobs.values()), LONGEST_TO_END)
            counting.cancel()
            for key in list(gateway.jobs):
                count(gateway, tally, key)
    await gateway.stop()
    return tally


OVER = (JobState.COMPLETED, JobState.INCIDENT)


async def _recover(gateway: ZeebeGateway) -> None:
    """The fault that was under way is over."""
    gateway.refusal, gateway.delays = None, {}
    await gateway.stop()
    await gateway.start()


def main(options: argparse.Namespace) -> int:
    """0 when nothing was lost and nothing grew."""
    tally = asyncio.run(soak(options.minutes, options.rate))
    print(f"{options.minutes:g} minutes: {tally.created} jobs created, {tally.completed} completed, {tally.incidents} incidents")
    print(f"activated again without a failure: {tally.twice}")
    floors = [megabytes for _, megabytes in tally.floors()]
    print(f"memory, least of each minute: {' '.join(f'{megabytes:.1f}' for megabytes in floors)} MB")
    print(f"slope of the second half: {tally.slope():+.2f} MB/h")
    lost = tally.created != tally.ended()
    # a short run's slope is mostly noise: it is judged from half an hour on
    grown = options.minutes >= 30 and tally.slope() >= MOST_SLOPE
    return 1 if lost or grown else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=100, help="jobs a second; default: %(default)s")
    sys.exit(main(parser.parse_args()))

"""Measures workers side by side on one Zeebe and writes the table of docs/benchmarks.md: `python tests/bench/runtime`."""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import uvloop  # noqa: E402 - the paths above come first
from benchmark_page import write_section  # noqa: E402 - the paths above come first
from contenders import Contender, official, ours, pyzeebe  # noqa: E402 - the paths above come first
from noop_cost import NoopCost, noop_costs  # noqa: E402
from official_build import official_jar  # noqa: E402
from process_readings import cpu_seconds, percentile, resident_megabytes  # noqa: E402
from pyzeebe import ZeebeClient, create_insecure_channel  # noqa: E402
from pyzeebe.errors import ZeebeBackPressureError  # noqa: E402

from local_cluster.ports import free_ports  # noqa: E402
from local_cluster.zeebe import Zeebe, ZeebeConfig  # noqa: E402

SLOW, FAST = 50, 500
"""Instances a second of the steady loads."""
PARALLEL = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One contender's figures."""

    name: str
    first_seconds: float
    backlog_rate: float
    cpu_ms: float
    slow_p50_ms: float
    slow_p99_ms: float
    fast_p50_ms: float
    fast_p99_ms: float
    idle_mb: float
    loaded_mb: float


async def measure(contender: Contender, client: ZeebeClient, url: str, count: int) -> Row:
    """Start it, give it one job, a backlog of `count` and a steady load."""
    begun = time.monotonic()
    process = contender.start()
    try:
        await call(client, url)
        first = time.monotonic() - begun
        await backlog(client, url, 100)  # warm
        await asyncio.sleep(2)
        idle = resident_megabytes(process.pid)
        cpu, begun = cpu_seconds(process.pid), time.monotonic()
        await backlog(client, url, count)
        backlog_rate = count / (time.monotonic() - begun)
        cpu_ms = (cpu_seconds(process.pid) - cpu) / count * 1000
        loaded = resident_megabytes(process.pid)
        steadily = [await steady(client, url, rate, max(count // 200, 5)) for rate in (SLOW, FAST)]
        latencies = [percentile(times, share) for times in steadily for share in (0.5, 0.99)]
        return Row(contender.name, first, backlog_rate, cpu_ms, *latencies, idle, loaded)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


async def call(client: ZeebeClient, url: str) -> float:
    """Run one process instance to its end; returns its milliseconds. A broker that asks for patience gets it."""
    begun = time.monotonic()
    while True:
        try:
            await client.run_process_with_result("rest-call", {"target": url, "n": 7}, timeout=120_000)
        except ZeebeBackPressureError:
            await asyncio.sleep(0.05)
        else:
            return (time.monotonic() - begun) * 1000


async def backlog(client: ZeebeClient, url: str, count: int) -> None:
    """So many instances, as many at once as the broker bears."""
    places = asyncio.Semaphore(PARALLEL)

    async def one() -> None:
        async with places:
            await call(client, url)

    await asyncio.gather(*(one() for _ in range(count)))


async def steady(client: ZeebeClient, url: str, rate: int, seconds: int) -> list[float]:
    """Start so many instances a second, whether earlier ones are done or not; the milliseconds of each."""
    tasks: list[asyncio.Task[float]] = []
    begun = time.monotonic()
    while len(tasks) < rate * seconds:
        due = min(int((time.monotonic() - begun) * rate) + 1, rate * seconds)
        tasks += [asyncio.create_task(call(client, url)) for _ in range(due - len(tasks))]
        await asyncio.sleep(1 / rate)
    return await asyncio.gather(*tasks)


async def run(options: argparse.Namespace) -> list[Row]:
    """All contenders one after the other."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}/echo"
    target = subprocess.Popen([sys.executable, str(HERE / "echo_target.py"), str(port)])
    try:
        with Zeebe(ZeebeConfig.throwaway()) as zeebe:
            address = zeebe.grpc_address
            contenders = [pyzeebe(address), pyzeebe(address, "--uvloop"), ours(address)]
            if not options.no_official and (jar := official_jar()) is not None:
                contenders += [official(address, zeebe.rest_address, jar, threads=n) for n in (0, 200)]
            client = ZeebeClient(create_insecure_channel(address.removeprefix("grpc://")))
            await client.deploy_resource(str(HERE / "rest-call.bpmn"))
            await measure(ours(address), client, url, options.count)  # a cold broker would be unfair to the first
            return [await measure(contender, client, url, options.count) for contender in contenders]
    finally:
        target.terminate()
        target.wait()


def page(rows: list[Row], costs: list[NoopCost]) -> str:
    """The section of docs/benchmarks.md."""
    load = statistics.mean(os.getloadavg())
    lines = [
        "Each worker alone on the same Zeebe, process and HTTP target, one after the other, all on one machine of "
        f"{os.cpu_count()} cores (mean load at the end: {load:.1f}). Latency is that of the whole process instance; "
        f"where a worker does fewer than {FAST} jobs a second, its latency at that rate is the length of the queue.",
        "",
        f"| worker | start to first job, s | jobs/s | CPU ms per job | p50 ms at {SLOW}/s | p99 ms | p50 ms at {FAST}/s | p99 ms "
        "| RSS idle MB | loaded MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name, *figures = astuple(row)
        lines.append(
            f"| {name} | " + " | ".join(f"{figure:.2f}" if figure < 10 else f"{figure:.0f}" for figure in figures) + " |"
        )
    lines += [
        "",
        "Jobs that do nothing, on the worker's event loop, from a gateway in another process that does nothing else:",
        "",
    ]
    lines += ["| loop | jobs/s | in the slowest second | CPU µs per job |", "|---|---|---|---|"]
    lines += [f"| {cost.name} | {cost.rate:.0f} | {cost.slowest:.0f} | {cost.cpu_us:.0f} |" for cost in costs]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="jobs of the backlog; default: %(default)s")
    parser.add_argument("--no-official", action="store_true", help="leave Camunda's runtime out")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    result = page(asyncio.run(run(given)), uvloop.run(noop_costs()))
    print(result)
    if given.write:
        write_section("runtime", result)

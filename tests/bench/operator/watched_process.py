"""A process that is measured, seen from outside: /proc, and what the operator says on /metrics."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from crowd import Size
from process_readings import cpu_seconds, peak_megabytes

from local_cluster.ports import free_ports

CALLS = "connector_operator_api_calls_total"
PATIENCE_SECONDS = 900.0


@dataclass(slots=True)
class Watched:
    """A running process and how much it has used."""

    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)

    def peak_megabytes(self) -> float:
        """The most that it ever had in memory."""
        return peak_megabytes(self.process.pid)

    def cpu_seconds(self) -> float:
        """User and system time."""
        return cpu_seconds(self.process.pid)

    async def until(self, is_done: Callable[[], Awaitable[bool]]) -> float:
        """Wait until it is so; the seconds since the process was started."""
        while not await is_done():
            if self.process.poll() is not None or time.monotonic() - self.began > PATIENCE_SECONDS:
                raise SystemExit("the process that is measured ended, or did not finish in time")
            await asyncio.sleep(0.25)
        return time.monotonic() - self.began


@dataclass(slots=True)
class Operator:
    """`connectors run`, and what it says about itself."""

    watched: Watched
    port: int

    def samples(self) -> list[str]:
        """What it says on /metrics now; nothing while it does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                return answer.read().decode().splitlines()
        except OSError:
            return []

    def writes(self) -> int:
        """Writes that it sent."""
        samples = self.samples()
        sent = sum(total(samples, CALLS, verb=verb) for verb in ("patch", "create", "delete"))
        return int(sent - total(samples, CALLS, resource="selfsubjectaccessreviews"))

    async def until_settled(self, size: Size) -> float:
        """Wait until it is ready, everything has a Ready condition and nothing is in the queue; the seconds since its start."""
        return await self.watched.until(lambda: asyncio.to_thread(self._is_settled, size))

    def _is_settled(self, size: Size) -> bool:
        samples = self.samples()
        connectors = total(samples, "connector_operator_resources", kind="Connector")
        runtimes = total(samples, "connector_operator_resources", kind="ConnectorRuntime")
        is_ready = total(samples, "connector_operator_ready") == 1
        is_idle = total(samples, "connector_operator_queue_depth") == 0
        return is_ready and is_idle and connectors == size.connectors and runtimes == size.runtimes


@asynccontextmanager
async def operator(kubeconfig: Path, log: Path) -> AsyncGenerator[Operator]:
    """The operator over the whole cluster, ended at the end."""
    port = free_ports(1)[0]
    command = ["-m", "connector_operator", "run", "--kubeconfig", str(kubeconfig), "--port", str(port)]
    async with started([*command, "--runtime-image", "runtime:bench"], log) as watched:
        yield Operator(watched, port)


@asynccontextmanager
async def started(arguments: list[str], log: Path) -> AsyncGenerator[Watched]:
    """A Python process, ended at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen([sys.executable, *arguments], stdout=output, stderr=output)
    try:
        yield Watched(process)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 60)


def total(samples: Iterable[str], name: str, **labels: str) -> float:
    """The sum of a metric's samples that carry these labels."""
    lines = [line for line in samples if re.match(rf"{name}[{{ ]", line)]
    chosen = [line for line in lines if all(f'{key}="{value}"' in line for key, value in labels.items())]
    return sum(float(line.rsplit(" ", 1)[1]) for line in chosen)

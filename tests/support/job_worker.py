"""The real worker, assembled in this process or started as a process of its own, against a gateway on loopback."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from connector_runtime.config import parse_config
from connector_runtime.masking import Masker
from connector_runtime.worker import Options, Worker
from local_cluster.ports import free_ports

# Long enough to be a long poll, short enough for a test that waits for its end.
LONG_POLL = 1.0


def connector_entry(name: str, job_type: str, **members: Any) -> dict[str, Any]:
    """One entry of `connectors`, as the operator writes it."""
    entry: dict[str, Any] = {
        "name": name,
        "jobType": job_type,
        "source": {"builtin": "http-json"},
        "settings": {},
        "secrets": {"directory": f"/var/run/secrets/connectors/{name}", "names": []},
        "timeoutSeconds": 30,
        "maxJobsActive": 10,
        "elementTemplates": "Generated",
    }
    return entry | members


def worker_config(address: str, *connectors: Mapping[str, Any], grace: int = 30) -> dict[str, Any]:
    """A whole configuration, as the operator writes it."""
    return {
        "version": 1,
        "workerName": "test/runtime",
        "camunda": {"grpcAddress": address, "tenantIds": []},
        "terminationGracePeriodSeconds": grace,
        "connectors": list(connectors),
    }


def python_source(folder: Path, entry_point: str, **files: str) -> dict[str, str]:
    """A source of Python files: each keyword is a module and its text."""
    folder.mkdir(parents=True, exist_ok=True)
    for module, text in files.items():
        (folder / f"{module}.py").write_text(text)
    return {"path": str(folder), "entryPoint": entry_point, "digest": "d"}


@dataclass(frozen=True, slots=True)
class Pod:
    """A running worker as its surroundings see it."""

    port: int
    session: aiohttp.ClientSession
    stop: Callable[[], None] = lambda: None
    """Ask it to stop, as SIGTERM does."""
    maskers: Callable[[], list[Masker]] = list

    async def get(self, path: str) -> tuple[int, str]:
        """The status code and the text of an endpoint."""
        async with self.session.get(f"http://127.0.0.1:{self.port}{path}") as response:
            return response.status, await response.text()

    async def status(self) -> dict[str, Any]:
        """The status document."""
        return json.loads((await self.get("/status"))[1])

    async def connector(self, name: str) -> dict[str, Any]:
        """What the status says about one Connector."""
        return (await self.status())["connectors"][name]

    async def until_ready(self, seconds: float = 20.0) -> None:
        """Wait until the pod is ready; TimeoutError with its last answer."""
        text = ""
        try:
            async with asyncio.timeout(seconds):
                while (answer := await self.get("/readyz"))[0] != 200:
                    text = answer[1]
                    await asyncio.sleep(0.02)
        except TimeoutError:
            msg = f"not ready: {text}; {await self.status()}"
            raise TimeoutError(msg) from None

    async def until_active(self, name: str, count: int, seconds: float = 20.0) -> None:
        """Wait until a Connector holds so many jobs."""
        async with asyncio.timeout(seconds):
            while (await self.connector(name))["active"] != count:
                await asyncio.sleep(0.02)

    async def until_state(self, name: str, state: str, seconds: float = 20.0) -> dict[str, Any]:
        """Wait until a Connector reports a state."""
        report: dict[str, Any] = {}
        try:
            async with asyncio.timeout(seconds):
                while (report := await self.connector(name))["state"] != state:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            msg = f"Connector '{name}' is not {state}: {report}"
            raise TimeoutError(msg) from None
        return report


@asynccontextmanager
async def worker_in_process(config: Mapping[str, Any]) -> AsyncGenerator[Pod]:
    """Run the worker in this event loop; it drains at the end."""
    loaded = parse_config(json.dumps(config).encode(), origin="test")
    journal = Path(tempfile.mkdtemp(prefix="connector-journal-"))
    worker = Worker(loaded, Options(host="127.0.0.1", port=0, long_poll=LONG_POLL, journal=journal))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        while not worker.is_listening and not running.done():
            await asyncio.sleep(0.01)
        async with aiohttp.ClientSession() as session:
            yield Pod(worker.port, session, stop.set, worker.maskers)
    finally:
        stop.set()
        await running
        shutil.rmtree(journal)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A worker that is a process of its own."""

    process: asyncio.subprocess.Process
    pod: Pod
    log: Path
    """Its output; a file, since a pipe that nobody reads would stop it when it is full."""

    async def until_ready(self, seconds: float = 30.0) -> Pod:
        """Wait until it listens and is ready; TimeoutError when it never does."""
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    await self.pod.until_ready(seconds)
                    return self.pod
                await asyncio.sleep(0.05)

    async def terminate(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
        """Send a signal that ends it; return the exit code and the log lines."""
        self.process.send_signal(how)
        code = await asyncio.wait_for(self.process.wait(), 60)
        return code, self.lines()

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged until now."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]


@asynccontextmanager
async def worker_process(config: Mapping[str, Any], folder: Path, *arguments: str) -> AsyncGenerator[WorkerProcess]:
    """Run `connector-runtime run` until the block ends, whatever ends it."""
    file, port = folder / "config.json", free_ports(1)[0]
    file.write_text(json.dumps(config))
    command = (sys.executable, "-m", "connector_runtime", "run", "--config", str(file), "--port", str(port))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)}
    log = folder / f"worker-{port}.log"
    with log.open("wb") as output, log.with_suffix(".err").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(*command, *arguments, stdout=output, stderr=errors, env=environment)
    try:
        async with aiohttp.ClientSession() as session:
            yield WorkerProcess(process, Pod(port, session), log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

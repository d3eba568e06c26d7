"""REST against a server that answers at once, and against one that takes a second for each of 1,000 calls at a time."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench_row import Load, Row, measured
from connector_server import listens

from local_cluster.ports import free_ports
from local_cluster.waiting import wait_until

REST = "io.camunda:http-json:1"
TARGET = Path(__file__).parent / "rest_target.py"


async def rest() -> Row:
    """A POST whose answer is its own body."""
    with _target(seconds=0) as url:
        return await measured(Load("REST", "http-json", REST, _post(url)))


async def rest_slow() -> Row:
    """1,000 calls come in a second and wait for one: so many are under way at any time, and slots for those being reported."""
    with _target(seconds=1) as url:
        name = "REST, 1,000 calls/s that take 1 s each"
        return await measured(Load(name, "http-json", REST, _post(url), at_once=1250, per_second=1000))


def _post(url: str) -> dict[str, object]:
    return {"authentication": {"type": "noAuth"}, "method": "POST", "url": url, "body": {"n": 7, "name": "bench"}}


@contextmanager
def _target(seconds: float) -> Generator[str]:
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, str(TARGET), str(port), str(seconds)])
    try:
        wait_until(lambda: listens(port), "the HTTP target", seconds=20)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()

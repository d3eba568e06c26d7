"""What connectors keep open between jobs is closed when the pod stops: after the last job, once, and in time."""

from pathlib import Path
from typing import Any

import pytest
from job_worker import connector_entry, python_source, worker_config, worker_in_process, worker_process
from zeebe_gateway import JobState, ZeebeGateway

CLOSING = """
import asyncio
import time
from pathlib import Path

from connector_sdk import Context, Operations, SharedClients, connector

LOG = Path({log!r})


def note(text):
    with LOG.open("a") as log:
        log.write(text + "\\n")


async def open_client(key):
    note(f"open {{key}}")
    return key


async def close_client(key):
    note(f"close {{key}}")


clients = SharedClients(open_client, close_client)


@connector(id="close:shared", name="Shared", on_close=clients.close)
async def shared(variables: dict) -> None:
    async with clients.use(variables["key"]) as client:
        note(f"begin {{client}}")
        await asyncio.sleep(variables["seconds"])
        note(f"end {{client}}")


several = Operations(id="close:several", name="Several", on_close=clients.close)


@several.operation("one", name="One")
async def one(variables: dict) -> None: ...


@several.operation("two", name="Two")
async def two(variables: dict) -> None: ...


async def hang():
    note("hang")
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            note("ignored")


def block():
    note("block")
    time.sleep(60)


def fail():
    raise SystemExit(7)


@connector(id="close:hang", name="Hang", on_close=hang)
async def hanging(variables: dict) -> None: ...


@connector(id="close:block", name="Block", on_close=block)
def blocking(variables: dict) -> None: ...


@connector(id="close:fail", name="Fail", on_close=fail)
def failing(variables: dict) -> None: ...


@connector(id="close:sync", name="Sync", on_close=lambda: note("sync"))
def sync(variables: dict) -> None: ...
"""


def entry(folder: Path, attribute: str) -> dict[str, Any]:
    text = CLOSING.format(log=str(folder / "log"))
    source = python_source(folder / "code", f"closing:{attribute}", closing=text)
    return connector_entry(attribute, f"close:{attribute}", source=source)


async def test_clients_are_closed_after_the_last_job_has_ended(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with worker_in_process(worker_config(gateway.address, entry(tmp_path, "shared"))) as pod:
        quick = [await gateway.create_job("close:shared", {"key": "a", "seconds": 0}) for _ in range(3)]
        await gateway.until(lambda: all(job.state is JobState.COMPLETED for job in quick))
        slow = await gateway.create_job("close:shared", {"key": "a", "seconds": 1})
        await pod.until_active("shared", 1)
    assert slow.state is JobState.COMPLETED
    lines = (tmp_path / "log").read_text().splitlines()
    assert (lines[0], lines.count("open a"), lines.count("close a")) == ("open a", 1, 1)
    assert lines[-2:] == ["end a", "close a"]


async def test_a_hook_that_several_operations_share_is_called_once(gateway: ZeebeGateway, tmp_path: Path) -> None:
    text = CLOSING.format(log=str(tmp_path / "log")).replace("on_close=clients.close", 'on_close=lambda: note("closed")')
    source = python_source(tmp_path / "code", "closing:several", closing=text)
    config = worker_config(gateway.address, connector_entry("several", "close:several", source=source))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
    assert (tmp_path / "log").read_text().splitlines() == ["closed"]


@pytest.mark.parametrize("attribute", ["hanging", "blocking", "failing"])
async def test_a_bad_hook_keeps_neither_the_process_nor_its_neighbours(
    gateway: ZeebeGateway, tmp_path: Path, attribute: str
) -> None:
    config = worker_config(gateway.address, entry(tmp_path, attribute), entry(tmp_path, "sync"), grace=3)
    async with worker_process(config, tmp_path) as worker:
        await worker.until_ready()
        code, lines = await worker.terminate()
    assert code == 0
    assert "sync" in (tmp_path / "log").read_text().splitlines()
    told = [line["message"] for line in lines if line.get("action") == "close"]
    assert len(told) == 1
    assert f"'close:{attribute.removesuffix('ing')}" in told[0]


async def test_a_connector_that_was_never_loaded_has_nothing_to_close(gateway: ZeebeGateway, tmp_path: Path) -> None:
    config = worker_config(gateway.address, entry(tmp_path, "absent"), entry(tmp_path, "sync"))
    async with worker_in_process(config) as pod:
        await pod.until_state("absent", "LoadFailed")
        await pod.until_ready()
    assert (tmp_path / "log").read_text().splitlines() == ["sync"]

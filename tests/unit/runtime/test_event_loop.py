"""Which event loop a worker runs on."""

import asyncio
import sys

import pytest

from connector_runtime import event_loop


async def kind() -> str:
    return type(asyncio.get_running_loop()).__module__


def test_a_worker_runs_on_uvloop_and_gets_its_result_back() -> None:
    assert event_loop.run(kind()) == "uvloop"


def test_an_image_without_uvloop_runs_on_asyncios_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert event_loop.run(kind()).startswith("asyncio")

"""Who is blamed for an event loop that does not come round."""

import asyncio
import time

import pytest

from connector_runtime.watchdog import LoopWatchdog


async def blocking(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.parametrize(("seconds", "culprits"), [([2.0], ["job 0"]), ([0.1] * 20, ["several tasks"])])
async def test_a_task_is_blamed_when_it_alone_blocks_and_not_when_many_take_their_turns(
    seconds: list[float], culprits: list[str]
) -> None:
    blamed: list[str] = []
    watchdog = LoopWatchdog(lambda culprit, _: blamed.append(culprit))
    await asyncio.sleep(0)
    async with asyncio.TaskGroup() as group:
        for number, each in enumerate(seconds):
            group.create_task(blocking(each), name=f"job {number}")
    await asyncio.sleep(0.5)
    watchdog.stop()
    assert blamed == culprits

"""The rival in Python: pyzeebe's worker, tuned, with the plainest function that does the same REST call on aiohttp.

It evaluates no expression, replaces no secret and masks nothing; its output has the same two variables.
"""

import asyncio
import sys
from typing import Any

import aiohttp
import uvloop
from pyzeebe import ZeebeWorker, create_insecure_channel


async def _work(target: str) -> None:
    channel = create_insecure_channel(target)
    worker = ZeebeWorker(channel, max_connection_retries=-1, poll_retry_delay=0.01)  # pyright: ignore[reportArgumentType] - floats work
    async with aiohttp.ClientSession() as session:

        @worker.task("io.camunda:http-json:1", timeout_ms=60_000, max_jobs_to_activate=64, max_running_jobs=128)
        async def call(url: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
            async with session.post(url, json=body, headers=headers) as response:
                return {"out": (await response.json())["n"], "code": response.status}

        await worker.work()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if "--uvloop" in sys.argv else None) as runner:
        runner.run(_work(sys.argv[1]))

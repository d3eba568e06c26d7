"""An aiohttp application on a free port of its own, for as long as a test needs it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


@asynccontextmanager
async def listening(app: web.Application, host: str = "127.0.0.1", **options: Any) -> AsyncGenerator[int]:
    """Serve it, and give the port; `options` are those of aiohttp's AppRunner."""
    runner = web.AppRunner(app, **options)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()

"""The HTTP target of the REST rows: answers a POST with its own body, so many seconds later. Arguments: port, seconds."""

import asyncio
import sys

from aiohttp import web


async def _serve(port: int, seconds: float) -> None:
    async def echo(request: web.Request) -> web.Response:
        body = await request.read()
        if seconds:
            await asyncio.sleep(seconds)
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))

"""A token endpoint on loopback that counts, can be ill, and knows which of its tokens are still good."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web
from loopback_server import listening


class IdentityProvider:
    """Gives `token-1`, `token-2`, … for client credentials."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.lifetime: float = 3600
        self.forms: list[dict[str, str]] = []
        """Of all requests."""
        self._good_until: dict[str, float] = {}

    def accepts(self, authorization: str | None) -> bool:
        """Whether a token of ours is in it that has not expired."""
        return self._good_until.get(authorization or "", 0.0) > time.monotonic()

    async def _token(self, request: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        await asyncio.sleep(0.05)
        token = f"token-{len(self.forms)}"
        if self.status == 200:
            self._good_until[f"Bearer {token}"] = time.monotonic() + self.lifetime
        return web.json_response({"access_token": token, "expires_in": self.lifetime}, status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["IdentityProvider"]:
        """Listen until the block ends."""
        app = web.Application()
        app.router.add_post("/token", self._token)
        async with listening(app) as port:
            self.url = f"http://127.0.0.1:{port}/token"
            yield self

"""A server on loopback that behaves badly: says nothing, or half of something."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


@asynccontextmanager
async def silent_server(*, says: bytes = b"", hangs_up: bool = False) -> AsyncGenerator[int]:
    """Accept connections on the port given; say this much to each and then nothing more, or hang up."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(says)
        await writer.drain()
        if hangs_up:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()

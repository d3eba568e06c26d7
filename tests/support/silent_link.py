"""A TCP connection in between that can fall silent: nothing arrives any more, and nobody is told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator


class SilentLink:
    """Passes bytes on; `fall_silent` ends that for the connections of now, later ones work."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.connections = 0
        self._target = target
        self._speaking = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        """As when a firewall forgets a connection."""
        self._speaking.clear()
        self._speaking = asyncio.Event()
        self._speaking.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        speaking = self._speaking
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pass_on(source, sink, speaking))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncGenerator["SilentLink"]:
        """Listen on loopback until the block ends."""
        self._speaking.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, speaking: asyncio.Event) -> None:
    try:
        while data := await source.read(65536):
            # What is not set now never will be: the bytes are lost, and both ends wait.
            await speaking.wait()
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        return
    finally:
        sink.close()

"""An HTTP server on loopback that keeps every request as it came over the wire and answers as each case says."""

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gets; `{base}` in header values is the case's own address."""

    status: int = 200
    body: bytes = b'{"ok":true}'
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    reason: str = "Said So"
    delay: float = 0.0
    cut_after: int | None = None
    """Hang up after so many bytes of the body."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request: its line without the version, its header fields in order, its body."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(eq=False, slots=True)
class RecordingServer:
    """The first segment of a request's path names its case; an unknown case is answered with 404."""

    answers: Mapping[str, Sequence[Answer]]
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    connections: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 24, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Be down: hang up, and let nobody connect any more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in list(self._open):
            writer.close()

    def base(self, case: str) -> str:
        """The address under which a case sends its requests."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/{case}"

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._open)

    async def until_hung_up(self, seconds: float = 5.0) -> None:
        """Wait until no client is connected; TimeoutError when one stays."""
        async with asyncio.timeout(seconds):
            while self._open:
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; return whether the connection may be used again."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = tuple(_field(line) for line in head[1:] if line)
        body = await _body(reader, headers)
        line = head[0].rpartition(" ")[0]
        case = line.partition(" ")[2].lstrip("/").partition("/")[0].partition("?")[0]
        planned = self.answers.get(case, (Answer(404),))
        answer = planned[min(len(self.requests[case]), len(planned) - 1)]
        self.requests[case].append(Recorded(line, headers, body))
        await asyncio.sleep(answer.delay)
        writer.write(self._head(answer, case) + answer.body[: answer.cut_after])
        await writer.drain()
        return answer.cut_after is None

    def _head(self, answer: Answer, case: str) -> bytes:
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [f"{name}: {value.replace('{base}', self.base(case))}" for name, value in answer.headers]
        if answer.status not in (204, 304):
            lines.append(f"Content-Length: {len(answer.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


async def _body(reader: asyncio.StreamReader, headers: Sequence[tuple[str, str]]) -> bytes:
    fields = {name.lower(): value for name, value in headers}
    if fields.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(fields.get("content-length", 0)))
    body = bytearray()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(body)

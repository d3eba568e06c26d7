"""Operators that are forked from one process which has imported everything: an operator is there in milliseconds."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import Self

import fault_operator


@dataclass(frozen=True, slots=True)
class ForkedOperator:
    """One running operator; its handle cannot come to mean another process."""

    pid: int
    handle: int

    def kill(self) -> None:
        """SIGKILL, now; nothing happens when it has ended."""
        signal.pidfd_send_signal(self.handle, signal.SIGKILL)


@dataclass(slots=True)
class Nursery:
    """An async context manager; whatever it started ends with it."""

    _process: asyncio.subprocess.Process | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(sys.executable, fault_operator.__file__, stdin=pipe, stdout=pipe)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def start(self, order: fault_operator.Order) -> ForkedOperator:
        """Start an operator; it has to be waited for."""
        async with self._one_at_a_time:
            await self._tell(order.line())
            assert self._process is not None
            assert self._process.stdout is not None
            pid = int(await self._process.stdout.readline())
        # nobody takes the process back before `wait`, so its number is still its own
        return ForkedOperator(pid, os.pidfd_open(pid))

    async def wait(self, operator: ForkedOperator) -> None:
        """Return when it has ended, however it did."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(operator.handle, ended.set)
        try:
            await ended.wait()
        except asyncio.CancelledError:
            operator.kill()
            await ended.wait()
            raise
        finally:
            loop.remove_reader(operator.handle)
            os.close(operator.handle)
            await self._tell(f"{operator.pid}\n".encode())

    async def _tell(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        await self._process.stdin.drain()

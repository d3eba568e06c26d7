"""Zeebe as a process author uses it: deploy a diagram, start instances, wait for results."""

import asyncio
import concurrent.futures
import json
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from pyzeebe import ZeebeClient, create_insecure_channel

T = TypeVar("T")


@dataclass(slots=True)
class Instance:
    """A process instance that was started and may have ended."""

    result: "concurrent.futures.Future[dict[str, Any]]"

    def variables(self, seconds: float) -> dict[str, Any]:
        """The variables it ended with; TimeoutError when it has not ended by then."""
        return self.result.result(timeout=seconds)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.result.done()


@dataclass(slots=True)
class Zeebe:
    """One gateway, from synchronous code; the event loop lives in a thread of its own."""

    address: str
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _client: ZeebeClient | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._client = self._wait(self._connect())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def deploy(self, *files: Path) -> None:
        """Deploy BPMN diagrams."""
        self._wait(self._connected().deploy_resource(*files))

    def start(self, process: str, variables: Mapping[str, Any], *, seconds: float = 600) -> Instance:
        """Start an instance; its result arrives when it ends, or a TimeoutError after so many seconds."""
        run = self._connected().run_process_with_result(process, dict(variables), timeout=int(seconds * 1000))

        async def result() -> dict[str, Any]:
            return dict((await run).variables)

        return Instance(asyncio.run_coroutine_threadsafe(result(), self._loop))

    def _connected(self) -> ZeebeClient:
        if self._client is None:
            raise RuntimeError("cannot talk to Zeebe: enter the block first")
        return self._client

    async def _connect(self) -> ZeebeClient:
        return ZeebeClient(create_insecure_channel(grpc_address=self.address))

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=60)


def as_text(variables: Mapping[str, Any]) -> str:
    """Variables as people read them."""
    return json.dumps(dict(variables), indent=2, sort_keys=True)

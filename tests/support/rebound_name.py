"""A name that its owner points elsewhere as soon as it was looked up once (DNS rebinding)."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest


class ReboundName:
    """`localhost`, so that certificates fit: 127.0.0.1 at the first look-up, then an address where nobody listens."""

    host = "localhost"

    def __init__(self) -> None:
        self.asked = 0
        self._look_up = socket.getaddrinfo

    def getaddrinfo(self, host: Any, *arguments: Any, **named: Any) -> list[Any]:
        """As the system's, of which all clients ask."""
        if host != self.host:
            return self._look_up(host, *arguments, **named)
        self.asked += 1
        return self._look_up("127.0.0.1" if self.asked == 1 else "127.0.0.2", *arguments, **named)


@pytest.fixture
def rebound(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReboundName]:
    name = ReboundName()
    monkeypatch.setattr(socket, "getaddrinfo", name.getaddrinfo)
    yield name
    assert name.asked == 1, "it was looked up more than once, or not through the system's resolver"

"""One HTTP request and its whole answer: the short way, for connectors that send nothing else all day.

httpx's own methods cost more than twice as much per request, for what a connector that has address, headers and body ready does
not need. Errors are httpx's.
"""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

MAX_ANSWER_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it goes over the wire, but for `Host`, `Content-Length` and what the client adds by default."""

    method: str
    url: str
    """Percent-encoded (RFC 3986): it is sent as it is."""
    headers: Mapping[str, str]
    """ASCII; each name once."""
    body: bytes = b""
    connect_seconds: float | None = 20
    """None waits for ever, here and below."""
    read_seconds: float | None = 20
    """For each piece of the answer."""
    follow_redirects: bool = False
    max_bytes: int = MAX_ANSWER_BYTES
    """Of the answer's body, unpacked; a larger one is an `InputError`."""
    tls: ssl.SSLContext | None = None
    """None: the certificate authorities of the pod, and no certificate of one's own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, read to its end."""

    status: int
    reason: str
    """The server's own words, or ""."""
    headers: Sequence[tuple[str, str]]
    """As the server wrote them, repeated ones too."""
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, however the server spells its name; None where there is none."""
        wanted = name.lower()
        return next((value for given, value in self.headers if given.lower() == wanted), None)


class Egress(Protocol):
    """The pod's rules on where jobs may connect to, for connectors whose clients open connections by themselves."""

    def check(self, host: str, addresses: Sequence[str]) -> None:
        """Raise InputError when one of the addresses of a host is refused."""
        ...


class HttpClient(httpx.AsyncClient, ABC):
    """httpx's client that all jobs of the pod share, with the pod's egress rules behind every request."""

    @property
    @abstractmethod
    def egress(self) -> Egress:
        """The rules that it follows."""

    @abstractmethod
    async def exchange(self, request: Exchange) -> Answer:
        """Send one request and read its answer; raises `httpx.TransportError` and its kin, `InputError` where it may not go."""

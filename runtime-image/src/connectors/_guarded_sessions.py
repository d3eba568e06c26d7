"""Connections of clients that bring their own HTTP: each is made to an address that the pod's egress rules allow."""

import socket
from collections.abc import Callable
from typing import Any

import aiohttp

from connectors._egress import Egress

CONNECT_SECONDS = 10
MOST_CONNECTIONS = 200
MAX_IDLE_SECONDS = 30


def guarded_sockets(egress: Egress) -> Callable[[tuple[Any, ...]], socket.socket]:
    """What makes an aiohttp connector's sockets: asked for each connection, by name or by number, also after a redirect.

    The socket raises InputError instead of being made where the rules say no.
    """

    def made(address: tuple[Any, ...]) -> socket.socket:
        host = str(address[4][0])
        egress.check(host, [host])
        opened = socket.socket(*address[:3])
        opened.settimeout(0)  # asyncio waits for it
        return opened

    return made


def open_session(egress: Egress, seconds: float) -> aiohttp.ClientSession:
    """A session that waits so many seconds for each piece of an answer, and keeps connections but no cookies."""
    connector = aiohttp.TCPConnector(
        limit=MOST_CONNECTIONS, keepalive_timeout=MAX_IDLE_SECONDS, socket_factory=guarded_sockets(egress)
    )
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=min(CONNECT_SECONDS, seconds), sock_read=seconds)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=True)

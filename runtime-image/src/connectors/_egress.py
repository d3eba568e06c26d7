"""The pod's egress rules, for connectors whose clients open connections by themselves.

Who looks a name up once more may get other addresses than those that were checked (DNS rebinding), so the client is given
an address, and TLS the name: `checked_connection` and `HostTls`.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from connector_sdk import Context, Egress

__all__ = ["Egress", "HostTls", "check_host", "checked_connection", "egress_of"]

T = TypeVar("T")


def egress_of(context: Context) -> Egress:
    """The rules that the job's HTTP client follows."""
    return context.http.egress


async def check_host(egress: Egress, host: str) -> None:
    """Raise InputError when a host may not be connected to; a name without an address is left to who wants to connect."""
    with suppress(OSError):
        await _checked_addresses(egress, host)


async def checked_connection(
    egress: Egress, host: str, connect: Callable[[str], Awaitable[T]], unreachable: type[Exception] = OSError
) -> T:
    """What `connect` makes of the first address of a host that answers: the name is looked up once, and all must be allowed.

    Raises InputError where one is not, OSError for a name without an address, and what the last `connect` raises.
    """
    *others, last = await _checked_addresses(egress, host)
    for address in others:
        with suppress(unreachable):
            return await connect(address)
    return await connect(last)


async def _checked_addresses(egress: Egress, host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    egress.check(host, addresses)
    return addresses


class HostTls(ssl.SSLContext):
    """Client TLS that asks for and verifies the name of a host, for clients that know only the address they connect to."""

    host: str

    @classmethod
    def of(cls, host: str) -> "HostTls":
        """One that verifies certificate and name, by the authorities that the system, or `SSL_CERT_FILE`, trusts."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        context.host = host.strip("[]")
        return context

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """For clients that block."""
        return super().wrap_socket(*arguments, **named | {"server_hostname": self.host})

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        """For asyncio."""
        return super().wrap_bio(*arguments, **named | {"server_hostname": self.host})

"""The pod's egress rules, for connectors whose clients open connections by themselves.

The addresses that are checked are those of the moment: a client resolves the name once more when it connects.
"""

import asyncio
import socket
from typing import Protocol, cast

from connector_sdk import Context


class Egress(Protocol):
    """What says no to an address."""

    def check(self, host: str, addresses: list[str]) -> None:
        """Raise InputError when one of the addresses of a host is refused."""
        ...


def egress_of(context: Context) -> Egress:
    """The rules that the job's HTTP client follows; AttributeError, and so no connection at all, when it follows none."""
    transport = context.http._transport  # pyright: ignore[reportPrivateUsage] - the SDK's context does not offer the rules yet
    return cast("Egress", transport._egress)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] - as above


async def check_host(egress: Egress, host: str) -> None:
    """Raise InputError when a host may not be connected to; a name without an address is left to who wants to connect."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except OSError:
        return
    egress.check(host, [str(entry[4][0]) for entry in found])

"""The pod's egress rules, for connectors whose clients open connections by themselves.

The addresses that are checked are those of the moment: a client resolves the name once more when it connects.
"""

import asyncio
import socket

from connector_sdk import Context, Egress

__all__ = ["Egress", "check_host", "egress_of"]


def egress_of(context: Context) -> Egress:
    """The rules that the job's HTTP client follows."""
    return context.http.egress


async def check_host(egress: Egress, host: str) -> None:
    """Raise InputError when a host may not be connected to; a name without an address is left to who wants to connect."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except OSError:
        return
    egress.check(host, [str(entry[4][0]) for entry in found])

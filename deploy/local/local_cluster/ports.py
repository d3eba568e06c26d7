"""Ports on this machine: free ones for throw-away servers, and a clear word when a fixed one is taken."""

import random
import socket
from collections.abc import Iterable

from local_cluster.errors import LocalClusterError

# below what the kernel hands out for outgoing connections (ip_local_port_range), which could take a port after our look
_LOWEST, _HIGHEST = 15000, 31999


def free_ports(count: int, host: str = "127.0.0.1") -> tuple[int, ...]:
    """So many different ports that nobody listens on now."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(_LOWEST, _HIGHEST)
        if port not in found and is_free(port, host):
            found.append(port)
    return tuple(found)


def is_free(port: int, host: str) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
        return True


def expect_free(ports: Iterable[int], host: str, wanted_by: str) -> None:
    """Raise LocalClusterError naming the ports that something else listens on."""
    taken = [str(port) for port in ports if not is_free(port, host)]
    if taken:
        raise LocalClusterError(
            f'cannot start "{wanted_by}": port {", ".join(taken)} of {host} is in use; '
            f"find its owner with `ss -ltnp 'sport = :{taken[0]}'` and stop it"
        )

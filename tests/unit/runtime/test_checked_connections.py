"""Clients that open connections by themselves get addresses that the egress rules allow."""

import socket
from typing import Any

import pytest

from connector_runtime.egress import EgressRules
from connector_sdk import InputError
from connectors._egress import checked_connection

HOST = "db.example.com"


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What HOST resolves to."""
    found: list[str] = []

    def look_up(host: Any, *arguments: Any, **named: Any) -> list[Any]:
        if host != HOST or not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


async def echo(address: str) -> str:
    if address.endswith(".9"):
        raise ConnectionRefusedError(address)
    return address


async def test_the_first_address_that_answers_is_taken(addresses: list[str]):
    addresses += ["10.0.0.9", "10.0.0.9", "10.0.0.2", "10.0.0.3"]
    assert await checked_connection(EgressRules(), HOST, echo) == "10.0.0.2"


async def test_where_none_answers_the_last_one_says_why(addresses: list[str]):
    addresses += ["10.0.0.9", "10.0.1.9"]
    with pytest.raises(ConnectionRefusedError, match=r"10\.0\.1\.9"):
        await checked_connection(EgressRules(), HOST, echo)


async def test_one_denied_address_among_many_denies_the_host(addresses: list[str]):
    addresses += ["10.0.0.2", "169.254.169.254"]
    with pytest.raises(InputError, match=r"'db.example.com' \(169\.254\.169\.254\): link-local"):
        await checked_connection(EgressRules(), HOST, echo)


async def test_a_name_without_an_address_is_not_reachable(addresses: list[str]):
    assert addresses == []
    with pytest.raises(OSError, match="not known"):
        await checked_connection(EgressRules(), HOST, echo)

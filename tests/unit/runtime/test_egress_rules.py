"""What a job may not reach through the pod, by whichever spelling."""

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest
from aiohttp import web
from loopback_server import listening

from connector_runtime.egress import UNRESTRICTED, EgressRules
from connector_runtime.outgoing import open_http_client
from connector_sdk import Exchange, InputError

DEFAULT = EgressRules()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("fd00:ec2::254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("0.0.0.0", "not the address of a host"),
        ("::", "not the address of a host"),
        ("224.0.0.1", "not the address of a host"),
        ("255.255.255.255", "not the address of a host"),
    ],
)
def test_what_only_the_pod_may_reach_is_denied_in_every_form(address: str, reason: str) -> None:
    assert reason in (DEFAULT.refusal(ip_address(address)) or "")


@pytest.mark.parametrize("address", ["10.96.0.10", "192.168.1.1", "172.16.0.1", "fd12::1", "93.184.216.34", "2606:2800::1"])
def test_the_clusters_services_and_the_internet_are_allowed(address: str) -> None:
    assert DEFAULT.refusal(ip_address(address)) is None


def test_a_denied_range_is_denied_and_an_allowed_one_inside_it_is_not() -> None:
    rules = EgressRules(denied=(ip_network("10.0.0.0/8"),), allowed=(ip_network("10.1.0.0/16"), ip_network("127.0.0.0/8")))
    assert rules.refusal(ip_address("10.2.0.1")) == "the range 10.0.0.0/8 is denied"
    assert rules.refusal(ip_address("10.1.0.1")) is None
    assert rules.refusal(ip_address("127.0.0.1")) is None


def test_one_denied_address_among_several_denies_the_name() -> None:
    with pytest.raises(
        InputError, match=r"cannot connect to 'evil.example' \(127.0.0.1\): loopback .* spec.egress.allowedRanges"
    ):
        DEFAULT.check("evil.example", ["93.184.216.34", "127.0.0.1"])


class Target:
    """A server that nobody is to reach, and that redirects whoever may."""

    def __init__(self) -> None:
        self.port = 0
        self.requests = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.requests += 1
        if "to" in request.query:
            return web.Response(status=302, headers={"Location": request.query["to"]})
        return web.Response(text="reached")


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    app = web.Application()
    app.router.add_get("/", target.answer)
    async with listening(app, "0.0.0.0") as port:
        target.port = port
        yield target


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "0", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::]"],
)
async def test_no_spelling_of_a_denied_address_is_connected_to(target: Target, host: str) -> None:
    url = f"http://{host}:{target.port}/"
    async with open_http_client(DEFAULT) as client:
        for _ in range(2):
            with pytest.raises((InputError, httpx.HTTPError, httpx.InvalidURL)):
                await client.get(url)
            for follow in (False, True):
                with pytest.raises((InputError, httpx.HTTPError, httpx.InvalidURL)):
                    await client.exchange(Exchange("GET", url, {}, follow_redirects=follow))
    assert target.requests == 0


async def test_a_redirect_is_checked_like_a_first_request(target: Target) -> None:
    rules = EgressRules(allowed=(ip_network("127.0.0.1/32"),))
    async with open_http_client(rules) as client:
        for host in ("127.0.0.2", "[::1]"):
            with pytest.raises(InputError, match="loopback addresses are denied"):
                await client.get(
                    f"http://127.0.0.1:{target.port}/", params={"to": f"http://{host}:{target.port}/"}, follow_redirects=True
                )
            redirecting = Exchange(
                "GET", f"http://127.0.0.1:{target.port}/?to=http://{host}:{target.port}/", {}, follow_redirects=True
            )
            with pytest.raises(InputError, match="loopback addresses are denied"):
                await client.exchange(redirecting)
    assert target.requests == 4


async def test_a_redirect_that_is_not_followed_is_an_answer(target: Target) -> None:
    async with open_http_client(UNRESTRICTED) as client:
        answer = await client.exchange(Exchange("GET", f"http://127.0.0.1:{target.port}/?to=http://127.0.0.2/", {}))
    assert (answer.status, dict(answer.headers)["Location"], target.requests) == (302, "http://127.0.0.2/", 1)


async def test_the_checked_address_is_the_one_that_is_connected_to(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time (DNS rebinding) gains nothing: it is not asked again."""
    answers = iter(["127.0.0.1", "127.0.0.66"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "rebind.test":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real(next(answers), *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    async with open_http_client(EgressRules(allowed=(ip_network("127.0.0.1/32"),))) as client:
        url = f"http://rebind.test:{target.port}/"
        assert (await client.exchange(Exchange("GET", url, {}))).body == b"reached"
        assert (await client.get(url)).text == "reached"
    assert asked == ["rebind.test"]


async def test_an_unrestricted_client_reaches_loopback(target: Target) -> None:
    async with open_http_client(UNRESTRICTED) as client:
        assert (await client.get(f"http://localhost:{target.port}/")).text == "reached"

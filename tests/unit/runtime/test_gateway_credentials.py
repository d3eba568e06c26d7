"""How the worker proves who it is: files that come and go, tokens that expire, and one fetch at a time."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from identity_provider import IdentityProvider
from zeebe_gateway import ZeebeGateway

from connector_runtime.config import Basic, OAuth, Tls
from connector_runtime.gateway import ChannelSource, Connection, ConnectionState, Gateway, GatewayError, GatewayFault
from connector_runtime.gateway.credentials import BasicCredentials, OAuthCredentials


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with IdentityProvider().running() as provider:
        yield provider


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def oauth(provider: IdentityProvider, tmp_path: Path, clock: Clock) -> AsyncIterator[OAuthCredentials]:
    (tmp_path / "clientId").write_text("me\n")
    (tmp_path / "clientSecret").write_text("s3cret")
    config = OAuth(type="oauth", directory=tmp_path, token_url=provider.url, audience="zeebe")
    credentials = OAuthCredentials(config, clock=clock)
    yield credentials
    await credentials.close()


async def test_many_calls_at_once_fetch_one_token(provider: IdentityProvider, oauth: OAuthCredentials) -> None:
    values = await asyncio.gather(*(oauth.authorization() for _ in range(50)))
    assert set(values) == {"Bearer token-1"}
    expected = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "s3cret", "audience": "zeebe"}
    assert provider.forms == [expected]


async def test_a_token_is_renewed_before_it_expires_while_the_old_one_serves(
    provider: IdentityProvider, oauth: OAuthCredentials, clock: Clock
) -> None:
    await oauth.authorization()
    clock.now += 2800
    assert await oauth.authorization() == "Bearer token-1"
    async with asyncio.timeout(5):
        while await oauth.authorization() != "Bearer token-2":
            await asyncio.sleep(0.01)
    assert len(provider.forms) == 2


async def test_an_ill_provider_does_not_take_a_token_away_that_is_still_good(
    provider: IdentityProvider, oauth: OAuthCredentials, clock: Clock
) -> None:
    await oauth.authorization()
    provider.status = 503
    clock.now += 3000
    for _ in range(20):
        assert await oauth.authorization() == "Bearer token-1"
        await asyncio.sleep(0.01)
    assert len(provider.forms) == 2, "asked again only after a pause"
    clock.now += 3600
    with pytest.raises(GatewayError, match="answered 503; check clientId and clientSecret"):
        await oauth.authorization()
    provider.status = 200
    clock.now += 60
    assert (await oauth.authorization() or "").startswith("Bearer token-")


async def test_a_refused_token_is_replaced_unless_it_is_brand_new(
    provider: IdentityProvider, oauth: OAuthCredentials, clock: Clock
) -> None:
    first = await oauth.authorization()
    oauth.refused(first or "")
    assert await oauth.authorization() == first
    clock.now += 60
    oauth.refused("Bearer of-somebody-else")
    assert await oauth.authorization() == first
    oauth.refused(first or "")
    assert await oauth.authorization() == "Bearer token-2"


async def test_changed_client_credentials_are_used_for_the_next_token(
    provider: IdentityProvider, oauth: OAuthCredentials, clock: Clock, tmp_path: Path
) -> None:
    await oauth.authorization()
    (tmp_path / "clientSecret").write_text("n3w")
    clock.now += 4000
    await oauth.authorization()
    assert [form["client_secret"] for form in provider.forms] == ["s3cret", "n3w"]


async def test_a_missing_file_is_named_and_is_used_when_it_appears(tmp_path: Path) -> None:
    credentials = BasicCredentials(Basic(type="basic", directory=tmp_path).directory)
    (tmp_path / "username").write_text("ada")
    with pytest.raises(GatewayError, match=f"cannot read the credential '{tmp_path}/password': No such file") as missing:
        await credentials.authorization()
    assert missing.value.fault is GatewayFault.UNAUTHENTICATED
    (tmp_path / "password").write_text("pw\n")
    assert await credentials.authorization() == "Basic " + base64.b64encode(b"ada:pw").decode()


async def test_credentials_go_over_a_plaintext_channel_and_a_missing_one_is_the_gateways_state(
    gateway: ZeebeGateway, tmp_path: Path
) -> None:
    expected = "Basic " + base64.b64encode(b"ada:pw").decode()
    gateway.accepts = lambda authorization: authorization == expected
    connection = Connection(gateway.address)
    client = Gateway(ChannelSource(gateway.address), connection, credentials=BasicCredentials(tmp_path))
    await client.probe()
    report = connection.report()
    assert report.state is ConnectionState.UNAUTHENTICATED
    assert f"'{tmp_path}/username'" in report.message
    (tmp_path / "username").write_text("ada")
    (tmp_path / "password").write_text("wrong")
    await client.probe()
    assert "who are you?" in connection.report().message
    (tmp_path / "password").write_text("pw")
    await client.probe()
    assert connection.report().state is ConnectionState.CONNECTED
    await client.close()


async def test_a_certificate_that_is_not_mounted_yet_is_named_and_its_change_is_noticed(tmp_path: Path) -> None:
    source = ChannelSource("grpcs://zeebe:26500", Tls(ca_file=tmp_path / "ca.crt"))
    with pytest.raises(GatewayError, match=f"cannot read the credential '{tmp_path}/ca.crt'"):
        source.open()
    assert not source.has_changed
    (tmp_path / "ca.crt").write_text("a certificate")
    assert source.has_changed
    await source.open().close()
    assert not source.has_changed

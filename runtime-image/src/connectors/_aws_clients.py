"""AWS's clients, which the jobs of a pod share: one for each service, place and pair of keys."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

import aiohttp

from connector_sdk import Context, InputError, SharedClients
from connectors._aws_access import AwsRequest, AwsSettings, Credentials
from connectors._aws_errors import as_connector_error, broken_off
from connectors._egress import Egress, egress_of
from connectors._extras import extra
from connectors._guarded_sessions import CONNECT_SECONDS, MAX_IDLE_SECONDS, MOST_CONNECTIONS, guarded_sockets

with extra("aws"):
    from aiobotocore.config import AioConfig
    from aiobotocore.session import AioSession
    from botocore.exceptions import BotoCoreError, ClientError

NOT_OURS = ("iam-role", "login", "sso", "custom-process")
"""Sources of credentials that are not the pod's: its node's role, and what a person has at a desk."""

COMPATIBLE: Mapping[str, Any] = {
    "s3": {"addressing_style": "path"},
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}
"""What a service that is not AWS itself understands: no host for each bucket, no checksums that are younger than it."""


@dataclass(frozen=True, slots=True)
class _Place:
    service: str
    region: str
    endpoint: str | None
    access_key: str | None
    secret_key: str | None
    seconds: float
    egress: Egress = field(compare=False, hash=False)


@cache
def aws_session() -> AioSession:
    """One for the pod: it keeps the models of AWS's services, some megabytes each."""
    session = AioSession()
    chain = cast("Any", session.get_component("credential_provider"))
    for name in NOT_OURS:
        chain.remove(name)
    return session


async def _open(place: _Place) -> Any:
    config = AioConfig(
        connector_args={"socket_factory": guarded_sockets(place.egress), "keepalive_timeout": MAX_IDLE_SECONDS},
        warm_up_loader_caches=True,  # in a thread: S3's model alone takes a fifth of a second
        connect_timeout=CONNECT_SECONDS,
        read_timeout=place.seconds,
        max_pool_connections=MOST_CONNECTIONS,
        retries={"total_max_attempts": 1},  # Zeebe tries again, and says so in Operate
        **(COMPATIBLE if place.endpoint else {}),
    )
    created = aws_session().create_client(
        place.service,
        region_name=place.region,
        endpoint_url=place.endpoint,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
        config=config,
    )
    return await created.__aenter__()


async def _close(client: Any) -> None:
    await client.__aexit__(None, None, None)


_clients: SharedClients[_Place, Any] = SharedClients(_open, _close)
close_clients = _clients.close


@asynccontextmanager
async def aws_client(context: Context, request: AwsRequest, service: str, *, endpoint: str | None = None) -> AsyncGenerator[Any]:
    """A client of a service, at `endpoint` where neither input nor settings name one; its errors become ConnectorErrors."""
    settings: AwsSettings = context.settings
    keys = request.authentication
    place = _Place(
        service,
        request.region,
        request.configuration.endpoint or settings.endpoint or endpoint,
        keys.access_key.get_secret_value() if isinstance(keys, Credentials) else None,
        keys.secret_key.get_secret_value() if isinstance(keys, Credentials) else None,
        settings.timeout_seconds,
        egress_of(context),
    )
    try:
        async with _clients.use(place) as client:
            yield client
    except (ClientError, BotoCoreError) as error:
        raise as_connector_error(context, error) from None
    except (aiohttp.ClientError, TimeoutError) as error:  # of a body that is read as it comes
        raise broken_off(error) from error
    except ValueError as error:  # what botocore says about a place that is no address
        msg = f"cannot call AWS: {error}"
        raise InputError(msg) from error

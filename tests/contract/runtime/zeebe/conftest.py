"""One throw-away Zeebe for the tests of this folder."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pyzeebe import ZeebeClient, create_insecure_channel

from local_cluster.zeebe import Zeebe, ZeebeConfig


@pytest.fixture(scope="session")
def zeebe() -> Iterator[Zeebe]:
    with Zeebe(ZeebeConfig.throwaway()) as zeebe:
        yield zeebe


@pytest.fixture
async def client(zeebe: Zeebe) -> AsyncIterator[ZeebeClient]:
    channel = create_insecure_channel(zeebe.grpc_address.removeprefix("grpc://"))
    yield ZeebeClient(channel)
    await channel.close()

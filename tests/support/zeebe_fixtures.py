"""Fixtures of the tests that need a gateway; a folder's conftest imports what its tests use."""

from collections.abc import AsyncIterator

import pytest
from zeebe_gateway import ZeebeGateway


@pytest.fixture
async def gateway() -> AsyncIterator[ZeebeGateway]:
    """A gateway that listens; whatever the test does, it is stopped."""
    gateway = ZeebeGateway()  # pyright: ignore[reportAbstractUsage] - the generated servicer calls every rpc abstract
    await gateway.start()
    yield gateway
    await gateway.stop()

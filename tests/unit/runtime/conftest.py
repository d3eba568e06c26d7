"""Fixtures of the runtime's tests."""

from collections.abc import AsyncIterator

import pytest
from zeebe_gateway import ZeebeGateway


@pytest.fixture
async def gateway() -> AsyncIterator[ZeebeGateway]:
    """A gateway that listens; whatever the test does, it is stopped."""
    gateway = ZeebeGateway()
    await gateway.start()
    yield gateway
    await gateway.stop()

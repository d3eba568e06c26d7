"""Fixtures of the runtime's tests."""

from zeebe_fixtures import gateway

__all__ = ["gateway"]

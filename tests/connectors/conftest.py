"""Fixtures of the connectors' tests: each goes through a job."""

from zeebe_fixtures import gateway

__all__ = ["gateway"]

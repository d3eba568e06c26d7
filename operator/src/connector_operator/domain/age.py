"""Times as the API server writes them (RFC 3339, UTC, whole seconds)."""

from datetime import datetime


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one time to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()

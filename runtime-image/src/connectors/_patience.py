"""How long a service asks to wait: its Retry-After (RFC 9110, 10.2.3).

One that is a date depends on two clocks and is not followed.
"""

from datetime import timedelta

MOST_PATIENCE = timedelta(hours=1)


def asked_patience(text: str | None) -> timedelta | None:
    """The time that a Retry-After names, at most MOST_PATIENCE; None where it names none."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 8:
        return None
    return min(timedelta(seconds=int(text)), MOST_PATIENCE)

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


def patience_after(status: int, retry_after: str | None, *, unnamed: timedelta, throttled: bool = False) -> timedelta | None:
    """How long a service that is overrun asks to wait; None when it refuses for another reason.

    429, or a code of its own for the same, asks for `unnamed` where it names no time; 503 asks only where it names one.
    """
    named = asked_patience(retry_after)
    if throttled or status == 429:
        return unnamed if named is None else named
    return named if status == 503 else None

"""The ways in which a request gets no answer that can be used, out of what httpx raises."""

from enum import Enum

import httpx

FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
"""What `failure_of` tells apart."""


class Failure(Enum):
    """Whose fault it is."""

    REQUEST = "request"
    """It cannot be sent as it is."""
    ANSWER = "answer"
    """It cannot be read, or redirects without end."""
    CONNECTION = "connection"
    """There is none, or it broke."""


def failure_of(error: BaseException | None) -> Failure | None:
    """Which of them it is; None for what is no failure of a request."""
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | UnicodeError():
            return Failure.REQUEST
        case httpx.DecodingError() | httpx.TooManyRedirects():
            return Failure.ANSWER
        case httpx.TransportError():
            return Failure.CONNECTION
        case _:
            return None


def said(error: BaseException | None) -> str:
    """The error's kind and words."""
    return f"{type(error).__name__} {error}".strip()

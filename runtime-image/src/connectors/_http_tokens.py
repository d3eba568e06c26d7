"""OAuth tokens: fetched once for all jobs that need the same one, and kept until shortly before they expire."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import orjson

from connector_sdk import Answer, ConnectorError, Exchange, HttpClient, InputError

EXPIRY_MARGIN_SECONDS = 30
MAX_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Grant:
    """A token request, RFC 6749 §4.4 and §6."""

    endpoint: str
    form: tuple[tuple[str, str], ...]
    authorization: str = ""
    """The header that proves who asks, where the form does not."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    expires: float
    """Monotonic seconds."""
    successor: str = ""
    """The refresh token to ask with next time, where the server hands out a new one with each token."""


_tokens: dict[Grant, _Token] = {}
_fetching: dict[tuple[asyncio.AbstractEventLoop, Grant], asyncio.Task[_Token]] = {}


def filled(form: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The fields that have a value."""
    return tuple((name, value) for name, value in form.items() if value)


def basic_header(user: str, password: str) -> str:
    """The value of a basic `Authorization`, RFC 7617."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


async def token(grant: Grant, client: HttpClient, timeout: httpx.Timeout) -> str:  # noqa: ASYNC109 - of the request, not of this call
    """The access token.

    Raises ConnectorError with the endpoint's status as its code, InputError when it gives no token, and what httpx raises.
    """
    kept = _tokens.get(grant)
    if kept is not None and kept.expires > time.monotonic():
        return kept.value
    place = asyncio.get_running_loop(), grant
    fetching = _fetching.get(place)
    if fetching is None:
        fetching = _fetching[place] = asyncio.create_task(_fetch(grant, kept, client, timeout))
        fetching.add_done_callback(lambda _: _fetching.pop(place, None))
    # A job that is cancelled must not take the token from the others that wait for it.
    return (await asyncio.shield(fetching)).value


def forget(grant: Grant) -> None:
    """Fetch a new token next time: the server did not accept the present one."""
    kept = _tokens.get(grant)
    if kept is not None:
        _tokens[grant] = _Token(kept.value, 0.0, kept.successor)


async def _fetch(grant: Grant, before: _Token | None, client: HttpClient, timeout: httpx.Timeout) -> _Token:  # noqa: ASYNC109 - of the request
    form = dict(grant.form)
    if before is not None and before.successor:
        form["refresh_token"] = before.successor
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if grant.authorization:
        headers["Authorization"] = grant.authorization
    content = urlencode(form).encode()
    request = Exchange("POST", grant.endpoint, headers, content, connect_seconds=timeout.connect, read_seconds=timeout.read)
    answer = await client.exchange(request)
    if answer.status >= 400:
        msg = f"the token endpoint refused the client: {answer.reason}"
        raise ConnectorError(str(answer.status), msg)
    made = _read(answer)
    if len(_tokens) >= MAX_TOKENS:
        _tokens.clear()
    _tokens[grant] = made
    return made


def _read(answer: Answer) -> _Token:
    try:
        document = orjson.loads(answer.body)
        lifetime = float(document.get("expires_in") or 0)
        expires = time.monotonic() + lifetime - EXPIRY_MARGIN_SECONDS
        return _Token(str(document["access_token"]), expires, str(document.get("refresh_token") or ""))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        msg = "cannot use the token endpoint's answer: it is not a JSON object with access_token"
        raise InputError(msg) from error

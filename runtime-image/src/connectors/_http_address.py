"""The address of an HTTP request: the input's own, as RFC 3986 writes it, with parameters after its query."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import quote

import httpx
import orjson

SERVICE_ADDRESS = r"^https?://[^/?#]+[^?#]*$"
"""Where a service is: an address without query and fragment."""
_SEGMENT = r"(?:/(?!\.{1,2}(?:[/?]|$))[A-Za-z0-9\-._~!$&'()*,;=:@]*)"
_PLAIN = re.compile(rf"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]+)?{_SEGMENT}+(?:\?[A-Za-z0-9\-._~!$&()*,;=:@/?]*)?")
"""What is sent as it is written. To take any other address apart costs as much as to send the request."""


def address(url: str, parameters: Sequence[tuple[str, Any]], *, skip_encoding: bool) -> str:
    """The address with its own query as it was written, and the parameters after it; raises httpx.InvalidURL."""
    plain = url if _PLAIN.fullmatch(url) else str(httpx.URL(url)).partition("#")[0]
    if not parameters:
        return plain
    added = pairs(parameters, str if skip_encoding else _percent_encoded)
    before, mark, query = plain.partition("?")
    whole = f"{before}?{'&'.join(filter(None, (query, added)))}" if added else before + mark + query
    return str(httpx.URL(whole)) if skip_encoding else whole


def pairs(parameters: Sequence[tuple[str, Any]], encode: Callable[[str], str]) -> str:
    """A query or a form; a list gives its parameter several times, null gives the name alone."""
    texts: list[str] = []
    for name, value in parameters:
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        texts += [encode(name) if item is None else f"{encode(name)}={encode(scalar(item))}" for item in values]
    return "&".join(texts)


def scalar(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _percent_encoded(text: str) -> str:
    return quote(text, safe="")

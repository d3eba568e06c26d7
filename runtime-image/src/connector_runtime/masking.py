"""Removes secret values from texts that leave the pod: messages, error variables, the status document and logs.

A value is found as it is, as JSON, URLs, XML and Python write it, in hexadecimal, and inside base64 whatever stands before it
(`user:password` of a basic authentication header shifts the encoded password by one of three offsets).
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

from connector_runtime.json_values import Json

MASK = "***"
# Shorter values are too common inside unrelated base64 text to be looked for there.
MIN_ENCODED = 6


class Masker:
    """Masks a fixed set of values."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {form for value in values if value.strip() for form in _forms(value)}
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(_pattern(form) for form in ordered)) if ordered else None

    def text(self, text: str) -> str:
        """Return `text` with every form of every value replaced."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def json(self, value: Json) -> Json:
        """Return a JSON value with all its strings masked, keys too."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.json(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.json(item) for item in value]
        return value


def _pattern(form: str) -> str:
    """Matches a form as it is; percent-encoding is written in both cases."""
    return re.sub(r"%[0-9A-F]{2}", r"(?i:\g<0>)", re.escape(form))


def _forms(value: str) -> Iterator[str]:
    yield value
    stripped = value.strip()
    yield stripped
    yield json.dumps(value, ensure_ascii=True)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (quote(value, safe=""), quote(value), quote_plus(value))
    yield from (escape(value), escape(value, quote=False), repr(value)[1:-1], repr(value.encode())[2:-1])
    if len(stripped) >= MIN_ENCODED:
        yield from (value.encode().hex(), value.encode().hex().upper())
        yield json.dumps(json.dumps(value))[3:-3]
        yield from _base64_forms(value.encode())
        yield from _base64_forms(stripped.encode())


def _base64_forms(content: bytes) -> Iterator[str]:
    """The characters of an encoding that depend on `content` alone, for each offset that it can have."""
    whole = base64.b64encode(content).decode()
    yield from (whole, whole.rstrip("="), base64.urlsafe_b64encode(content).decode())
    for offset, depends_on_before in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * offset + content).rstrip(b"=").decode()
        depends_on_after = 1 if (offset + len(content)) % 3 else 0
        core = encoded[depends_on_before : len(encoded) - depends_on_after]
        yield core
        yield core.replace("+", "-").replace("/", "_")

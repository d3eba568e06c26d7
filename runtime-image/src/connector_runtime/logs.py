"""JSON lines on standard output, one object per line; never a variable of a job, never a secret.

Of an exception the types and the stack are written and not its text, which so often quotes what it was given. The fields
of the job at hand are a context variable, so that every line written while a connector function runs carries them,
whichever logger it uses.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO

from connector_runtime.masking import Masker

MAX_TEXT = 8_000

_job_fields: ContextVar[Mapping[str, str | int] | None] = ContextVar("job_fields", default=None)


@contextmanager
def job_logging(fields: Mapping[str, str | int]) -> Generator[None]:
    """Put `fields` on every line that is logged inside."""
    token = _job_fields.set(fields)
    try:
        yield
    finally:
        _job_fields.reset(token)


class JsonLines(logging.Formatter):
    """Formats a record; `maskers` gives those of all Connectors at the moment of writing."""

    def __init__(self, maskers: Callable[[], list[Masker]]) -> None:
        super().__init__()
        self._maskers = maskers

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._masked(record.getMessage()),
        }
        line |= _job_fields.get() or {}
        action = getattr(record, "action", None)
        if action is not None:
            line["action"] = str(action)
        if record.exc_info:
            line["exception"] = "".join(_stack_without_texts(record.exc_info[1]))[-MAX_TEXT:]
        return json.dumps(line, ensure_ascii=False)

    def _masked(self, text: str) -> str:
        for masker in self._maskers():
            text = masker.text(text)
        return text[:MAX_TEXT]


def _stack_without_texts(error: BaseException | None) -> Iterator[str]:
    """The frames and the type of an exception, after those of what caused it."""
    if error is None:
        return
    yield from _stack_without_texts(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"


def configure(level: str, maskers: Callable[[], list[Masker]], stream: IO[str] | None = None) -> None:
    """Make the root logger write JSON lines."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines(maskers))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These write addresses with their query strings, which may hold process data.
    for name in ("httpx", "httpcore", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)

"""What a log line of a worker holds, and what it never holds."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector_runtime.logs import configure, job_logging
from connector_runtime.masking import Masker

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("INFO", lambda: [Masker(["hunter2"])], stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level


def test_a_line_is_one_json_object_with_time_level_logger_and_message(lines: Lines) -> None:
    logging.getLogger("a.b").warning("first\nsecond %d", 2)
    (line,) = lines()
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "WARNING", "logger": "a.b", "message": "first\nsecond 2"}


def test_an_action_is_a_member(lines: Lines) -> None:
    logging.getLogger("a").info("x", extra={"action": "failed"})
    assert lines()[0]["action"] == "failed"


async def test_lines_of_a_job_carry_its_fields_and_only_those(lines: Lines) -> None:
    async def job(key: int) -> None:
        with job_logging({"jobKey": key}):
            await asyncio.sleep(0)
            logging.getLogger("third.party").info("working")

    await asyncio.gather(job(1), job(2))
    logging.getLogger("a").info("after")
    assert [line.get("jobKey") for line in lines()] == [1, 2, None]


def test_secrets_are_masked(lines: Lines) -> None:
    logging.getLogger("a").info("token %s, encoded %s", "hunter2", "aHVudGVyMg==")
    assert lines()[0]["message"] == "token ***, encoded ***"


def test_of_an_exception_the_types_and_the_stack_are_written_and_not_the_text(lines: Lines) -> None:
    def fails() -> None:
        try:
            {}["customer Ada Lovelace"]
        except KeyError as error:
            raise ValueError("cannot find Ada Lovelace") from error

    try:
        fails()
    except ValueError:
        logging.getLogger("a").exception("failed")
    (line,) = lines()
    assert "builtins.KeyError\n" in line["exception"]
    assert line["exception"].endswith("builtins.ValueError\n")
    assert "in fails" in line["exception"]
    assert "customer" not in line["exception"].replace('{}["customer Ada Lovelace"]', "")


def test_http_libraries_do_not_log_addresses(lines: Lines) -> None:
    logging.getLogger("httpx").info("GET https://x/?name=Ada")
    assert lines() == []


def test_debug_lines_are_written_only_when_asked_for(lines: Lines) -> None:
    logging.getLogger("a").debug("x")
    assert lines() == []

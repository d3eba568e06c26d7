"""JSON that other people wrote, read so that whatever they wrote is one kind of error."""

import json
from typing import Any, NoReturn


def read_json(text: str) -> Any:
    """Read a JSON text; raises `ValueError` with a sentence, also for NaN and for what is nested too deeply to be read."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")

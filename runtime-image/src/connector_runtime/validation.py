"""One wording for what pydantic finds wrong: the field's path, what is expected, and the value where it may be shown."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MAX_SHOWN = 5


def describe(error: ValidationError, *, show_values: bool = False) -> str:
    """Put a validation error into one line; values are shown only where they cannot be secret."""
    details = error.errors(include_url=False, include_context=False)
    shown = "; ".join(_describe_one(detail, show_values=show_values) for detail in details[:MAX_SHOWN])
    more = len(details) - MAX_SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown


def _describe_one(detail: ErrorDetails, *, show_values: bool) -> str:
    where = path_text(detail["loc"])
    text = detail["msg"].removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    if detail["type"] == "missing":
        return f"{where}: is missing"
    value = detail["input"]
    if show_values and isinstance(value, str | int | float | bool):
        return f"{where}: '{value}' is refused: {text}"
    return f"{where}: {text}"


def path_text(location: tuple[Any, ...]) -> str:
    """Write a location as people do: `connectors[2].maxJobsActive`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the document"

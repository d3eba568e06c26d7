"""User-fixable findings: values, never exceptions."""

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from connector_operator.api.conditions import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a user can put right: a reason from the API and a sentence that names field, value and remedy."""

    reason: Reason
    message: str


def invalid(error: ValidationError, root: str = "spec") -> Problem:
    """Turn what the model of a member says into one `InvalidSpec` that names each field, the value and what is expected."""
    return Problem(Reason.INVALID_SPEC, "; ".join(_sentence(item, root) for item in error.errors(include_url=False)[:5]))


def _sentence(item: ErrorDetails, root: str) -> str:
    # cut, since the name of a member may be as long as a user likes and what is expected has to be seen after it
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part:.100}" for part in item["loc"])
    expected = str(item["msg"]).removeprefix("Value error, ")
    value = item.get("input")
    shown = f" (got {value!r:.100})" if isinstance(value, str | int | float | bool) else ""
    return f"{root}{path}: {expected[:1].lower()}{expected[1:]}{shown}"

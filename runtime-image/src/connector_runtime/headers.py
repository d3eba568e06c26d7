"""The headers of a job that are instructions to the runtime.

Names and meaning: https://docs.camunda.io/docs/components/connectors/use-connectors/outbound/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from connector_runtime.durations import parse_duration
from connector_runtime.json_values import NotJsonError, parse_object
from connector_sdk import InputError

MOST_KEPT = 512
"""Header documents whose reading is remembered."""


class Header(StrEnum):
    """The headers that the runtime itself reads; all others are the connector function's."""

    RESULT_VARIABLE = "resultVariable"
    """Name of the variable that takes the whole response."""
    RESULT_EXPRESSION = "resultExpression"
    """FEEL; gives the object whose members become variables."""
    ERROR_EXPRESSION = "errorExpression"
    """FEEL; may turn a response or a failure into a BPMN error, a job error or an ignored error."""
    RETRY_BACKOFF = "retryBackoff"
    """ISO-8601 duration to wait before a failed job is tried again."""
    JOB_TIMEOUT = "jobTimeout"
    """ISO-8601 duration for which the job is this worker's."""
    OPERATION = "operation"
    """Which operation of a connector that has several."""
    TEMPLATE_ID = "elementTemplateId"
    """The element template of the diagram's element: a label of metrics and logs."""
    TEMPLATE_VERSION = "elementTemplateVersion"
    """Its version: likewise."""


@dataclass(frozen=True, slots=True)
class JobHeaders:
    """The headers of one job; an absent or blank one is None."""

    values: Mapping[str, str]
    result_variable: str | None = None
    result_expression: str | None = None
    error_expression: str | None = None
    retry_backoff: timedelta | None = None
    job_timeout: timedelta | None = None


@lru_cache(MOST_KEPT)
def headers_of(text: str) -> JobHeaders:
    """Read a job's header document, which is the same for all jobs of an element; raises InputError."""
    return parse_headers(read_headers(text))


def parse_headers(values: Mapping[str, str]) -> JobHeaders:
    """Read the runtime's own headers; raises InputError that names the header."""
    return JobHeaders(
        values=MappingProxyType(dict(values)),
        result_variable=_text(values, Header.RESULT_VARIABLE),
        result_expression=_text(values, Header.RESULT_EXPRESSION),
        error_expression=_text(values, Header.ERROR_EXPRESSION),
        retry_backoff=_duration(values, Header.RETRY_BACKOFF, shortest=timedelta(0)),
        job_timeout=_duration(values, Header.JOB_TIMEOUT, shortest=timedelta(milliseconds=1)),
    )


def read_headers(text: str) -> dict[str, str]:
    """Read a job's header document; raises InputError."""
    try:
        document = parse_object(text)
    except NotJsonError as error:
        msg = f"cannot read the job's headers: the document {error}"
        raise InputError(msg) from error
    return {name: value if isinstance(value, str) else str(value) for name, value in document.items()}


def _text(values: Mapping[str, str], header: Header) -> str | None:
    value = values.get(header, "").strip()
    return None if value in ("", "=") else value


def _duration(values: Mapping[str, str], header: Header, *, shortest: timedelta) -> timedelta | None:
    text = _text(values, header)
    if text is None:
        return None
    try:
        duration = parse_duration(text)
    except ValueError as error:
        msg = f"cannot read header '{header}': {error}; correct it in the element's properties"
        raise InputError(msg) from error
    if duration < shortest:
        msg = f"cannot use header '{header}': '{text}' is too short; correct it in the element's properties"
        raise InputError(msg)
    return duration

"""What a connector function raises to say how its job ends.

Any other exception is a failure too: one retry less, after the back-off that the element's `retryBackoff` header names.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any


class ConnectorError(Exception):
    """The outside world refused; the job fails with one retry less.

    `code` and `variables` are what the element's error expression sees as `error.code` and `error.variables`: it may turn
    the failure into a BPMN error.
    """

    def __init__(self, code: str | None, message: str, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


class InputError(ConnectorError):
    """The input of this job can never work: the job fails at once with no retry left, which raises an incident."""

    def __init__(self, message: str, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(None, message, variables)


class RetryError(ConnectorError):
    """The function decides itself how often and when the job is tried again.

    `retries` is what is left after this failure (default: one less than before; 0 when no further try can help), `backoff`
    the wait before the next try (default: the element's `retryBackoff` header), `code` and `variables` what the error
    expression sees, as with ConnectorError.
    """

    def __init__(
        self,
        message: str,
        *,
        retries: int | None = None,
        backoff: timedelta | None = None,
        code: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, variables)
        self.retries = retries
        self.backoff = backoff


class BpmnError(Exception):
    """The process has a way to go on from here: a BPMN error that an error event of the diagram catches by `code`."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, Any] | None = None) -> None:
        if not code:
            msg = "cannot throw a BPMN error without a code: name the code that the error event catches"
            raise ValueError(msg)
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.variables = dict(variables or {})

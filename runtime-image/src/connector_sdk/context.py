"""What a connector function may know about the job it runs, beside its input."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector_sdk.documents import Documents
from connector_sdk.errors import InputError, RetryError
from connector_sdk.exchange import HttpClient
from connector_sdk.messages import Messages


class Secrets(Mapping[str, str]):
    """The secrets that this Connector declares, as they are mounted at this moment."""

    def __init__(self, values: Mapping[str, str], connector: str) -> None:
        self._values = values
        self._connector = connector

    def __getitem__(self, name: str) -> str:
        """Return the value of a declared secret; an unknown or absent one is an `InputError` that names it."""
        try:
            return self._values[name]
        except KeyError:
            msg = f"cannot find secret '{name}': Connector '{self._connector}' has no such secret, add it to spec.secrets"
            raise InputError(msg) from None

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        """Name the secrets and never show a value."""
        return f"Secrets({sorted(self._values)})"


@dataclass(frozen=True, slots=True)
class Job:
    """The Zeebe job: its identity, where in which process it stands, and what its element's headers say."""

    key: int
    """The same over all retries of the job: what an outside system may use to recognise a repeated call."""
    type: str
    headers: Mapping[str, str]
    bpmn_process_id: str
    process_definition_key: int
    process_definition_version: int
    process_instance_key: int
    element_id: str
    element_instance_key: int
    tenant_id: str
    retries: int
    """How many tries are left, this one included."""
    deadline: datetime
    """When Zeebe would give the job to another worker; it moves while the function runs."""

    @property
    def idempotency_key(self) -> str:
        """What to send with a call that must not take effect twice: the same for every try of this job, and for no other."""
        return f"zeebe-job-{self.key}"


@dataclass(frozen=True, slots=True)
class Context:
    """The second, optional parameter of a connector function."""

    job: Job
    settings: Any
    """An instance of the function's settings model, or the plain mapping when it has none."""
    secrets: Secrets
    logger: logging.LoggerAdapter[logging.Logger]
    """Writes JSON lines that carry the job's key, type, process instance and element."""
    http: HttpClient
    """httpx's client, shared by all jobs of the pod; set timeouts and headers per request, never on the client."""
    documents: Documents
    """Files that process variables only refer to."""
    messages: Messages
    """What other process instances wait for."""
    job_timeout: timedelta
    """For how long Zeebe leaves the job to this worker before the runtime renews it."""

    def retry(self, message: str, *, after: timedelta) -> RetryError:
        """What to raise to be called again later without using up one of the job's retries.

        raise context.retry("the report is not ready", after=timedelta(minutes=1))
        """
        return RetryError(message, retries=self.job.retries, backoff=after)

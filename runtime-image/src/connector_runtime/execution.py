"""Runs one Connector's function for one job."""

import asyncio
import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connector_runtime.binding import InputBinding
from connector_runtime.definitions import Definitions
from connector_runtime.gateway import ActivatedJob
from connector_runtime.grants import Grant
from connector_runtime.headers import JobHeaders
from connector_runtime.json_values import Json, NotJsonError, is_object, parse_object, to_json
from connector_runtime.loading import AnyFunction
from connector_runtime.messages import MessageApi
from connector_runtime.placeholders import Placeholders, may_hold_placeholder
from connector_runtime.secrets import MountedSecrets
from connector_sdk import Context, Documents, HttpClient, InputError, Job, Messages, Secrets


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a connector function is served with, the same for all its jobs."""

    connector: str
    settings: Any
    secrets: MountedSecrets
    http: HttpClient
    threads: Executor
    """Where a sync function runs: as many threads as the Connector may hold jobs."""
    documents: Documents
    definitions: Definitions | None = None
    """Who knows what the diagram grants; None: every placeholder counts."""
    messages: Messages = field(default_factory=lambda: MessageApi(None))


class Execution:
    """Binds, calls and converts."""

    def __init__(self, function: AnyFunction, equipment: Equipment) -> None:
        self._function = function
        self._equipment = equipment
        self._placeholders = Placeholders(equipment.connector, equipment.secrets.may_appear)
        self.binding = InputBinding(function.input_model)
        self._logger = logging.LoggerAdapter(logging.getLogger(f"connector.{equipment.connector}"))
        self._own = Grant.of(self.binding.default_placeholders)

    async def run(self, job: ActivatedJob, headers: JobHeaders, lock: timedelta) -> Json:
        """Run the function and return its response; whatever it raises comes through unchanged."""
        argument = self._argument(job, headers, await self._granted(job))
        arguments = [argument]
        if self._function.takes_context:
            arguments.append(self._context(job, headers, lock))
        result = await self._call(arguments)
        try:
            return to_json(result)
        except NotJsonError as error:
            msg = f"cannot send the result to Zeebe: {error}"
            raise InputError(msg) from error

    async def _granted(self, job: ActivatedJob) -> Grant | None:
        """Where placeholders count in this job: where its diagram and the function's own defaults put them."""
        definitions = self._equipment.definitions
        if definitions is None:
            return None
        if "secrets." not in job.variables:
            return self._own
        granted = await definitions.grant(job)
        return None if granted is None else granted | self._own

    def _argument(self, job: ActivatedJob, headers: JobHeaders, granted: Grant | None) -> Any:
        secrets = self._equipment.secrets.values
        try:
            variables = parse_object(job.variables)
        except NotJsonError as error:
            msg = f"cannot read the variables of this job: the document {error}"
            raise InputError(msg) from error
        filled = self.binding.with_defaults(variables)
        if not self._own.names and not may_hold_placeholder(job.variables):
            replaced: Json = filled
        elif granted is None:
            replaced = self._placeholders.replace(filled, secrets)
        else:
            replaced = self._placeholders.replace_granted(filled, secrets, granted.names)
        given: dict[str, Json] = replaced if is_object(replaced) else {}
        for name in self.binding.header_fields:
            if name in headers.values:
                given[name] = headers.values[name]
        return self.binding.bind(given)

    def _context(self, job: ActivatedJob, headers: JobHeaders, lock: timedelta) -> Context:
        equipment = self._equipment
        return Context(
            job=Job(
                key=job.key,
                type=job.type,
                headers=headers.values,
                bpmn_process_id=job.bpmn_process_id,
                process_definition_key=job.process_definition_key,
                process_definition_version=job.process_definition_version,
                process_instance_key=job.process_instance_key,
                element_id=job.element_id,
                element_instance_key=job.element_instance_key,
                tenant_id=job.tenant_id,
                retries=job.retries,
                deadline=job.deadline,
            ),
            settings=equipment.settings,
            secrets=Secrets(equipment.secrets.values, equipment.connector),
            logger=self._logger,
            http=equipment.http,
            documents=equipment.documents,
            messages=equipment.messages,
            job_timeout=lock,
        )

    async def _call(self, arguments: list[Any]) -> Any:
        try:
            if self._function.is_async:
                return await self._function.function(*arguments)
            # The log lines of a sync function carry its job's fields too.
            run: Callable[..., Any] = contextvars.copy_context().run
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._equipment.threads, run, self._call_sync, arguments)
        except SystemExit as error:
            # It would end the pod and with it the jobs of all neighbours.
            msg = f"the connector function called sys.exit({error.code!r})"
            raise RuntimeError(msg) from error
        except KeyboardInterrupt as error:
            # So would this one; a real Ctrl-C is a signal that the loop handles and never arrives here.
            msg = "the connector function raised KeyboardInterrupt"
            raise RuntimeError(msg) from error

    def _call_sync(self, arguments: list[Any]) -> Any:
        try:
            return self._function.function(*arguments)
        except StopIteration as error:
            # A future cannot carry it; the job would never end.
            msg = "the connector function raised StopIteration"
            raise RuntimeError(msg) from error

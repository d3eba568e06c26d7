"""One Connector in this pod: loaded, checked, waiting for its secrets, or serving jobs; never a burden to its neighbours."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from connector_runtime.capacity import ByteBudget
from connector_runtime.config import ConnectorConfig, TemplateOrigin, WorkerConfig
from connector_runtime.crash_journal import MOST_CRASHES, CrashJournal
from connector_runtime.daemon_threads import in_daemon_thread
from connector_runtime.definitions import Definitions
from connector_runtime.dispatch import Dispatch
from connector_runtime.execution import Equipment
from connector_runtime.gateway import Gateway, Subscription
from connector_runtime.handling import Handled, JobHandler
from connector_runtime.intake import Intake
from connector_runtime.intake_desk import IntakeDesk
from connector_runtime.judging import Judge
from connector_runtime.loading import AnyFunction, LoadError, load_functions
from connector_runtime.metrics import Metrics, Reading
from connector_runtime.secrets import MountedSecrets
from connector_runtime.templates import ElementTemplate, TemplateError, element_template
from connector_runtime.tracing import Tracing
from connector_runtime.validation import describe
from connector_sdk import Documents, HttpClient, Messages

logger = logging.getLogger(__name__)


class ServingState(StrEnum):
    """The states of docs/worker-contract.md §3."""

    LOADED = "Loaded"
    PENDING = "Pending"
    LOAD_FAILED = "LoadFailed"
    SETTINGS_INVALID = "SettingsInvalid"
    SECRETS_MISSING = "SecretsMissing"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all Connectors of a pod share."""

    worker: WorkerConfig
    gateway: Gateway
    http: HttpClient
    metrics: Metrics
    budget: ByteBudget
    journal: CrashJournal
    definitions: Definitions
    documents: Documents
    messages: Messages
    tracing: Tracing
    stream: bool = True
    """Whether jobs may be pushed."""


class ServedConnector:
    """The life of one Connector in one pod."""

    def __init__(self, config: ConnectorConfig, surroundings: Surroundings) -> None:
        self.config = config
        self.secrets = MountedSecrets(config.secrets.directory, config.secrets.names, config.secrets.from_)
        self.templates: tuple[ElementTemplate, ...] = ()
        self.functions: tuple[AnyFunction, ...] = ()
        """Those that serve jobs."""
        self.handler: JobHandler | None = None
        self.intake: Intake | None = None
        self._surroundings = surroundings
        self._failure: tuple[ServingState, str] | None = None
        self._stopping = False
        self._threads: ThreadPoolExecutor | None = None

    @property
    def label(self) -> str:
        """What messages and the names of tasks call it."""
        return f"Connector '{self.config.name}'"

    def blame(self, seconds: float) -> None:
        """Its function blocked the event loop."""
        if self.handler is not None:
            text = f"the connector function blocked the event loop for {seconds:.1f} s, and with it all other Connectors"
            self.handler.counts.last_error = f"{text}: make it sync, or await what it waits for"

    @property
    def state(self) -> ServingState:
        """Where it stands now."""
        if self._failure is not None:
            return self._failure[0]
        if self.handler is None:
            return ServingState.PENDING
        return ServingState.SECRETS_MISSING if self.secrets.missing else ServingState.LOADED

    @property
    def message(self) -> str:
        """What is wrong and what to do; empty when loaded."""
        match self.state:
            case ServingState.PENDING:
                return "the connector function is being loaded"
            case ServingState.SECRETS_MISSING:
                return f"waiting for secrets: {', '.join(self.secrets.missing)}; create them, jobs wait in Zeebe"
            case ServingState.LOADED:
                return ""
            case _:
                return self._failure[1] if self._failure else ""

    @property
    def is_awaited(self) -> bool:
        """Whether the pod is not ready yet because of this Connector."""
        if self.state is ServingState.LOADED:
            return self.intake is None or not self.intake.has_polled
        return self.state is ServingState.PENDING

    def reading(self) -> Reading:
        """What metrics say about it now."""
        return Reading(
            connector=self.config.name,
            active=self.handler.active if self.handler else 0,
            oldest_seconds=self.handler.oldest_seconds if self.handler else 0.0,
            secrets_missing=len(self.secrets.missing),
            polls=self.intake is not None and self.intake.is_running,
            streams=self.intake is not None and self.intake.desk.is_streaming,
        )

    async def load(self) -> None:
        """Load the function and begin to serve; failures become the state."""
        journal, name = self._surroundings.journal, self.config.name
        if journal.load_crashes(name) >= MOST_CRASHES:
            self._fail(ServingState.LOAD_FAILED, "three times the worker ended while this code was loaded; correct it")
            return
        try:
            with journal.loading(name):
                functions = await in_daemon_thread(lambda: load_functions(name, self.config.source), "connector loader")
            settings = _settings(next(iter(functions.values())), self.config)
            self.templates = _templates(functions, self.config)
            self._serve(functions, settings)
        except LoadError as error:
            self._fail(ServingState.LOAD_FAILED, str(error))
            return
        except ValidationError as error:
            text = f"cannot use the settings: {describe(error, show_values=True)}; correct spec.settings"
            self._fail(ServingState.SETTINGS_INVALID, text)
            return
        except Exception as error:
            # Code of a Connector runs here too: its settings model, the defaults of its input model.
            self._fail(ServingState.LOAD_FAILED, f"cannot prepare the connector function: {type(error).__name__}: {error}")
            logger.exception("cannot prepare the connector function", extra={"action": "load"})
            return
        await self.check_secrets()

    def _fail(self, state: ServingState, text: str) -> None:
        self._failure = (state, self.secrets.masker.text(text))
        logger.error("Connector '%s' is not served: %s", self.config.name, text, extra={"action": "load"})

    def _serve(self, functions: Mapping[str, AnyFunction], settings: Any) -> None:
        config, shared = self.config, self._surroundings
        self._threads = threads = ThreadPoolExecutor(config.max_jobs_active, thread_name_prefix=config.name)
        equipment = Equipment(
            config.name, settings, self.secrets, shared.http, threads, shared.documents, shared.definitions, shared.messages
        )
        execution = Dispatch(functions, equipment)
        self.functions = tuple(functions.values())
        lock = timedelta(seconds=config.timeout_seconds)
        metrics = shared.metrics.of_job_type(config.job_type)
        handled = Handled(
            gateway=shared.gateway,
            execution=execution,
            secrets=self.secrets,
            lock=lock,
            metrics=metrics,
            journal=shared.journal,
            judge=Judge(self.secrets, shared.documents),
            name=self.label,
            tracing=shared.tracing,
        )
        self.handler = JobHandler(handled, config.max_jobs_active)
        variables = config.fetch_variables
        subscription = Subscription(
            job_type=config.job_type,
            worker_name=shared.worker.worker_name,
            lock_ms=config.timeout_seconds * 1000,
            fetch_variables=execution.fetch_variables if variables is None else variables,
            tenant_ids=shared.worker.camunda.tenant_ids,
        )
        desk = IntakeDesk(shared.gateway, subscription, self.handler, shared.budget)
        self.intake = Intake(desk, stream=shared.stream)

    async def check_secrets(self) -> None:
        """Read the mounted secrets again; activate jobs exactly while none is missing."""
        if self.secrets.refresh():
            logger.info("secrets of Connector '%s' changed", self.config.name, extra={"action": "secrets"})
        if self.intake is None or self._stopping:
            return
        if self.secrets.missing:
            await self.intake.suspend()
        else:
            self.intake.resume()

    async def stop_intake(self) -> None:
        """Activate no more jobs, for good."""
        self._stopping = True
        if self.intake is not None:
            await self.intake.suspend()

    async def drain(self, seconds: float) -> None:
        """Let running jobs end, hand back those that do not in time."""
        if self.handler is not None:
            await self.handler.drain(seconds)
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def _settings(function: AnyFunction, config: ConnectorConfig) -> Any:
    if function.settings_model is None:
        return config.settings
    return function.settings_model.model_validate(config.settings)


def _templates(functions: Mapping[str, AnyFunction], config: ConnectorConfig) -> tuple[ElementTemplate, ...]:
    if config.element_templates is TemplateOrigin.GIVEN:
        return ()
    try:
        return tuple(element_template(function, config.job_type, key) for key, function in functions.items())
    except TemplateError as error:
        logger.error("Connector '%s' has no element template: %s", config.name, error, extra={"action": "template"})
        return ()

"""The worker of one pod: puts everything together, keeps watch, and ends without losing a job."""

import asyncio
import gc
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector_runtime.capacity import ByteBudget, budget_of_this_container
from connector_runtime.closing import close_functions
from connector_runtime.config import LoadedConfig
from connector_runtime.crash_journal import CrashJournal
from connector_runtime.definitions import Definitions
from connector_runtime.documents import DocumentStore
from connector_runtime.egress import EgressRules
from connector_runtime.gateway import ChannelSource, Connection, ConnectionState, Gateway, credentials_of
from connector_runtime.heap import give_back_holes
from connector_runtime.masking import Masker
from connector_runtime.messages import MessageApi
from connector_runtime.metrics import Metrics, PodReading
from connector_runtime.outgoing import open_http_client
from connector_runtime.rest_api import RestApi
from connector_runtime.secrets import POLL_SECONDS
from connector_runtime.server import Endpoints, Server
from connector_runtime.serving import ServedConnector, Surroundings
from connector_runtime.status import status_text
from connector_runtime.tracing import tracing_of_environment
from connector_runtime.watchdog import LoopWatchdog

logger = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
QUIET_SECONDS = 5.0
"""Without a job that ends: then the time of work is over."""
TRACES_SECONDS = 1.0
"""For how long the last spans are waited for: jobs come first, and the grace period ends."""
RESERVED_SECONDS = 5
"""What is left of the grace period for handing jobs back and saying good-bye."""
GOODBYE_SECONDS = 2.0
LEAST_TO_CLOSE, MOST_TO_CLOSE = 0.5, 10.0
"""For how many seconds connectors may close their clients: what the grace period leaves, within these."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides."""

    host: str | None = None
    """Where to listen; None: on all addresses, probes and the operator come from outside the pod."""
    port: int = 9600
    long_poll: float = 10.0
    """For how many seconds the gateway may hold a request for jobs."""
    stream: bool = True
    """Whether jobs may be pushed; otherwise they are polled only."""
    journal: Path = Path(tempfile.gettempdir())
    """A folder that outlives the container: what ran when a process ended is found there by the next one."""


class Worker:
    """Serves the Connectors of a configuration until it is told to stop."""

    def __init__(self, loaded: LoadedConfig, options: Options = Options()) -> None:
        self._config = loaded.config
        self._hash = loaded.hash
        self._options = options
        self._connection = Connection(self._config.camunda.grpc_address)
        self._metrics = Metrics()
        self._connectors: dict[str, ServedConnector] = {}
        self._stopping = False
        self._server = Server(self._endpoints(), options.host, options.port)

    @property
    def port(self) -> int:
        """The port of the HTTP endpoints, once they are served."""
        return self._server.port

    @property
    def is_listening(self) -> bool:
        """Whether the HTTP endpoints are served."""
        return self._server.is_listening

    def maskers(self) -> list[Masker]:
        """Those of all Connectors, for what is not one Connector's alone."""
        return [connector.secrets.masker for connector in self._connectors.values()]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then drain; returns when every job is reported or handed back."""
        camunda = self._config.camunda
        credentials = credentials_of(camunda)
        api = RestApi(camunda, credentials)
        definitions = Definitions(api, self._config.secret_filter)
        gateway = Gateway(
            ChannelSource(camunda.grpc_address, camunda.tls),
            self._connection,
            credentials=credentials,
            long_poll=self._options.long_poll,
        )
        budget = ByteBudget(budget_of_this_container())
        self._metrics.watch(lambda: self._reading(gateway, budget))
        egress = self._config.egress
        async with open_http_client(EgressRules(egress.denied_ranges, egress.allowed_ranges)) as http:
            journal = CrashJournal(self._options.journal)
            tracing = tracing_of_environment(self._config.worker_name)
            shared = Surroundings(
                worker=self._config,
                gateway=gateway,
                http=http,
                metrics=self._metrics,
                budget=budget,
                journal=journal,
                definitions=definitions,
                documents=DocumentStore(api, http),
                messages=MessageApi(api),
                tracing=tracing,
                stream=self._options.stream,
            )
            self._connectors = {entry.name: ServedConnector(entry, shared) for entry in self._config.connectors}
            await self._server.start()
            watchdog = LoopWatchdog(self._blame)
            chores = [
                asyncio.create_task(chore)
                for chore in (self._load(journal), self._watch_files(gateway), self._probe(gateway), self._tidy())
            ]
            try:
                await stop.wait()
            finally:
                self._stopping = True
                for chore in chores:
                    chore.cancel()
                await asyncio.gather(*chores, return_exceptions=True)
                await self._drain(gateway)
                await definitions.close()
                await api.close()
                await tracing.close(TRACES_SECONDS)
                journal.close()
                watchdog.stop()
                await self._server.stop()

    async def _load(self, journal: CrashJournal) -> None:
        connectors = self._connectors.values()
        logger.info("serving %d Connectors", len(connectors), extra={"action": "start"})
        # What may have ended the process before is loaded after all others, one by one.
        suspects = [connector for connector in connectors if journal.load_crashes(connector.config.name)]
        await asyncio.gather(*(connector.load() for connector in connectors if connector not in suspects))
        for suspect in suspects:
            await suspect.load()
        # All code and every model stay for good: no collection needs to look through them again.
        gc.collect()
        gc.freeze()

    def _blame(self, task: str, seconds: float) -> None:
        for connector in self._connectors.values():
            if task.startswith(f"{connector.label} "):
                connector.blame(seconds)

    async def _watch_files(self, gateway: Gateway) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            gateway.check_certificates()
            for connector in self._connectors.values():
                try:
                    await connector.check_secrets()
                except Exception:
                    # The next second may be better, and the other Connectors need their secrets now.
                    logger.exception("cannot check the secrets of Connector '%s'", connector.config.name)

    async def _probe(self, gateway: Gateway) -> None:
        """Know the gateway also while nothing is polled."""
        while True:
            if not self._connection.was_connected or self._connection.seconds_since_answer > PROBE_SECONDS:
                await gateway.probe()
            await gateway.pause(PROBE_SECONDS if self._connection.was_connected else 0.5)

    async def _tidy(self) -> None:
        """Give memory back after each time of work, once it is over."""
        tidied = ended = 0
        while True:
            await asyncio.sleep(QUIET_SECONDS)
            handlers = [connector.handler for connector in self._connectors.values() if connector.handler is not None]
            before, ended = ended, sum(handler.counts.completed + handler.counts.failed for handler in handlers)
            if before == ended != tidied and not any(handler.active for handler in handlers):
                give_back_holes()
                tidied = ended

    async def _drain(self, gateway: Gateway) -> None:
        begun = time.monotonic()
        grace = self._config.termination_grace_period_seconds
        connectors = self._connectors.values()
        await asyncio.gather(*(connector.stop_intake() for connector in connectors))
        logger.info("no more jobs are activated", extra={"action": "stop"})
        left = max(grace - RESERVED_SECONDS, grace / 2) - (time.monotonic() - begun)
        await asyncio.gather(*(connector.drain(max(left, 0.0)) for connector in connectors))
        # The last job is over: connectors may close what they kept open, while the gateway hangs up.
        left = min(max(grace - GOODBYE_SECONDS - (time.monotonic() - begun), LEAST_TO_CLOSE), MOST_TO_CLOSE)
        functions = [function for connector in connectors for function in connector.functions]
        await asyncio.gather(gateway.close(), close_functions(functions, left))
        logger.info("all jobs are reported or handed back", extra={"action": "stopped"})

    def _endpoints(self) -> Endpoints:
        return Endpoints(
            status=lambda: status_text(self._hash, self._connection.report(), self._connectors.values()),
            liveness_problem=self._liveness_problem,
            readiness_problem=self._readiness_problem,
            templates=self._templates,
            metrics=self._metrics,
        )

    def _reading(self, gateway: Gateway, budget: ByteBudget) -> PodReading:
        connected = self._connection.report().state is ConnectionState.CONNECTED
        connectors = [connector.reading() for connector in self._connectors.values()]
        return PodReading(connected, budget.held, gateway.command_retries, connectors)

    def _liveness_problem(self) -> str | None:
        hanging = [c.config.name for c in self._connectors.values() if c.intake is not None and c.intake.hangs]
        return f"polls of these Connectors hang: {', '.join(hanging)}" if hanging else None

    def _readiness_problem(self) -> str | None:
        if self._stopping:
            return "the worker stops"
        if not self._connection.was_connected:
            return self._connection.report().message
        awaited = [connector.config.name for connector in self._connectors.values() if connector.is_awaited]
        return f"waiting for Connectors: {', '.join(awaited)}" if awaited else None

    def _templates(self, name: str) -> list[dict[str, Any]] | None:
        connector = self._connectors.get(name)
        return None if connector is None else [template.document for template in connector.templates]

"""`connectors run`: the operator itself, in a pod or from a shell."""

import argparse
import asyncio
import json
import logging
import os
import socket
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from prometheus_client import CollectorRegistry

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cli.render import worker_defaults
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.events import EventRecorder
from connector_operator.cluster.permissions import LEASE_PERMISSION
from connector_operator.cluster.pods import PodClient, PodTemplates
from connector_operator.cluster.port import ApiError
from connector_operator.cluster.transport import ApiCall
from connector_operator.engine.assembly import Wiring, assemble
from connector_operator.engine.audit import Scope
from connector_operator.engine.echoes import Echoes
from connector_operator.engine.lease import Lease
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.process import PartEnded
from connector_operator.engine.startup import missing_parts, missing_verbs, watchable_kinds
from connector_operator.feed.kopf_feed import KopfFeed
from connector_operator.reconcile import Reconciler
from connector_operator.settings import Settings, from_environment, read_lease, read_namespaces

_log = logging.getLogger(__name__)


class NotReadyToStart(Exception):  # noqa: N818 - what the person who started it has to know
    """Something that must be true before the operator starts is not; one sentence a line."""


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("run", help="run the operator; flags win over CONNECTOR_OPERATOR_* variables")
    parser.add_argument("--kubeconfig", type=Path, help="default: the pod's service account, else KUBECONFIG")
    parser.add_argument("--namespaces", help="comma-separated; default: the whole cluster")
    parser.add_argument("--runtime-image", help="for ConnectorRuntimes that name no image")
    parser.add_argument("--default-policy", choices=["allow", "deny"], help="where no ConnectorPolicy applies (default: allow)")
    parser.add_argument(
        "--lease", metavar="NAMESPACE/NAME", help="of several operators, let one write (default: it is the only one)"
    )
    parser.add_argument("--port", type=int, help="of /livez, /readyz and /metrics (default: 8080)")
    parser.add_argument("--catalogue-port", type=int, help="of the catalogue over HTTP (default: it is not served)")
    parser.add_argument("--log-level", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; 1 when the operator cannot start or cannot go on."""
    settings = _settings(options)
    _log_as_json(settings.log_level)
    try:
        uvloop.run(_run(settings))
    except (NotReadyToStart, ConnectionSettingsError, ApiError, PartEnded) as error:
        for line in str(error).splitlines():
            print(f"connectors: {line}", file=sys.stderr)
        return 1
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    given = {
        "kubeconfig": options.kubeconfig,
        "namespaces": read_namespaces(options.namespaces) if options.namespaces else None,
        "runtime_image": options.runtime_image,
        "default_policy": options.default_policy,
        "lease": read_lease(options.lease) if options.lease else None,
        "port": options.port,
        "catalogue_port": options.catalogue_port,
        "log_level": options.log_level,
    }
    return replace(from_environment(), **{name: value for name, value in given.items() if value is not None})


async def _run(settings: Settings) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)

    def count(call: ApiCall) -> None:
        metrics.api_calls.labels(call.verb, _resource(call), call.result).inc()

    connection = Connection(settings.kubeconfig)
    async with ClusterApi(connection, count) as api, PodClient() as pods:
        kinds = await watchable_kinds(api, settings.namespaces)
        missing = await missing_parts(api, kinds, settings.namespaces)
        if settings.lease:
            missing += await missing_verbs(api, LEASE_PERMISSION, settings.lease[0])
        if missing:
            raise NotReadyToStart("\n".join(missing))
        lease = _lease(settings, api)
        echoes = Echoes()
        api.tell_applied(echoes.expect)
        events = EventRecorder(api, monotonic=time.monotonic)
        defaults = worker_defaults(settings)
        reconciler = Reconciler(api, PodTemplates(pods), events, defaults, _now)
        wiring = Wiring(
            api=api,
            feed=KopfFeed(connection, kinds, settings.namespaces),
            fetch_status=pods.fetch_status,
            reconcilers={
                CONNECTOR_RUNTIME.kind: reconciler.runtime,
                CONNECTOR.kind: reconciler.connector,
                CONNECTOR_POLICY.kind: reconciler.policy,
            },
            scope=Scope(kinds, settings.namespaces),
            metrics=metrics,
            background={"events": events.run},
            echoes=echoes,
            lease=lease,
        )
        process, probes = assemble(wiring, probes_port=settings.port, catalogue_port=settings.catalogue_port)
        _log.info("listening on port %d", await probes.start())
        try:
            await process.run(asyncio.Event())
        finally:
            await probes.stop()


def _lease(settings: Settings, api: ClusterApi) -> Lease | None:
    if settings.lease is None:
        return None
    # the same again after a restart of the container in its pod, which then goes on at once
    lease = Lease(api, *settings.lease, identity=f"{socket.gethostname()}_{os.getpid()}")
    api.write_only_while(lambda: lease.held)
    return lease


def _resource(call: ApiCall) -> str:
    return f"{call.kind.plural}/{call.subresource}" if call.subresource else call.kind.plural


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _JsonLines(logging.Formatter):
    """One JSON object a line: what log collectors read without being told how."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _log_as_json(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)

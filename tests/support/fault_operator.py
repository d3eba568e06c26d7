"""The operator of one namespace as a process, with its waits of minutes shortened to seconds.

`python fault_operator.py KUBECONFIG NAMESPACE PORT`. Everything else is as `connectors run` has it where only Roles are
granted. It ends when its standard input does: so with whoever started it.
"""

import asyncio
import logging
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.events import EventRecorder
from connector_operator.cluster.pods import PodClient, PodTemplates
from connector_operator.domain.objects import WATCHED_KINDS
from connector_operator.domain.resolve import WorkerDefaults
from connector_operator.engine.assembly import Paces, Wiring, assemble
from connector_operator.engine.audit import AuditPace, Scope
from connector_operator.engine.engine import EnginePace
from connector_operator.engine.metrics import Metrics
from connector_operator.feed.kopf_feed import KopfFeed
from connector_operator.reconcile import Reconciler

PACES = Paces(
    audit=AuditPace(interval=(3.0, 5.0), second_look=1.5, patience=2.0, retry=0.5),
    engine=EnginePace(rejected=2.0),
)


async def run(kubeconfig: Path, namespace: str, port: int) -> None:
    """Run until SIGTERM."""
    metrics = Metrics(CollectorRegistry())
    connection = Connection(kubeconfig)
    async with ClusterApi(connection, lambda _call: None) as api, PodClient() as pods:
        kinds = tuple(kind for kind in WATCHED_KINDS if kind.namespaced)
        events = EventRecorder(api, monotonic=time.monotonic)
        reconciler = Reconciler(api, PodTemplates(pods), events, WorkerDefaults("runtime:faults"), _now)
        wiring = Wiring(
            api=api,
            feed=KopfFeed(connection, kinds, (namespace,)),
            fetch_status=pods.fetch_status,
            reconcilers={
                CONNECTOR_RUNTIME.kind: reconciler.runtime,
                CONNECTOR.kind: reconciler.connector,
                CONNECTOR_POLICY.kind: reconciler.policy,
            },
            scope=Scope(kinds, (namespace,)),
            metrics=metrics,
            background={"events": events.run},
            paces=PACES,
        )
        process, probes = assemble(wiring, probes_port=port, probes_host="127.0.0.1")
        await probes.start()
        try:
            await process.run(asyncio.Event())
        finally:
            await probes.stop()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(3)


if __name__ == "__main__":
    logging.basicConfig(level="DEBUG", stream=sys.stderr)
    logging.getLogger("kopf").setLevel("INFO")  # dumps of every event would be most of the work
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

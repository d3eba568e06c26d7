"""The operator of one namespace as a process, with its waits of minutes shortened to seconds.

`python fault_operator.py` imports everything once and then forks an operator for each line on its standard input, so that
an operator costs what it does and not what it imports. Everything else is as `connectors run` has it where only Roles are
granted. All end when that standard input does: so with whoever started them. The other end is `fault_nursery`.
"""

import asyncio
import gc
import json
import logging
import os
import random
import sys
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.events import EventRecorder
from connector_operator.cluster.pods import PodClient, PodTemplates
from connector_operator.cluster.port import ApiError
from connector_operator.domain.objects import WATCHED_KINDS
from connector_operator.domain.resolve import WorkerDefaults
from connector_operator.engine.assembly import Paces, Wiring, assemble
from connector_operator.engine.audit import AuditPace, Scope
from connector_operator.engine.echoes import Echoes
from connector_operator.engine.engine import EnginePace
from connector_operator.engine.metrics import Metrics
from connector_operator.engine.process import Process
from connector_operator.feed.kopf_feed import KopfFeed
from connector_operator.reconcile import Reconciler

PACES = Paces(
    audit=AuditPace(interval=(15.0, 25.0), second_look=1.5, patience=2.0, retry=0.5, in_vain=10),
    engine=EnginePace(rejected=2.0),
)
"""Audits are rare, since whoever asks whether the operator is at rest lets it audit."""
WAITING_SECONDS = 4.0
"""More than `rejected`, so that what is tried again once is not taken for what is tried for ever."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which operator to start: its API server, its namespace, the port of its probes and the file for its log."""

    kubeconfig: str
    namespace: str
    port: int
    log: str
    socket: str
    """Where it tells that it has come to rest."""

    def line(self) -> bytes:
        """As it is written to the standard input."""
        return json.dumps(asdict(self)).encode() + b"\n"


async def run(order: Order) -> None:
    """Run until SIGTERM."""
    metrics = Metrics(CollectorRegistry())
    connection = Connection(Path(order.kubeconfig))
    async with ClusterApi(connection, lambda _call: None) as api, PodClient() as pods:
        kinds = tuple(kind for kind in WATCHED_KINDS if kind.namespaced)
        echoes = Echoes()
        api.tell_applied(echoes.expect)
        events = EventRecorder(api, monotonic=time.monotonic)
        reconciler = Reconciler(api, PodTemplates(pods), events, WorkerDefaults("runtime:faults"), _now)
        wiring = Wiring(
            api=api,
            feed=KopfFeed(connection, kinds, (order.namespace,)),
            fetch_status=pods.fetch_status,
            reconcilers={
                CONNECTOR_RUNTIME.kind: reconciler.runtime,
                CONNECTOR.kind: reconciler.connector,
                CONNECTOR_POLICY.kind: reconciler.policy,
            },
            scope=Scope(kinds, (order.namespace,)),
            metrics=metrics,
            background={"events": events.run},
            echoes=echoes,
            paces=PACES,
        )
        process, probes = assemble(wiring, probes_port=order.port, probes_host="127.0.0.1")
        await probes.start()
        try:
            async with await asyncio.start_unix_server(partial(_tell_rest, process), order.socket):
                await process.run(asyncio.Event())
        finally:
            await probes.stop()


async def _tell_rest(process: Process, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer whoever connects once the operator has seen all that the API server has, and done what comes of it.

    `idle`: nothing is left to do; `waiting`: something is tried again and again.
    """
    await process.ready.wait()
    while not await _knows_everything(process):
        await asyncio.sleep(0.3)
    for _ in range(int(WAITING_SECONDS / 0.05)):
        if process.engine.queue.idle:
            break
        await asyncio.sleep(0.05)
    writer.write(b"idle" if process.engine.queue.idle else b"waiting")
    writer.close()


async def _knows_everything(process: Process) -> bool:
    try:
        await process.audit.once()
    except ApiError:
        return False
    return process.audit.lossy_rounds == 0


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _serve() -> None:
    """Start what is ordered and print its process id; take back the dead one whose id is given."""
    gc.freeze()
    lifeline = os.pipe()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if isinstance(order, int):
            os.waitpid(order, 0)
            continue
        if child := os.fork():
            print(child, flush=True)
        else:
            _be_operator(Order(**order), lifeline)


def _be_operator(order: Order, lifeline: tuple[int, int]) -> None:
    """What a fork does from its first to its last moment."""
    code = 1
    try:
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for standard in (1, 2):
            os.dup2(log, standard)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(lifeline[1])
        threading.Thread(target=_end_with_parent, args=(lifeline[0],), daemon=True).start()
        random.seed()
        logging.basicConfig(level="DEBUG", stream=sys.stderr)
        logging.getLogger("kopf").setLevel("INFO")  # dumps of every event would be most of the work
        Path(order.socket).unlink(missing_ok=True)
        asyncio.run(run(order))
        code = 0
    except Exception:
        logging.getLogger(__name__).exception("the operator ends")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(3)


if __name__ == "__main__":
    _serve()

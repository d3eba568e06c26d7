"""The operator at scale, beside a bare writer of the same objects and a stock kopf operator: `make bench-operator`.

On throw-away control planes, no nodes. (a) N Connectors over M ConnectorRuntimes from nothing to all statuses written; (b) the
same writes by a bare asyncio server-side-apply writer, as the floor; (c) a restart with everything unchanged; (d) one Connector
edited: edit → Deployment patched; (e) all Connectors of one runtime edited at once; (f) memory and CPU, beside (a); (g) many
ConnectorRuntimes with one Connector each. Prints a table with ratios and writes it into docs/benchmarks.md.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cluster_hands
from benchmark_page import write_section
from crowd import Filled, Size, empty, fill
from figures import burst, edits
from watched_process import operator, started
from writers import bare_writer

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.domain.objects import ObjectRef, list_at
from local_cluster.control_plane import ControlPlane, ControlPlaneConfig

QUIET_SECONDS = 15.0
"""How long a restarted operator is watched for a write that it should not make."""
SERVER_ARGUMENTS = ("--max-mutating-requests-inflight=500", "--max-requests-inflight=1000")

Row = tuple[str, str, str]
"""What, figure, remark."""


@contextmanager
def control_plane() -> Generator[tuple[Path, cluster_hands.Hands]]:
    """A fresh API server with our custom resources: its kubeconfig and a way to use it."""
    with ControlPlane(ControlPlaneConfig(apiserver_arguments=SERVER_ARGUMENTS)) as server:
        cluster_hands.install_crds(server.kubeconfig)
        yield server.kubeconfig, cluster_hands.Hands(cluster_hands.connect(server.kubeconfig), "default")


async def at_size(size: Size, log: Path) -> list[Row]:
    """Figures (a) to (f)."""
    with control_plane() as (kubeconfig, hands):
        async with ClusterApi(Connection(kubeconfig), lambda _call: None) as api:
            filled = await fill(api, hands, size, "ours")
            async with operator(kubeconfig, log) as first:
                took = await first.until_settled(size)
                writes, cpu = first.writes(), first.watched.cpu_seconds()
                memory = first.watched.peak_megabytes()
                times = sorted(await edits(api, filled))
                rollouts, first_rollout = await burst(api, filled)
            async with operator(kubeconfig, log) as second:
                ready = await second.until_settled(size)
                restart_cpu = second.watched.cpu_seconds()
                await asyncio.sleep(QUIET_SECONDS)
                restart_writes = second.writes()
            empty(hands, size, "ours")
            bare, bare_writes = await bare_writer(api, await fill(api, hands, size, "bare"))
    used = f"{writes} writes, {writes / took:.0f}/s, {cpu:.1f} s CPU, {memory:.0f} MB peak"
    return [
        ("(a) nothing → all statuses", f"{took:.1f} s", used),
        ("(b) bare writer, the same writes", f"{bare:.1f} s", f"{bare_writes} writes, {bare_writes / bare:.0f}/s"),
        ("(a) / (b)", f"{took / bare:.2f}", f"writes: {writes / bare_writes:.2f}"),
        ("(c) restart, nothing changed", f"{ready:.1f} s", f"{restart_writes} writes, {restart_cpu:.1f} s CPU"),
        (
            "(d) edit → Deployment patched",
            f"p50 {statistics.median(times):.2f} s",
            f"max {times[-1]:.2f} s of {len(times)} edits",
        ),
        ("(e) all Connectors of one runtime edited at once", f"{rollouts} rollout(s)", f"the first after {first_rollout:.2f} s"),
    ]


async def many_runtimes(count: int, log: Path) -> list[Row]:
    """Figure (g), each contender on a control plane of its own."""
    size = Size(count, count)

    async def contender(run: Callable[[Path, ClusterApi, Filled], Awaitable[tuple[float, str]]]) -> tuple[float, str]:
        with control_plane() as (kubeconfig, hands):
            async with ClusterApi(Connection(kubeconfig), lambda _call: None) as api:
                return await run(kubeconfig, api, await fill(api, hands, size, "many"))

    async def ours(kubeconfig: Path, _api: ClusterApi, _filled: Filled) -> tuple[float, str]:
        async with operator(kubeconfig, log) as running:
            took = await running.until_settled(size)
            watched = running.watched
            return (
                took,
                f"{running.writes()} writes, {watched.cpu_seconds():.1f} s CPU, {watched.peak_megabytes():.0f} MB peak",
            )

    async def stock(kubeconfig: Path, api: ClusterApi, filled: Filled) -> tuple[float, str]:
        async with started([str(Path(__file__).with_name("stock_kopf.py")), str(kubeconfig)], log) as watched:
            took = await watched.until(lambda: _all_have_statuses(api, filled))
            return took, f"{watched.cpu_seconds():.1f} s CPU, {watched.peak_megabytes():.0f} MB peak"

    async def bare(_kubeconfig: Path, api: ClusterApi, filled: Filled) -> tuple[float, str]:
        took, writes = await bare_writer(api, filled)
        return took, f"{writes} writes, {writes / took:.0f}/s"

    (our_time, our_use), (stock_time, stock_use), (bare_time, bare_use) = [await contender(run) for run in (ours, stock, bare)]
    return [
        (f"(g) {count} ConnectorRuntimes with one Connector each", f"{our_time:.1f} s", our_use),
        ("(g) bare writer", f"{bare_time:.1f} s", bare_use),
        ("(g) stock kopf operator", f"{stock_time:.1f} s", stock_use),
        ("(g) ours / bare, stock kopf / ours", f"{our_time / bare_time:.2f}, {stock_time / our_time:.2f}", ""),
    ]


async def _all_have_statuses(api: ClusterApi, filled: Filled) -> bool:
    """Whether the last ones have a status, and then all others."""
    for runtime, connectors in reversed(filled):
        for kind, obj in [(CONNECTOR_RUNTIME, runtime), *((CONNECTOR, connector) for connector in connectors)]:
            live = await api.get(ObjectRef(kind, obj["metadata"]["namespace"], obj["metadata"]["name"]))
            if not list_at(live, "status", "conditions"):
                return False
    return True


def table(size: Size, rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    head = (
        f"{size.connectors} Connectors over {size.runtimes} ConnectorRuntimes, one kube-apiserver and etcd on the same machine:"
    )
    lines = ["| | | |", "|---|---|---|", *(f"| {what} | {figure} | {remark} |" for what, figure, remark in rows)]
    return "\n".join([head, "", *lines])


def main() -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connectors", type=int, default=10_000)
    parser.add_argument("--runtimes", type=int, default=500)
    parser.add_argument("--many", type=int, default=1_000, help="ConnectorRuntimes of (g)")
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    size = Size(options.connectors, options.runtimes)
    with tempfile.TemporaryDirectory(prefix="connector-operator-bench-") as folder:
        log = Path(folder) / "operator.log"
        rows = asyncio.run(at_size(size, log)) + asyncio.run(many_runtimes(options.many, log))
    text = table(size, rows)
    print(text)
    if not options.print_only:
        write_section("operator", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

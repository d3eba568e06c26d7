"""The operator at scale, beside a bare writer of the same objects: `make bench-operator`.

One throw-away control plane (no nodes). (a) N Connectors over M ConnectorRuntimes from nothing to all statuses written; (b) the
same writes by a bare asyncio server-side-apply writer, as the floor; (c) a restart with everything unchanged; (d) one Connector
edited: edit → Deployment patched; (e) all Connectors of one runtime edited at once. Prints a table with ratios and writes it
into docs/benchmarks.md.
"""

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import cluster_hands

from connector_operator.api.kinds import API_VERSION, CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cli.render import render_offline
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.domain.objects import DEPLOYMENT, Object, ObjectRef, uid_of
from connector_operator.domain.resolve import WorkerDefaults, resolve
from connector_operator.domain.snapshot import NamespaceSnapshot, RuntimeSnapshot
from local_cluster.control_plane import ControlPlane, ControlPlaneConfig
from local_cluster.ports import free_ports

ROOT = Path(__file__).parents[2]
IN_FLIGHT = 48
RUNTIMES_PER_NAMESPACE = 10
EDITS = 30
BURST_SECONDS = 15.0
"""A second rollout would have begun by then: the queue waits 10 s at most."""
BENCHMARKS = ROOT / "docs" / "benchmarks.md"
MARKS = ("<!-- operator -->", "<!-- /operator -->")


@dataclass(frozen=True, slots=True)
class Size:
    """How much."""

    connectors: int
    runtimes: int

    @property
    def namespaces(self) -> int:
        return -(-self.runtimes // RUNTIMES_PER_NAMESPACE)

    def objects(self, prefix: str) -> Iterable[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Each ConnectorRuntime with its Connectors; names begin with the prefix of their namespaces."""
        each = self.connectors // self.runtimes
        for index in range(self.runtimes):
            namespace = f"{prefix}-{index // RUNTIMES_PER_NAMESPACE}"
            name = f"runtime-{index}"
            spec = {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": {"selector": {"matchLabels": {"for": name}}}}
            connectors = [
                _object("Connector", namespace, f"{name}-{number}", _connector(name, number), name) for number in range(each)
            ]
            yield _object("ConnectorRuntime", namespace, name, spec, name), connectors


def _connector(runtime: str, number: int) -> dict[str, Any]:
    return {"jobType": f"acme.io:{runtime}-{number}:1", "source": {"builtin": "http-json"}, "settings": {"number": number}}


def _object(kind: str, namespace: str, name: str, spec: dict[str, Any], runtime: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"for": runtime}}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


async def in_flight(calls: Iterable[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Run calls with a bounded number at once, and give their answers in order."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one(call: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await call()

    return await asyncio.gather(*(one(call) for call in calls))


async def fill(api: ClusterApi, hands: cluster_hands.Hands, size: Size, prefix: str) -> list[tuple[Object, list[Object]]]:
    """Create namespaces, runtimes and Connectors as users would; not part of any figure."""
    namespaces = hands.api.resources.get(api_version="v1", kind="Namespace")
    for index in range(size.namespaces):
        namespaces.create(body={"metadata": {"name": f"{prefix}-{index}"}})
    pairs = list(size.objects(prefix))
    connectors = iter(await in_flight(lambda one=one: api.apply(one) for _, each in pairs for one in each))
    runtimes = await in_flight(lambda one=one: api.apply(one) for one, _ in pairs)
    return [(runtime, [next(connectors) for _ in each]) for runtime, (_, each) in zip(runtimes, pairs, strict=True)]


@dataclass(slots=True)
class Operator:
    """A running operator, seen from outside: /proc and /metrics."""

    process: subprocess.Popen[bytes]
    port: int
    began: float = field(default_factory=time.monotonic)

    def samples(self) -> list[str]:
        """What it says on /metrics now; nothing while it does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                return answer.read().decode().splitlines()
        except OSError:
            return []

    def writes(self) -> int:
        """Writes that it sent."""
        calls, samples = "connector_operator_api_calls_total", self.samples()
        sent = sum(total(samples, calls, verb=verb) for verb in ("patch", "create", "delete"))
        return int(sent - total(samples, calls, resource="selfsubjectaccessreviews"))

    def resident_megabytes(self) -> float:
        """The most that it ever had in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+)", status)
        return int(kilobytes) / 1024

    def cpu_seconds(self) -> float:
        """User and system time."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    async def until(self, done: Callable[[], bool], seconds: float = 900.0) -> float:
        """Wait until it is so; the seconds since it was started."""
        while not await asyncio.to_thread(done):
            if self.process.poll() is not None or time.monotonic() - self.began > seconds:
                raise SystemExit("the operator ended, or did not finish in time")
            await asyncio.sleep(0.25)
        return time.monotonic() - self.began


@asynccontextmanager
async def operator(kubeconfig: Path, log: Path) -> AsyncIterator[Operator]:
    """`connectors run`, ended at the end."""
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "connector_operator", "run", "--kubeconfig", str(kubeconfig), "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen([*command, "--runtime-image", "runtime:bench"], stdout=output, stderr=output)
    try:
        yield Operator(process, port)
    finally:
        process.terminate()
        process.wait(timeout=60)


def total(samples: Iterable[str], name: str, **labels: str) -> float:
    """The sum of a metric's samples that carry these labels."""
    lines = [line for line in samples if re.match(rf"{name}[{{ ]", line)]
    chosen = [line for line in lines if all(f'{key}="{value}"' in line for key, value in labels.items())]
    return sum(float(line.rsplit(" ", 1)[1]) for line in chosen)


def is_settled(running: Operator, size: Size) -> bool:
    """Whether it is ready, every Connector and ConnectorRuntime has a Ready condition, and nothing is left in the queue."""
    samples = running.samples()
    connectors = total(samples, "connector_operator_resources", kind="Connector")
    runtimes = total(samples, "connector_operator_resources", kind="ConnectorRuntime")
    ready = total(samples, "connector_operator_ready") == 1
    is_idle = total(samples, "connector_operator_queue_depth") == 0
    return ready and is_idle and connectors == size.connectors and runtimes == size.runtimes


async def bare_writer(api: ClusterApi, filled: Sequence[tuple[Object, list[Object]]]) -> tuple[float, int]:
    """The same objects and statuses, written as fast as one asyncio client can; seconds and writes."""
    manifests = [_rendered(runtime, connectors) for runtime, connectors in filled]
    status = {
        "observedGeneration": 1,
        "conditions": [_condition(word) for word in ("Accepted", "Bound", "Loaded", "Published", "Ready")],
    }
    began = time.monotonic()
    await in_flight(lambda one=one: api.apply(one) for each in manifests for one in each)
    owners = [(CONNECTOR_RUNTIME, runtime) for runtime, _ in filled]
    owners += [(CONNECTOR, connector) for _, connectors in filled for connector in connectors]
    refs = [(ObjectRef(kind, obj["metadata"]["namespace"], obj["metadata"]["name"]), uid_of(obj)) for kind, obj in owners]
    await in_flight(lambda ref=ref, uid=uid: api.apply_status(ref, uid=uid, status=status) for ref, uid in refs)
    return time.monotonic() - began, sum(map(len, manifests)) + len(refs)


def _rendered(runtime: Object, connectors: Sequence[Object]) -> tuple[dict[str, Any], ...]:
    namespace = NamespaceSnapshot(runtime["metadata"]["namespace"], {}, (), {})
    snapshot = RuntimeSnapshot(runtime, namespace, tuple(connectors), owned=())
    return render_offline(snapshot, resolve(snapshot, WorkerDefaults("runtime:bench"))).manifests


def _condition(word: str) -> dict[str, Any]:
    times = {"lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}
    return {"type": word, "status": "False", "reason": "Pending", "message": "no worker pod has reported yet", **times}


async def edits(api: ClusterApi, filled: Sequence[tuple[Object, list[Object]]]) -> list[float]:
    """Seconds from the edit of one Connector to the patched Deployment, for several, one after the other."""
    found: list[float] = []
    for runtime, connectors in filled[:EDITS]:
        metadata = runtime["metadata"]
        deployment = ObjectRef(DEPLOYMENT, metadata["namespace"], f"{metadata['name']}-worker")
        before = _config(await api.get(deployment))
        began = time.monotonic()
        await api.apply(_edited(connectors[0], maxJobsActive=7))
        while _config(await api.get(deployment)) == before:
            await asyncio.sleep(0.01)
        found.append(time.monotonic() - began)
    return found


async def burst(api: ClusterApi, filled: Sequence[tuple[Object, list[Object]]]) -> tuple[int, float]:
    """Edit all Connectors of one runtime at once: rollouts of its Deployment, and seconds until the first of them."""
    runtime, connectors = filled[-1]
    deployment = ObjectRef(DEPLOYMENT, runtime["metadata"]["namespace"], f"{runtime['metadata']['name']}-worker")
    before = _generation(await api.get(deployment))
    began = time.monotonic()
    await in_flight(lambda one=one: api.apply(_edited(one, maxJobsActive=9)) for one in connectors)
    while _generation(await api.get(deployment)) == before:
        await asyncio.sleep(0.01)
    took = time.monotonic() - began
    await asyncio.sleep(BURST_SECONDS)
    return _generation(await api.get(deployment)) - before, took


def _edited(connector: Object, **spec: Any) -> dict[str, Any]:
    return {key: connector[key] for key in ("apiVersion", "kind")} | {
        "metadata": {key: connector["metadata"][key] for key in ("name", "namespace", "labels")},
        "spec": {**connector["spec"], **spec},
    }


def _generation(deployment: Object | None) -> int:
    return deployment["metadata"]["generation"] if deployment else 0


def _config(deployment: Object | None) -> str:
    return (deployment or {"spec": {"template": {"metadata": {"labels": {}}}}})["spec"]["template"]["metadata"]["labels"].get(
        "connectors.camunda.io/config", ""
    )


async def measure(size: Size, folder: Path) -> list[tuple[str, str, str]]:
    """All figures, as rows of (what, figure, remark)."""
    arguments = ("--max-mutating-requests-inflight=500", "--max-requests-inflight=1000")
    with ControlPlane(ControlPlaneConfig(apiserver_arguments=arguments)) as control_plane:
        cluster_hands.install_crds(control_plane.kubeconfig)
        hands = cluster_hands.Hands(cluster_hands.connect(control_plane.kubeconfig), "default")
        async with ClusterApi(Connection(control_plane.kubeconfig), lambda _call: None) as api:
            filled = await fill(api, hands, size, "ours")
            async with operator(control_plane.kubeconfig, folder / "operator.log") as first:
                took = await first.until(lambda: is_settled(first, size))
                writes, memory, cpu = first.writes(), first.resident_megabytes(), first.cpu_seconds()
                times = await edits(api, filled)
                rollouts, first_rollout = await burst(api, filled)
            async with operator(control_plane.kubeconfig, folder / "operator.log") as second:
                ready = await second.until(lambda: is_settled(second, size))
                await asyncio.sleep(15)
                restart_writes = second.writes()
            for namespace in range(size.namespaces):
                hands.api.resources.get(api_version="v1", kind="Namespace").delete(name=f"ours-{namespace}")
            bare, bare_writes = await bare_writer(api, await fill(api, hands, size, "bare"))
    ordered = sorted(times)
    return [
        (
            "(a) nothing → all statuses",
            f"{took:.1f} s",
            f"{writes} writes, {writes / took:.0f}/s, {cpu:.1f} s CPU, {memory:.0f} MB peak",
        ),
        ("(b) bare writer, the same writes", f"{bare:.1f} s", f"{bare_writes} writes, {bare_writes / bare:.0f}/s"),
        ("(a) / (b)", f"{took / bare:.2f}", f"writes: {writes / bare_writes:.2f}"),
        ("(c) restart, nothing changed", f"{ready:.1f} s", f"{restart_writes} writes"),
        (
            "(d) edit → Deployment patched",
            f"p50 {statistics.median(ordered):.2f} s",
            f"max {ordered[-1]:.2f} s of {len(ordered)} edits",
        ),
        ("(e) all Connectors of one runtime edited at once", f"{rollouts} rollout(s)", f"the first after {first_rollout:.2f} s"),
    ]


def table(size: Size, rows: Sequence[tuple[str, str, str]]) -> str:
    """The rows as Markdown."""
    head = (
        f"{size.connectors} Connectors over {size.runtimes} ConnectorRuntimes, one kube-apiserver and etcd on the same machine:"
    )
    lines = ["| | | |", "|---|---|---|", *(f"| {what} | {figure} | {remark} |" for what, figure, remark in rows)]
    return "\n".join([head, "", *lines])


def publish(text: str) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    page = BENCHMARKS.read_text(encoding="utf-8") if BENCHMARKS.exists() else "# Benchmarks\n"
    section = f"{MARKS[0]}\n## Operator (`make bench-operator`)\n\n{text}\n{MARKS[1]}"
    if MARKS[0] in page:
        page = page[: page.index(MARKS[0])] + section + page[page.index(MARKS[1]) + len(MARKS[1]) :]
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    BENCHMARKS.write_text(page, encoding="utf-8")


def main() -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connectors", type=int, default=10_000)
    parser.add_argument("--runtimes", type=int, default=500)
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    size = Size(options.connectors, options.runtimes)
    with tempfile.TemporaryDirectory(prefix="connector-operator-bench-") as folder:
        text = table(size, asyncio.run(measure(size, Path(folder))))
    print(text)
    if not options.print_only:
        publish(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

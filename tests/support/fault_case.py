"""One case: a scenario, the faults that meet it, and what must be so in the end as if there had been none."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from fault_nursery import ForkedOperator, Nursery
from fault_operator import Order
from fault_proxy import Fault, FaultProxy
from fault_scenarios import CANARY, SELECTION, Edit, Scenario, Step
from fault_server import ApiServer, Refused

from local_cluster.ports import free_ports

SETTLE_SECONDS = 240.0
QUIET_SECONDS = 2.0
"""Without a write for so long, no more come of a step in which the server is to be killed after some."""
RESTARTS = 6


@dataclass(frozen=True, slots=True)
class Case:
    """Named by what it does and by its seed; `python -m faults --only NAME` runs it again."""

    name: str
    scenario: Scenario
    faults: tuple[Fault, ...] = ()
    operators: int = 1
    kill_first: bool = False
    """End the operator before each step: what it then lists may be stale."""
    server: str = ""
    """Which component of the control plane is killed and started again during each step."""
    server_after: int = 0
    """How many writes of the step come before that."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    picture: dict[str, Any]
    writes: int
    rollouts: int
    fired: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What cases stand on: a control plane, operators to be had, a folder for logs; `crash` kills and starts a component."""

    server: ApiServer
    nursery: Nursery
    folder: Path
    rest: float
    """For how long, in seconds, nothing may be written in the end."""
    crash: Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class OperatorChild:
    """An operator that is started again whenever it ends, as a kubelet would."""

    nursery: Nursery
    kubeconfig: Path
    namespace: str
    log: Path
    starts: int = 0
    ended_itself: int = 0
    port: int = 0
    process: ForkedOperator | None = None
    _killed: bool = False

    def kill(self) -> None:
        """SIGKILL, now."""
        if self.process is not None:
            self._killed = True
            self.process.kill()

    async def supervise(self) -> None:
        """For ever; ends the process when cancelled."""
        while True:
            self.process = await self.nursery.start(self._order())
            self.starts += 1
            try:
                await self.nursery.wait(self.process)
            finally:
                self.process = None
            await asyncio.sleep(0 if self._killed else 1.0)
            self.ended_itself += not self._killed
            self._killed = False

    async def rest(self) -> str:
        """Wait until it has come to rest; `idle` or `waiting`, as `fault_operator` tells; raises OSError while there is none."""
        reader, writer = await asyncio.open_unix_connection(str(self._socket))
        try:
            if word := (await reader.read()).decode():
                return word
            raise ConnectionResetError("the operator has ended")
        finally:
            writer.close()

    async def metrics(self) -> str:
        """What it tells on /metrics."""
        async with aiohttp.request("GET", f"http://127.0.0.1:{self.port}/metrics") as answer:
            return await answer.text()

    @property
    def _socket(self) -> Path:
        return self.log.with_suffix(".socket")

    def _order(self) -> Order:
        self.port = free_ports(1)[0]
        return Order(str(self.kubeconfig), self.namespace, self.port, str(self.log), str(self._socket))


@dataclass(slots=True)
class Stage:
    """A namespace, and the operators that look after it through proxies."""

    server: ApiServer
    namespace: str
    children: list[OperatorChild] = field(default_factory=list[OperatorChild])
    proxies: list[FaultProxy] = field(default_factory=list[FaultProxy])

    @property
    def writes(self) -> int:
        """Writes of all operators so far, also those that the API server refused."""
        return sum(len(proxy.writes) for proxy in self.proxies)

    @property
    def changes(self) -> int:
        """Writes that the API server took."""
        return sum(write.status < 300 for proxy in self.proxies for write in proxy.writes)

    @property
    def rollouts(self) -> int:
        """How often the newest pod template of the Deployment changed, its first one included."""
        writes = sorted((write for proxy in self.proxies for write in proxy.writes if write.template), key=lambda one: one.at)
        templates = [write.template for write in writes]
        return sum(one != before for before, one in zip(["", *templates], templates, strict=False))

    def kill(self) -> None:
        """SIGKILL all operators."""
        for child in self.children:
            child.kill()

    async def do(self, edit: Edit, *, may_be_refused: bool) -> None:
        """One edit of a user; tried again while the API server is away."""
        if edit.verb == "kill":
            return self.kill()
        for _ in range(60):
            try:
                return await self._do(edit)
            except Refused as error:
                if edit.verb == "delete" and error.status == 404:
                    return None
                # what is no object of the schema may be answered with 500: see the transport's `_is_malformed`
                if may_be_refused and error.status in (400, 422, 500):
                    return None
                if error.status < 500:
                    raise
            except OSError:
                pass
            await asyncio.sleep(0.5)
        raise AssertionError("the API server did not come back")

    async def _do(self, edit: Edit) -> None:
        if edit.verb == "delete":
            await self.server.delete(self.namespace, edit.manifest["kind"], edit.manifest["metadata"]["name"])
        else:
            self._expect(edit.manifest)
            await self.server.put(self.namespace, edit.manifest)

    def _expect(self, manifest: dict[str, Any]) -> None:
        if manifest["kind"] == "ConnectorRuntime":
            for proxy in self.proxies:
                proxy.may_empty = manifest["spec"].get("connectors") != SELECTION

    async def written(self, writes: int) -> None:
        """Return with the write of that number, or when no more come."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.writes < writes and loop.time() - began < QUIET_SECONDS:
            await asyncio.sleep(0.01)

    async def settle(self, *, for_ever: bool = False) -> list[str]:
        """Wait until every operator has come to rest and every status is up to date; what is still wrong when it is late.

        `for_ever`: an operator may try again and again what the API server refuses.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        behind: list[str] = ["not looked yet"]
        while loop.time() < deadline:
            if any(child.ended_itself > RESTARTS for child in self.children):
                return ["the operator ends again and again"]
            before = self.changes
            try:
                async with asyncio.timeout_at(deadline):
                    resting = [await child.rest() for child in self.children]
                    behind = await self.server.behind(self.namespace)
            except (OSError, Refused) as error:
                behind = [str(error)]
                await asyncio.sleep(0.3)
                continue
            if self.changes == before and not behind and all(word == "idle" or for_ever for word in resting):
                return []
        return [f"not settled within {SETTLE_SECONDS:.0f} s: {', '.join(behind) or 'the operator is not at rest'}"]


@asynccontextmanager
async def staged(ground: Ground, case: Case) -> AsyncGenerator[Stage]:
    """A new namespace with running operators; both are gone afterwards."""
    server, folder = ground.server, ground.folder
    namespace = f"f{time.monotonic_ns() % 10**12:012d}"
    await server.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    stage = Stage(server, namespace)
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        for number in range(case.operators):
            kubeconfig = folder / f"{namespace}-{number}.kubeconfig"
            child = OperatorChild(ground.nursery, kubeconfig, namespace, folder / f"{namespace}-{number}.log")
            proxy = await stack.enter_async_context(FaultProxy(server, child.kill))
            kubeconfig.write_text(json.dumps(_kubeconfig(proxy.url)))
            stage.children.append(child)
            stage.proxies.append(proxy)
            tasks.append(asyncio.create_task(child.supervise()))
        try:
            yield stage
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _empty(server, namespace)


async def _empty(server: ApiServer, namespace: str) -> None:
    for kind in ("Connector", "ConnectorRuntime"):
        for obj in await server.every(namespace, kind):
            await server.delete(namespace, kind, obj["metadata"]["name"])
    await server.call("DELETE", f"/api/v1/namespaces/{namespace}")


async def run(ground: Ground, case: Case) -> Outcome:
    """Run a case once."""
    async with staged(ground, case) as stage:
        problems: list[str] = []
        for edit in case.scenario.before:
            await stage.do(edit, may_be_refused=False)
        if case.scenario.before:
            problems += await stage.settle()
        stage.proxies[0].arm(*case.faults)
        first_write, first_rollout = stage.writes, stage.rollouts
        for step in case.scenario.steps:
            problems += await _take(step, stage, case, ground)
        stage.proxies[0].disarm()
        before_rest = stage.writes
        picture = await ground.server.picture(stage.namespace)
        await asyncio.sleep(ground.rest)
        problems += await _judge(stage, before_rest, picture)
        fired = sum(len(proxy.fired) for proxy in stage.proxies)
        return Outcome(picture, before_rest - first_write, stage.rollouts - first_rollout, fired, tuple(problems))


async def _take(step: Step, stage: Stage, case: Case, ground: Ground) -> list[str]:
    """One step of the scenario, with what befalls operator and server meanwhile."""
    if case.kill_first:
        stage.kill()
    before = stage.writes
    for edit in step:
        await stage.do(edit, may_be_refused=case.scenario.invalid)
    if case.server:
        await stage.written(before + case.server_after)
        await ground.crash(case.server)
    return await stage.settle(for_ever=case.scenario.invalid)


async def _judge(stage: Stage, before_rest: int, picture: dict[str, Any]) -> list[str]:
    problems = [text for proxy in stage.proxies for text in proxy.violations]
    late = [write for proxy in stage.proxies for write in proxy.writes][before_rest:]
    problems += [f"{stage.writes - before_rest} writes at rest: {late[:3]}"] if stage.writes != before_rest else []
    for child in stage.children:
        log = child.log.read_text(errors="replace")
        problems += [f"the log says '{word}': {child.log}" for word in ("nobody foresaw", "never retrieved") if word in log]
        problems += [f"the log tells the canary: {child.log}"] if CANARY in log else []
        problems += [f"it ended by itself {child.ended_itself} times: {child.log}"] if child.ended_itself > RESTARTS else []
    events = await stage.server.every(stage.namespace, "Event")
    told = json.dumps([picture, events, [await child.metrics() for child in stage.children]])
    problems += ["an object or a metric tells the canary"] if CANARY in told else []
    return problems


def compared(found: Outcome, wanted: Outcome, *, hasty: int = 0) -> list[str]:
    """How a run with faults differs from the run without them, in sentences.

    `hasty`: how many objects were made and deleted at once; the operator may see each, or neither making nor deleting.
    """
    problems = [*found.problems, *pictured_otherwise(found, wanted)]
    if found.rollouts > wanted.rollouts + 2 * hasty:
        problems.append(f"{found.rollouts} rollouts instead of {wanted.rollouts}")
    if found.writes > 3 * wanted.writes:
        problems.append(f"{found.writes} writes, more than three times {wanted.writes}")
    return problems


def pictured_otherwise(found: Outcome, wanted: Outcome) -> list[str]:
    """Which objects two runs left behind differently, in sentences."""
    problems: list[str] = []
    for name in sorted(found.picture.keys() | wanted.picture.keys()):
        if found.picture.get(name) != wanted.picture.get(name):
            here, there = (json.dumps(one.picture.get(name), sort_keys=True) for one in (found, wanted))
            problems.append(f"{name} is not as without faults: {_difference(here, there)}")
    return problems


def _difference(here: str, there: str) -> str:
    at = next((index for index, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, at - 80)
    return f"…{here[start : at + 120]}… instead of …{there[start : at + 120]}…"


def _kubeconfig(url: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "clusters": [{"name": "proxy", "cluster": {"server": url}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "nobody"}}],
    }

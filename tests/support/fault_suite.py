"""All fault cases by name, a sample of them by a seed, and the loop that runs many at once on one control plane."""

import asyncio
import logging
import random
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import cluster_hands
from fault_case import Case, Ground, Outcome, compared, pictured_otherwise, run
from fault_nursery import Nursery
from fault_proxy import ANSWERS, KILLS, WATCHES, Fault
from fault_scenarios import CHANGE, CREATE, REFUSE, REMOVE, SCENARIOS, UNSPOILT, Scenario, mutations, walk
from fault_server import ApiServer

from local_cluster.control_plane import ControlPlane, ControlPlaneConfig

CONTROL_PLANE = ControlPlaneConfig(apiserver_arguments=("--max-mutating-requests-inflight=500", "--max-requests-inflight=1000"))
WRITES = {CREATE.name: 10, CHANGE.name: 10, REMOVE.name: 8, REFUSE.name: 8}
"""So many writes of each scenario are met, which are all of them: a case whose fault never fires says so."""
CERTAIN_WRITES = {CREATE.name: 9, CHANGE.name: 7, REMOVE.name: 2, REFUSE.name: 8}
"""So many there are however changes are taken together: a fault on one of these has its occasion in each run."""


def cases() -> Iterator[Case]:
    """Every case, in the order of the table in the design: crashes, answers, watches, stale lists, the server, walks."""
    for scenario in SCENARIOS:
        for number in range(WRITES[scenario.name]):
            for what in (*KILLS, *ANSWERS):
                yield Case(f"write-{scenario.name}-{number}-{what}", scenario, (Fault(what, number),))
    chance = random.Random(60)
    for number in range(66):
        what, scenario = WATCHES[number % len(WATCHES)], chance.choice(SCENARIOS)
        yield Case(f"watch-{number}-{what}", scenario, (Fault(what, chance.randint(0, 8)),))
    for revisions in range(1, 21):
        stale = Fault("stale", 2 + revisions % 3, revisions)
        yield Case(f"stale-{revisions}", (CHANGE, REMOVE)[revisions % 2], (stale,), kill_first=True)
    for number, scenario in enumerate((*SCENARIOS, *SCENARIOS)):
        yield Case(f"two-{number}", scenario, operators=2)
    for number in range(12):
        scenario, component = SCENARIOS[number % 4], ("kube-apiserver", "etcd")[number // 2 % 2]
        yield Case(f"server-{number}", scenario, server=component, server_after=number // 2)
    for seed in range(200):
        yield Case(f"walk-{seed}", walk(seed), tuple(_random_faults(seed)))
    for seed in range(30):
        yield Case(f"mutations-{seed}", mutations(seed))


def _random_faults(seed: int) -> Iterator[Fault]:
    chance = random.Random(-seed)
    for _ in range(3):
        yield Fault(chance.choice((*ANSWERS, *KILLS, "drop", "duplicate", "reorder", "cut", "410")), chance.randint(0, 25))


def sample(seed: int, count: int) -> list[Case]:
    """Some cases, one of each family at least but of those that kill the server; the same for the same seed."""
    chance = random.Random(seed)
    families: dict[str, list[Case]] = {}
    for case in cases():
        if case.name.startswith("write-") and case.faults[0].at >= CERTAIN_WRITES[case.scenario.name]:
            continue
        families.setdefault(case.name.split("-")[0], []).append(case)
    del families["server"]
    picked = [chance.choice(found) for found in families.values()]
    rest = [case for case in families["write"] if case not in picked]
    return [*picked, *chance.sample(rest, count - len(picked))]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case ended; no problems means that it is as it should be."""

    case: Case
    problems: Sequence[str]
    seconds: float
    fired: int


@dataclass(slots=True)
class Suite:
    """Runs cases on one control plane; the run without faults of a scenario is made once."""

    ground: Ground
    parallel: int
    _calm: "dict[str, asyncio.Task[Outcome]]" = field(default_factory=dict[str, "asyncio.Task[Outcome]"])
    _own_planes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(3))

    async def run(self, chosen: Sequence[Case], tell: Callable[[Verdict], None]) -> list[Verdict]:
        """All of them, as many at once as allowed; the longest first, so that none is left over in the end."""
        gate = asyncio.Semaphore(self.parallel)

        async def one(case: Case) -> Verdict:
            async with gate:
                verdict = await self._one(case)
            tell(verdict)
            return verdict

        return list(await asyncio.gather(*map(one, sorted(chosen, key=_length, reverse=True))))

    async def _one(self, case: Case) -> Verdict:
        began = time.monotonic()
        try:
            problems, fired = await self._judged(case)
        except Exception as error:
            problems, fired = [f"{type(error).__name__}: {error}"], 0
        return Verdict(case, problems, time.monotonic() - began, fired)

    async def _judged(self, case: Case) -> tuple[Sequence[str], int]:
        calm = self._without_faults(UNSPOILT if case.scenario.invalid else case.scenario)
        if case.server:
            async with self._own_planes, _own_ground(self.ground) as ground:
                found = await run(ground, case)
        else:
            found = await run(self.ground, case)
        if case.scenario.invalid:
            return [*found.problems, *pictured_otherwise(found, await calm)], 0
        return compared(found, await calm, hasty=case.scenario.hasty), found.fired

    def _without_faults(self, scenario: Scenario) -> "asyncio.Task[Outcome]":
        """The run of a scenario in which nothing happens, beside those that it is the measure of."""
        if scenario.name not in self._calm:
            self._calm[scenario.name] = asyncio.create_task(run(self.ground, Case(f"calm-{scenario.name}", scenario)))
        return self._calm[scenario.name]


def _length(case: Case) -> int:
    return 99 if case.server else len(case.scenario.steps)


@asynccontextmanager
async def _own_ground(shared: Ground) -> AsyncGenerator[Ground]:
    """A control plane that one case may kill without harm to others."""
    control_plane = ControlPlane(CONTROL_PLANE)

    async def crash(component: str) -> None:
        processes = control_plane.processes
        await asyncio.to_thread(processes.stop, component, patience=0)
        if component == "etcd":
            await asyncio.to_thread(processes.stop, "kube-apiserver", patience=0)
        await asyncio.sleep(1.0)
        await asyncio.to_thread(control_plane.start)

    try:
        await asyncio.to_thread(control_plane.start)
        await asyncio.to_thread(cluster_hands.install_crds, control_plane.kubeconfig)
        async with ApiServer(control_plane.kubeconfig) as server:
            yield replace(shared, server=server, crash=crash)
    finally:
        await asyncio.to_thread(control_plane.stop)


async def _no_crash(component: str) -> None:
    raise AssertionError(f"cannot kill the {component} of a control plane that cases share")


def run_cases(chosen: Sequence[Case], tell: Callable[[Verdict], None], *, rest: float, parallel: int) -> list[Verdict]:
    """Run cases on a control plane of their own, which ends with them; logs of failed ones are named in their problems."""
    folder = Path(tempfile.mkdtemp(prefix="connector-operator-faults-"))
    logging.getLogger("aiohttp.server").setLevel("CRITICAL")  # it tells of every connection that a proxy cuts on purpose

    async def everything(kubeconfig: Path) -> list[Verdict]:
        async with ApiServer(kubeconfig) as server, Nursery() as nursery:
            return await Suite(Ground(server, nursery, folder, rest, _no_crash), parallel).run(chosen, tell)

    with ControlPlane(CONTROL_PLANE) as control_plane:
        cluster_hands.install_crds(control_plane.kubeconfig)
        verdicts = asyncio.run(everything(control_plane.kubeconfig))
    if not any(verdict.problems for verdict in verdicts):
        shutil.rmtree(folder)
    return verdicts

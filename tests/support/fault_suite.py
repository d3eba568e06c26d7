"""All fault cases by name, a sample of them by a seed, and the loop that runs many at once on one control plane."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cluster_hands
from fault_case import Case, Outcome, compared, run
from fault_proxy import ANSWERS, KILLS, WATCHES, Fault
from fault_scenarios import CHANGE, CREATE, REFUSE, REMOVE, SCENARIOS, Scenario, mutations, walk
from fault_server import ApiServer

from local_cluster.control_plane import ControlPlane, ControlPlaneConfig

WRITES = {CREATE.name: 16, CHANGE.name: 10, REMOVE.name: 8, REFUSE.name: 10}
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
    for number, scenario in enumerate((*SCENARIOS, CHANGE, REMOVE)):
        yield Case(f"server-{number}", scenario, server=("kube-apiserver", "etcd")[number % 2])
    for seed in range(200):
        yield Case(f"walk-{seed}", walk(seed), tuple(_random_faults(seed)))
    for seed in range(30):
        yield Case(f"mutations-{seed}", mutations(seed))


def _random_faults(seed: int) -> Iterator[Fault]:
    chance = random.Random(-seed)
    for _ in range(3):
        yield Fault(chance.choice((*ANSWERS, *KILLS, "drop", "duplicate", "reorder", "cut", "410")), chance.randint(0, 25))


def sample(seed: int, count: int) -> list[Case]:
    """Some cases of the short families: writes, watches and stale lists; the same for the same seed."""
    chance = random.Random(seed)
    families: dict[str, list[Case]] = {}
    for case in cases():
        if case.name.startswith("write-") and case.faults[0].at >= CERTAIN_WRITES[case.scenario.name]:
            continue
        families.setdefault(case.name.split("-")[0], []).append(case)
    for long in ("server", "two", "walk", "mutations"):
        families.pop(long)
    picked = [chance.choice(found) for found in families.values()]
    rest = [case for found in families.values() for case in found if case not in picked]
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

    control_plane: ControlPlane
    server: ApiServer
    folder: Path
    rest: float
    parallel: int
    _wanted: "dict[str, asyncio.Task[Outcome]] | None" = None

    async def run(self, chosen: Sequence[Case], tell: Callable[[Verdict], None]) -> list[Verdict]:
        """All of them, as many at once as allowed; those that kill the server one at a time, after the others."""
        self._wanted = {}
        gate = asyncio.Semaphore(self.parallel)

        async def one(case: Case) -> Verdict:
            async with gate:
                verdict = await self._one(case)
            tell(verdict)
            return verdict

        calm = [case for case in chosen if not case.server]
        verdicts = list(await asyncio.gather(*map(one, calm)))
        return verdicts + [await one(case) for case in chosen if case.server]

    async def _one(self, case: Case) -> Verdict:
        began = time.monotonic()
        try:
            wanted = await self._without_faults(case.scenario)
            if case.scenario.invalid:
                found, problems = wanted, [*wanted.problems]  # the mutations are the fault
            else:
                found = await run(self.server, case, self.folder, rest=self.rest, crash=self._crash)
                problems = compared(found, wanted)
        except Exception as error:
            return Verdict(case, [f"{type(error).__name__}: {error}"], time.monotonic() - began, 0)
        return Verdict(case, problems, time.monotonic() - began, found.fired)

    async def _without_faults(self, scenario: Scenario) -> Outcome:
        assert self._wanted is not None
        if scenario.name not in self._wanted:
            calm = Case(f"calm-{scenario.name}", scenario)
            self._wanted[scenario.name] = asyncio.create_task(run(self.server, calm, self.folder, rest=self.rest))
        return await self._wanted[scenario.name]

    async def _crash(self, component: str) -> None:
        processes = self.control_plane.processes
        await asyncio.to_thread(processes.stop, component, patience=0)
        if component == "etcd":
            await asyncio.to_thread(processes.stop, "kube-apiserver", patience=0)
        await asyncio.sleep(1.0)
        await asyncio.to_thread(self.control_plane.start)


def run_cases(chosen: Sequence[Case], tell: Callable[[Verdict], None], *, rest: float, parallel: int) -> list[Verdict]:
    """Run cases on a control plane of their own, which ends with them; logs of failed ones are named in their problems."""
    folder = Path(tempfile.mkdtemp(prefix="connector-operator-faults-"))
    arguments = ("--max-mutating-requests-inflight=500", "--max-requests-inflight=1000")
    with ControlPlane(ControlPlaneConfig(apiserver_arguments=arguments)) as control_plane:
        cluster_hands.install_crds(control_plane.kubeconfig)

        async def everything() -> list[Verdict]:
            async with ApiServer(control_plane.kubeconfig) as server:
                return await Suite(control_plane, server, folder, rest, parallel).run(chosen, tell)

        verdicts = asyncio.run(everything())
    if not any(verdict.problems for verdict in verdicts):
        shutil.rmtree(folder)
    return verdicts

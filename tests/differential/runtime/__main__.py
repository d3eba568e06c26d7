"""Runs the same processes once through Camunda's runtime and once through ours: `python tests/differential/runtime`."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local"), str(ROOT / "tests" / "bench" / "runtime")]

from contenders import official  # noqa: E402 - the paths above come first
from job_worker import connector_entry, worker_config  # noqa: E402
from official_build import official_jar  # noqa: E402
from pyzeebe import ZeebeClient, create_insecure_channel  # noqa: E402
from recording_proxy import RecordingProxy  # noqa: E402
from recording_server import RecordingServer  # noqa: E402
from rest_case import SECRETS, RestCase, answers  # noqa: E402
from rest_comparison import FACTS, compare, reason_of, render  # noqa: E402
from rest_observation import Observation  # noqa: E402
from rest_outcome_cases import outcome_cases  # noqa: E402
from rest_processes import JOB_TYPE, Runner, deploy  # noqa: E402
from rest_shape_cases import shape_cases  # noqa: E402

from local_cluster.ports import free_ports  # noqa: E402
from local_cluster.zeebe import Zeebe, ZeebeConfig  # noqa: E402


async def observe(cases: Sequence[RestCase], *, log: Path | None) -> tuple[Mapping[str, Observation], Mapping[str, Observation]]:
    """What was seen of each case through the official runtime and through ours."""
    jar = official_jar()
    if jar is None:
        sys.exit("cannot build the official runtime: install Maven and a JDK of version 21 or newer")
    with Zeebe(ZeebeConfig.throwaway()) as zeebe:
        target = zeebe.grpc_address.removeprefix("grpc://")
        async with RecordingServer(answers(tuple(cases))) as server, RecordingProxy(target, server.port) as proxy:
            client = ZeebeClient(create_insecure_channel(target, (("grpc.max_metadata_size", 1 << 20),)))
            await deploy(client, cases)
            runner = Runner(client, proxy, server)
            address = f"grpc://127.0.0.1:{proxy.port}"
            theirs = await _through(_official(address, zeebe.rest_address, jar, log), runner, cases)
            ours = await _through(_ours(address, log), runner, cases)
    return theirs, ours


async def _through(process: subprocess.Popen[bytes], runner: Runner, cases: Sequence[RestCase]) -> Mapping[str, Observation]:
    try:
        await runner.until_connected()
        return await runner.run_all(cases)
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()


def _official(address: str, rest: str, jar: Path, log: Path | None) -> subprocess.Popen[bytes]:
    contender = official(address, rest, jar, threads=200)
    command = [*contender.command, "--camunda.client.worker.defaults.max-jobs-active=500"]
    return _start(command, {**os.environ, **SECRETS}, log and log / "official.log")


def _ours(address: str, log: Path | None) -> subprocess.Popen[bytes]:
    folder = Path(tempfile.mkdtemp(prefix="differential-worker-"))
    for name, value in SECRETS.items():
        (folder / name).write_text(value)
    secrets = {"directory": str(folder), "names": list(SECRETS)}
    entry = connector_entry("http", JOB_TYPE, secrets=secrets, maxJobsActive=500, timeoutSeconds=60)
    config = worker_config(address, entry) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
    (folder / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "connector_runtime", "run", "--config", str(folder / "config.json")]
    return _start([*command, "--port", str(free_ports(1)[0])], {**os.environ, "TMPDIR": str(folder)}, log and log / "ours.log")


def _start(command: Sequence[str], environment: Mapping[str, str], log: Path | None) -> subprocess.Popen[bytes]:
    if log is None:
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)


def main(options: argparse.Namespace) -> int:
    """0 when nothing differs but what docs/differences.md lists."""
    cases = (*outcome_cases(), *shape_cases())
    theirs, ours = asyncio.run(observe(cases, log=options.log))
    if options.write:
        FACTS.parent.mkdir(parents=True, exist_ok=True)
        FACTS.write_text(render(theirs))
    found = [difference for name, seen in theirs.items() for difference in compare(name, seen, ours[name])]
    listed = {difference.case for difference in found if reason_of(difference.case)}
    unlisted = [difference for difference in found if not reason_of(difference.case)]
    for difference in found if options.all else unlisted:
        print(difference.text())
    requests = sum(len(seen.requests) for seen in theirs.values())
    more = len(unlisted)
    equal = len(cases) - len({difference.case for difference in found})
    print(f"{len(cases)} cases, {requests} requests: {equal} equal, {len(listed)} differ as listed, {more} differences more")
    return 1 if unlisted else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what the official runtime does for the contract tests")
    parser.add_argument("--all", action="store_true", help="print the listed differences too")
    parser.add_argument("--log", type=Path, help="a folder for the logs of both runtimes")
    sys.exit(main(parser.parse_args()))

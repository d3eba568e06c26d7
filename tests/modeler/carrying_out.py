"""From diagrams to jobs: deployed to the real Zeebe, looked at, and executed by the runtime where its world is here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker import Broker, Grabbed, RefusedError, cancelled
from connector_job import LOOPBACK
from job_worker import Pod, worker_in_process
from proof import Proof, Stage
from scenes import Played

from connector_runtime.headers import Header
from connector_runtime.loading import SINGLE, AnyFunction
from local_cluster.progress import say

RUNTIME, GRABBED = "runtime", "grabbed"
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Instance:
    """One process instance that waits at its element, with the job that was taken from there."""

    proof: Proof
    played: Played | None
    job: Grabbed
    ending: asyncio.Task[dict[str, Any]]


async def carry_out(proofs: Sequence[Proof], broker: Broker, cast: Sequence[Played], config: Mapping[str, Any]) -> None:
    """Let every diagram make its job, compare, and then let the runtime have those that it can execute here."""
    endings: list[asyncio.Task[dict[str, Any]]] = []
    say("deploying the diagrams, looking at their jobs")
    try:
        instances = [one for proof in proofs if (one := await _job_of(proof, broker, cast, endings))]
        for one in instances:
            await (broker.give_back(one.job) if one.proof.executed_by == RUNTIME else broker.complete(one.job))
        say("the runtime executes what it can")
        async with worker_in_process({**config, "egress": LOOPBACK}) as pod:
            await pod.until_ready()
            await asyncio.wait(endings, timeout=SECONDS) if endings else None
            for one in instances:
                await _judge(one, pod)
    finally:
        await cancelled(endings)


async def _job_of(
    proof: Proof, broker: Broker, cast: Sequence[Played], endings: list[asyncio.Task[dict[str, Any]]]
) -> Instance | None:
    """Deploy, start and grab one; None, with a finding, when it does not come so far."""
    promised = proof.promise
    played = next((one for one in cast if one.job_type == promised.job_type), None)
    try:
        definition = await broker.deploy(with_null_sources(proof.xml))
        proof.say(Stage.DEPLOYED)
        ending = asyncio.create_task(broker.run(definition, proof.variables))
        endings.append(ending)
        job = await broker.grab(promised.job_type)
    except RefusedError as refused:
        proof.say(Stage.EQUAL if proof.came_through(Stage.DEPLOYED) else Stage.DEPLOYED, str(refused))
        return None
    proof.of_job(job.carried, _function(played, job) if played else None)
    if played is None:
        proof.say(Stage.EQUAL, f"no Connector serves the job type '{promised.job_type}'")
    proof.executed_by = RUNTIME if played and _is_here(played, {**promised.inputs, **promised.headers}) else GRABBED
    return Instance(proof, played, job, ending)


def with_null_sources(xml: str) -> str:
    """The diagram for a Zeebe older than 8.8, which wants written out what an empty mapping means since then.

    https://github.com/camunda/camunda/issues/12961
    """
    return xml.replace("<zeebe:input target=", '<zeebe:input source="=null" target=')


def _is_here(played: Played, chosen: Mapping[str, str | None]) -> bool:
    """Whether what was chosen is on this machine."""
    return played.scene is not None and not any(chosen.get(name) in values for name, values in played.scene.away.items())


def _function(played: Played, job: Grabbed) -> AnyFunction:
    functions = played.functions()
    return functions.get(SINGLE) or functions[job.carried["headers"][Header.OPERATION]]


async def _judge(one: Instance, pod: Pod) -> None:
    """Note how the process ended: with the response where the template promised to put it."""
    if not one.ending.done():
        why = (await pod.connector(one.played.name))["lastError"] if one.played else ""
        one.proof.say(Stage.EXECUTED, f"the process has not ended after {SECONDS:.0f} s: {why or 'nobody says why'}")
    elif (error := one.ending.exception()) is not None:
        one.proof.say(Stage.EXECUTED, str(error))
    else:
        one.proof.say(Stage.EXECUTED, *_missing(one, one.ending.result()))


def _missing(one: Instance, variables: Mapping[str, Any]) -> list[str]:
    """Which variables the process should have got and has not."""
    headers = one.proof.promise.headers
    if one.proof.executed_by != RUNTIME or "resultVariable" not in headers:
        return []
    name = headers["resultVariable"]
    if name not in variables:
        return [f"the process has no variable '{name}'"]
    if "resultExpression" in headers and variables.get("given") != variables[name]:
        return [f"the result expression gave {variables.get('given')!r}, not {variables[name]!r}"]
    return []

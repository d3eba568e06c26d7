"""A process of one service task on a real Zeebe, and patience with a broker that is busy or away."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

from pyzeebe import ZeebeClient
from pyzeebe.errors import PyZeebeError

from local_cluster.zeebe import Zeebe

T = TypeVar("T")

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 id="d" targetNamespace="t"><error id="e" errorCode="NOT_FOUND"/><process id="{id}" isExecutable="true">
 <startEvent id="s"><outgoing>a</outgoing></startEvent><sequenceFlow id="a" sourceRef="s" targetRef="t"/>
 <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="{type}" retries="3"/>
 <zeebe:taskHeaders>{headers}</zeebe:taskHeaders></extensionElements>
 <incoming>a</incoming><outgoing>z</outgoing></serviceTask>
 <boundaryEvent id="b" attachedToRef="t"><extensionElements><zeebe:ioMapping>
 <zeebe:output source="=id" target="caught"/></zeebe:ioMapping></extensionElements>
 <outgoing>c</outgoing><errorEventDefinition errorRef="e"/></boundaryEvent>
 <sequenceFlow id="c" sourceRef="b" targetRef="caught"/>
 <endEvent id="caught"><incoming>c</incoming></endEvent>
 <sequenceFlow id="z" sourceRef="t" targetRef="done"/><endEvent id="done"><incoming>z</incoming></endEvent>
 </process></definitions>"""

_NUMBERS = itertools.count()


async def deployed(client: ZeebeClient, folder: Path, job_type: str, **headers: str) -> str:
    """Deploy a process whose task has this job type; return its id. An error NOT_FOUND leads to an end of its own."""
    name = f"process-{next(_NUMBERS)}"
    shown = "".join(f'<zeebe:header key="{key}" value="{value}"/>' for key, value in headers.items())
    (folder / f"{name}.bpmn").write_text(PROCESS.format(id=name, type=job_type, headers=shown))
    await patiently(lambda: client.deploy_resource(str(folder / f"{name}.bpmn")))
    return name


async def result(client: ZeebeClient, process: str, variables: Mapping[str, Any], *, seconds: float = 60) -> dict[str, Any]:
    """Run an instance to its end; return its variables."""
    call = lambda: client.run_process_with_result(process, dict(variables), timeout=int(seconds * 1000))  # noqa: E731 - one use
    answer = await patiently(call, seconds)
    return dict(answer.variables)


async def patiently(call: Callable[[], Awaitable[T]], seconds: float = 60) -> T:
    """The answer of a broker that may be too busy or not ready yet; TimeoutError when it stays so."""
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(PyZeebeError):
                return await call()
            await asyncio.sleep(0.1)


def locks_run_out(zeebe: Zeebe, job_type: str) -> int:
    """How often the broker took a job of this type back because its lock had run out, by the broker's own metrics."""
    with urlopen(f"{zeebe.management_address}/actuator/prometheus") as answer:
        lines = answer.read().decode().splitlines()
    labels = ('action="timed out"', f'type="{job_type}"')
    counted = [line for line in lines if line.startswith("zeebe_job_events_total{") and all(label in line for label in labels)]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in counted)

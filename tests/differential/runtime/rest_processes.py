"""The cases as BPMN processes on a real Zeebe: deployed once, run once through each runtime."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from pyzeebe import ZeebeClient
from pyzeebe.errors import PyZeebeError
from recording_proxy import RecordingProxy
from recording_server import RecordingServer
from rest_case import CAUGHT, RestCase
from rest_observation import Observation, requests_of, shortened

JOB_TYPE = "io.camunda:http-json:1"
PATIENCE = 40.0
MOST_AT_ONCE = 40
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 id="d" targetNamespace="cases"><error id="error" errorCode="{code}"/><process id="{id}" isExecutable="true">
 <startEvent id="start"><outgoing>a</outgoing></startEvent><sequenceFlow id="a" sourceRef="start" targetRef="call"/>
 <serviceTask id="call"><extensionElements><zeebe:taskDefinition type="{type}" retries="{retries}"/>
 <zeebe:ioMapping>{inputs}</zeebe:ioMapping><zeebe:taskHeaders>{headers}</zeebe:taskHeaders></extensionElements>
 <incoming>a</incoming><outgoing>c</outgoing></serviceTask>
 <boundaryEvent id="caught" attachedToRef="call"><outgoing>b</outgoing><errorEventDefinition errorRef="error"/></boundaryEvent>
 <sequenceFlow id="b" sourceRef="caught" targetRef="elsewhere"/><endEvent id="elsewhere"><incoming>b</incoming></endEvent>
 <sequenceFlow id="c" sourceRef="call" targetRef="end"/><endEvent id="end"><incoming>c</incoming></endEvent>
 </process></definitions>"""


def bpmn(case: RestCase) -> str:
    """The process of one case: the inputs come from the variable `given`."""
    names = case.input("").keys()
    inputs = "".join(f'<zeebe:input source="=given.{name}" target="{name}"/>' for name in names)
    headers = "".join(f"<zeebe:header key={quoteattr(k)} value={quoteattr(v)}/>" for k, v in case.headers.items())
    return PROCESS.format(code=CAUGHT, id=case.name, type=JOB_TYPE, retries=case.retries, inputs=inputs, headers=headers)


async def deploy(client: ZeebeClient, cases: Sequence[RestCase]) -> None:
    """Deploy all processes, some at a time."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{case.name}.bpmn") for case in cases]
        for file, case in zip(files, cases, strict=True):
            file.write_text(bpmn(case))
        for first in range(0, len(files), 40):
            await client.deploy_resource(*map(str, files[first : first + 40]))


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs cases against whatever runtime is connected to the proxy."""

    client: ZeebeClient
    proxy: RecordingProxy
    server: RecordingServer

    async def until_connected(self) -> None:
        """Wait until a runtime asked for jobs; TimeoutError after a minute."""
        self.proxy.asked.clear()
        await asyncio.wait_for(self.proxy.asked.wait(), PATIENCE)

    async def run_all(self, cases: Sequence[RestCase]) -> Mapping[str, Observation]:
        """All cases at once; what was recorded before is forgotten."""
        self.proxy.commands.clear()
        self.server.requests.clear()
        places = asyncio.Semaphore(MOST_AT_ONCE)
        # a runtime that loads its classes while it is flooded may never come out of it: the first case goes alone
        first = await self._run(cases[0], places)
        seen = [first, *await asyncio.gather(*(self._run(case, places) for case in cases[1:]))]
        return dict(zip((case.name for case in cases), seen, strict=True))

    async def _run(self, case: RestCase, places: asyncio.Semaphore) -> Observation:
        async with places:
            return await self._run_now(case)

    async def _run_now(self, case: RestCase) -> Observation:
        variables = {"given": case.input(self.server.base(case.name))}
        process = asyncio.create_task(self._process(case, variables))
        commands = self.proxy.commands[case.name]
        try:
            async with asyncio.timeout(PATIENCE):
                while not process.done() and not _stands(commands):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            print(f"{case.name} did not end within {PATIENCE:.0f} s: {commands}")
        await self._until_recorded(process, commands)
        process.cancel()
        ended = (await asyncio.gather(process, return_exceptions=True))[0]
        requests = requests_of(self.server.requests[case.name], self.server.port)
        return Observation(requests, list(commands), ended if isinstance(ended, dict) else None)

    async def _until_recorded(self, process: asyncio.Task[dict[str, Any]], commands: Sequence[Mapping[str, Any]]) -> None:
        """The end of a process may be known before the command that brought it about is kept."""
        for _ in range(50):
            if _stands(commands) or (process.done() and commands):
                break
            await asyncio.sleep(0.1)

    async def _process(self, case: RestCase, variables: dict[str, Any]) -> dict[str, Any]:
        while True:
            try:
                done = await self.client.run_process_with_result(case.name, variables, timeout=int(PATIENCE * 1000))
                break
            except PyZeebeError:
                await asyncio.sleep(0.2)
        return {name: shortened(value, self.server.port) for name, value in done.variables.items() if name != "given"}


def _stands(commands: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the job is over and its process stands at an incident."""
    if not commands:
        return False
    last = commands[-1]
    return last.get("retries") == 0 or ("throw" in last and last["throw"] != CAUGHT)

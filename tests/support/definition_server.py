"""The part of Camunda's REST API that gives a process definition's diagram, on loopback."""

from collections.abc import Mapping
from typing import Self

from aiohttp import web

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <bpmn:process id="order" isExecutable="true">
    <bpmn:serviceTask id="{element}">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="test:wait:1" />
        <zeebe:ioMapping>{inputs}</zeebe:ioMapping>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
  </bpmn:process>
</bpmn:definitions>"""


def diagram(element: str, **inputs: str) -> str:
    """A process of one service task; each input is a target (two underscores for a dot) and its source, as XML writes it."""
    mappings = "".join(f'<zeebe:input source="{value}" target="{name.replace("__", ".")}" />' for name, value in inputs.items())
    return DIAGRAM.format(element=element, inputs=mappings)


class DefinitionServer:
    """Knows some diagrams by their key; any other is 404, and everything else of the API 405 or 404."""

    def __init__(self, diagrams: Mapping[int, str]) -> None:
        self.diagrams = dict(diagrams)
        self.asked: list[tuple[int, str | None]] = []
        """Key and authorization of each request."""
        self.address = ""
        application = web.Application()
        application.router.add_get("/v2/process-definitions/{key:[0-9]+}/xml", self._diagram)
        self._runner = web.AppRunner(application)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _diagram(self, request: web.Request) -> web.Response:
        key = int(request.match_info["key"])
        self.asked.append((key, request.headers.get("Authorization")))
        if key not in self.diagrams:
            return web.json_response({"title": "NOT_FOUND"}, status=404)
        return web.Response(text=self.diagrams[key], content_type="text/xml")

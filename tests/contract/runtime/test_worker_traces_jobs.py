"""One span for each job, at a receiver that speaks OTLP/HTTP; none, and no package for it, where nobody asked."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest
from aiohttp import web
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from zeebe_gateway import JobState, ZeebeGateway


class Receiver:
    """Takes spans as the collector does: protobuf by POST on /v1/traces; anything else is refused."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        application = web.Application()
        application.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(application)
        self.address = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if request.headers.get("Content-Type") != "application/x-protobuf":
            return web.Response(status=415)
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            return web.Response(status=415)
        ExportTraceServiceRequest.FromString(body)
        self.bodies.append(body)
        return web.Response(content_type="application/x-protobuf")

    @property
    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def attributes(span: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


async def test_each_job_is_a_span_without_its_data(
    gateway: ZeebeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = python_source(tmp_path / "code", "functions:raising", functions=FUNCTIONS)
    waiting = python_source(tmp_path / "wait", "functions:wait", functions=FUNCTIONS)
    entries = [
        connector_entry("raising", "test:raise:1", source=source),
        connector_entry("wait", "test:wait:1", source=waiting),
    ]
    async with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address)
        async with worker_in_process(worker_config(gateway.address, *entries)):
            good = await gateway.create_job("test:wait:1", {"value": "canary-4711"}, {"elementTemplateId": "my:template"})
            bad = await gateway.create_job("test:raise:1", {"how": "input"})
            await gateway.until(lambda: good.state is JobState.COMPLETED and bad.state is JobState.INCIDENT)
        spans = {span.name: span for span in receiver.spans}
        assert b"canary-4711" not in b"".join(receiver.bodies)
    assert attributes(spans["job test:wait:1"]) == {
        "jobKey": good.key,
        "jobType": "test:wait:1",
        "processInstanceKey": good.key + 1_000_000,
        "bpmnProcessId": "process",
        "elementId": "task",
        "elementTemplateId": "my:template",
        "elementTemplateVersion": "",
        "action": "completed",
    }
    assert (spans["job test:wait:1"].status.code, spans["job test:raise:1"].status.code) == (0, 2)
    assert all(0 < span.start_time_unix_nano <= span.end_time_unix_nano for span in spans.values())


async def test_a_receiver_that_is_not_there_keeps_no_job_and_no_end_waiting(
    gateway: ZeebeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    source = python_source(tmp_path / "code", "functions:wait", functions=FUNCTIONS)
    async with worker_in_process(worker_config(gateway.address, connector_entry("wait", "test:wait:1", source=source))):
        await gateway.create_job("test:wait:1")
        await gateway.until_all(JobState.COMPLETED)


def test_who_does_not_trace_does_not_load_the_packages_for_it() -> None:
    code = "import sys, connector_runtime.worker; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

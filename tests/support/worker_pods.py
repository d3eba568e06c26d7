"""The kubelet and the worker's pods of a cluster without nodes: pods run at once, at loopback, and answer the operator.

They answer as docs/worker-contract.md says. Every address of 127.0.0.0/8 is this machine's: the port is the contract's.
"""

import json
import threading
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cluster_hands import Hands, wait_for
from scenario_objects import sample
from worker_status import status_document

PORT = 9600
CONFIG_LABEL = "connectors.camunda.io/config"


@dataclass(slots=True)
class WorkerPod:
    """One pod that runs."""

    name: str
    config: str
    templates: dict[str, list[dict[str, Any]]]
    asked: list[str] = field(default_factory=list[str])
    """The paths that were asked for."""
    _reports: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    _gateway: str = "Connected"
    _answers: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    """By path: a thousand templates are hashed once, not for every question."""

    def generate(self, connector: str, *templates: dict[str, Any]) -> None:
        """Have other element templates for a Connector from now on, as after a restart of the container."""
        self.templates[connector] = list(templates)
        self._answers = {}

    def report(self, connector: str, **report: Any) -> None:
        """Say of a Connector something else than that it is loaded."""
        self._reports[connector] = report
        self._answers = {}

    def meet(self, gateway: str) -> None:
        """Have the gateway in this state."""
        self._gateway = gateway
        self._answers = {}

    def restart(self, config: str) -> None:
        """Run with another configuration, as the pod that follows this one does."""
        self.config = config
        self._answers = {}

    def answer(self, path: str) -> tuple[int, bytes]:
        """The status code and the body for a path."""
        self.asked.append(path)
        answers = self._answers
        if path not in answers:
            answers[path] = self._answer(path)
        return answers[path]

    def _answer(self, path: str) -> tuple[int, bytes]:
        if path == "/status":
            document = status_document(self.config, self.templates, reports=self._reports, gateway=self._gateway)
            return 200, json.dumps(document).encode()
        connector = path.removeprefix("/element-templates/")
        if connector not in {entry["name"] for entry in json.loads(self.config)["connectors"]}:
            return 404, b"no such Connector\n"
        return 200, json.dumps(self.templates.get(connector, [])).encode()


def bring(hands: Hands, *connectors: str) -> None:
    """Apply a runtime with these Connectors, of which the operator then waits for pods."""
    for name in connectors:
        connector = sample("Connector", "http")
        connector["metadata"]["name"] = name
        connector["spec"] |= {"jobType": f"acme.io:{name}:1"}
        hands.put(connector)
    hands.apply("runtime.yaml")
    for name in connectors:
        # a Connector is Pending before there is a runtime, too; it is bound when the runtime's objects are there
        hands.wait_condition("Connector", name, "Bound", ("True", "Bound"))
    hands.wait_condition("Connector", connectors[-1], "Loaded", ("False", "Pending"))


@contextmanager
def running(hands: Hands, worker: str, templates: dict[str, list[dict[str, Any]]]) -> Generator[WorkerPod, None, None]:
    """The newest pod of a Deployment runs until the end, and is Ready."""
    pod = WorkerPod(_newest(hands, worker), configuration(hands, worker), templates)
    pod.answer("/status")
    server = _serve(pod)
    try:
        condition = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        address = str(server.server_address[0])
        hands.edit(
            "Pod", pod.name, {"status": {"phase": "Running", "podIP": address, "conditions": [condition]}}, subresource="status"
        )
        yield pod
    finally:
        server.shutdown()
        server.server_close()


def config_map(hands: Hands, worker: str) -> str:
    """The name of the ConfigMap with the configuration that a Deployment's pod template mounts now."""
    volumes = hands.get("Deployment", worker)["spec"]["template"]["spec"]["volumes"]
    return next(volume["configMap"]["name"] for volume in volumes if volume["name"] == "config")


def configuration(hands: Hands, worker: str) -> str:
    """The text of that configuration."""
    return hands.get("ConfigMap", config_map(hands, worker))["data"]["config.json"]


def _newest(hands: Hands, worker: str) -> str:
    """The name of the pod that the cluster made for the newest pod template."""
    wanted = hands.get("Deployment", worker)["spec"]["template"]["metadata"]["labels"][CONFIG_LABEL]

    def made() -> str:
        pods = [pod["metadata"] for pod in hands.every("Pod") if not pod["metadata"].get("deletionTimestamp")]
        return next((pod["name"] for pod in pods if pod["labels"].get(CONFIG_LABEL) == wanted), "")

    return wait_for(made, f"there is a pod of configuration {wanted}")


def _serve(pod: WorkerPod) -> ThreadingHTTPServer:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = pod.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
            """Nothing: a test's output is about the operator."""

    # two test runs on one machine must not meet
    first, second, third = uuid.uuid4().bytes[:3]
    server = ThreadingHTTPServer((f"127.{1 + first % 254}.{second}.{1 + third % 254}", PORT), Answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server

"""The workers that are measured: how each is started against a gateway."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from image_python import image_python
from job_worker import connector_entry, worker_config
from official_build import java_command

from local_cluster.ports import free_ports

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Contender:
    """One worker; `command` is ready to be run."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def start(self) -> subprocess.Popen[bytes]:
        """Run it; whoever starts it ends it."""
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(self.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ours(address: str) -> Contender:
    """This project's worker with default settings; loopback has to be allowed for the target."""
    folder = Path(tempfile.mkdtemp(prefix="bench-worker-"))
    entry = connector_entry("http", "io.camunda:http-json:1", maxJobsActive=100, timeoutSeconds=60)
    config = worker_config(address, entry) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
    (folder / "config.json").write_text(json.dumps(config))
    arguments = ["run", "--config", str(folder / "config.json"), "--port", str(free_ports(1)[0])]
    return Contender("ours", [image_python(), "-m", "connector_runtime", *arguments], {"TMPDIR": str(folder)})


def pyzeebe(address: str, *options: str) -> Contender:
    """pyzeebe's worker with its limits raised and its waits shortened; `--uvloop` gives it our event loop."""
    command = [image_python(), str(HERE / "pyzeebe_worker.py"), address.removeprefix("grpc://"), *options]
    return Contender(", ".join(["pyzeebe, tuned", *(option.strip("-") for option in options)]), command)


def official(address: str, rest: str, jar: Path, *, threads: int = 0) -> Contender:
    """Camunda's runtime: its defaults, or with so many virtual threads and job streaming."""
    client = [f"--camunda.client.grpc-address={address.replace('grpc://', 'http://')}", f"--camunda.client.rest-address={rest}"]
    tuned = [f"--bench.threads={threads}", "--camunda.client.worker.defaults.stream-enabled=true"] if threads else []
    name = "official, tuned" if threads else "official, defaults"
    return Contender(name, [str(java_command()), "-jar", str(jar), *client, *tuned])

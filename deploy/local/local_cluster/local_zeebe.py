"""The Zeebe beside the local cluster: on the node's address, so that pods and this machine reach it alike."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from local_cluster import network
from local_cluster.api import ApiClient
from local_cluster.cache import content_key
from local_cluster.host_services import host_service
from local_cluster.processes import Lifetime
from local_cluster.progress import say
from local_cluster.state import State
from local_cluster.throwaway import memory_backed
from local_cluster.zeebe import NAME, Zeebe, ZeebeConfig, ZeebePorts

# how the samples name the gateway: zeebe-gateway.camunda:26500
_NAMESPACE: Final = "camunda"
_SERVICE: Final = "zeebe-gateway"


@dataclass(frozen=True, slots=True)
class ZeebeOptions:
    """What a person chooses; remembered, so that `status` and `down` need no options."""

    host: str = network.NODE_ADDRESS
    ephemeral: bool = False  # start empty, keep the data in memory, forget them at the end
    ports: ZeebePorts = field(default_factory=ZeebePorts)
    heap_megabytes: int = 512

    @classmethod
    def read(cls, file: Path) -> Self:
        """Those of the last start; the defaults when there was none."""
        if not file.exists():
            return cls()
        members: dict[str, Any] = json.loads(file.read_bytes())
        ports = ZeebePorts(**members.pop("ports"))
        return cls(ports=ports, **members)


@dataclass(frozen=True, slots=True)
class LocalZeebe:
    """The one Zeebe of the state folder; it outlives the command that starts it."""

    state: State
    environment: Mapping[str, str]

    def up(self, options: ZeebeOptions) -> Zeebe:
        """Bring it up with these options, restarting it when it runs with others."""
        if options.host == network.NODE_ADDRESS:
            network.add_node_address()
        self.state.zeebe.mkdir(parents=True, exist_ok=True)
        zeebe = self._broker(options)
        if options.ephemeral and not zeebe.processes.running(NAME):
            shutil.rmtree(self._memory(), ignore_errors=True)
        zeebe.start()
        self._options_file().write_text(json.dumps(asdict(options)), encoding="utf-8")
        return zeebe

    def down(self) -> None:
        """End it; its data stay for the next start unless they were ephemeral."""
        self.current().processes.stop(NAME, patience=30)
        shutil.rmtree(self._memory(), ignore_errors=True)
        self.state.release_node_address()
        say("zeebe down")

    def current(self) -> Zeebe:
        """The broker of the last start, running or not."""
        return self._broker(ZeebeOptions.read(self._options_file()))

    def publish(self, client: ApiClient) -> None:
        """Make the gateway a Service of the cluster, under the name that the samples use."""
        ports = ZeebeOptions.read(self._options_file()).ports
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}
        client.apply(f"/api/v1/namespaces/{_NAMESPACE}", namespace)
        listed = {"gateway": ("TCP", ports.gateway), "rest": ("TCP", ports.rest)}
        for path, manifest in host_service(_NAMESPACE, _SERVICE, listed):
            client.apply(path, manifest)
        say(f"pods reach Zeebe as {_SERVICE}.{_NAMESPACE}:{ports.gateway}")

    def _broker(self, options: ZeebeOptions) -> Zeebe:
        config = ZeebeConfig(
            host=options.host,
            ports=options.ports,
            directory=self.state.zeebe,
            durable=not options.ephemeral,
            heap_megabytes=options.heap_megabytes,
            lifetime=Lifetime.DETACHED,
            environment=self.environment,
        )
        return Zeebe(replace(config, data=self._memory()) if options.ephemeral else config)

    def _memory(self) -> Path:
        parent = memory_backed() or self.state.zeebe
        return parent / f"connector-operator-zeebe-data-{os.getuid()}-{content_key(str(self.state.root))}"

    def _options_file(self) -> Path:
        return self.state.zeebe / "options.json"

"""A Zeebe broker with its embedded gateway, without authentication and without exporters.

    with Zeebe(ZeebeConfig.throwaway()) as zeebe:
        ... zeebe.grpc_address

is one on free loopback ports, with its data in memory, that ends with the thread that started it.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from local_cluster import java
from local_cluster.cache import Cache, cache_root
from local_cluster.errors import LocalClusterError
from local_cluster.ports import expect_free, free_ports
from local_cluster.prerequisites import Purpose, current_environment, require
from local_cluster.probing import answers
from local_cluster.processes import Lifetime, ProcessSet, Program
from local_cluster.throwaway import make_throwaway, memory_backed
from local_cluster.waiting import wait_until
from local_cluster.zeebe_distribution import zeebe_distribution

NAME: Final = "zeebe"
_START_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class ZeebePorts:
    """The broker's ports; those beside the gateway are away from the usual 8080 and 9600, which others use too."""

    gateway: int = 26500  # gRPC
    command: int = 26501
    internal: int = 26502
    rest: int = 26508
    management: int = 26509

    def all(self) -> tuple[int, ...]:
        """Every port that the broker listens on."""
        return self.gateway, self.command, self.internal, self.rest, self.management


@dataclass(frozen=True, slots=True)
class ZeebeConfig:
    """What kind of broker."""

    host: str = "127.0.0.1"
    ports: ZeebePorts = field(default_factory=ZeebePorts)
    directory: Path | None = None  # None: a temporary one, in memory where that is possible, removed by stop()
    data: Path | None = None  # None: below the directory
    durable: bool = False  # whether it flushes to disk what it acknowledges
    heap_megabytes: int = 512
    direct_megabytes: int = 256
    lifetime: Lifetime = Lifetime.WITH_PARENT
    environment: Mapping[str, str] = field(default_factory=current_environment)

    @classmethod
    def throwaway(cls) -> Self:
        """A broker for one test suite."""
        return cls(ports=ZeebePorts(*free_ports(5)))


class Zeebe:
    """start() returns when jobs can be created and activated; it may be called again."""

    def __init__(self, config: ZeebeConfig) -> None:
        self._config = config
        self.directory = config.directory or make_throwaway(NAME, memory_backed())
        self.processes = ProcessSet(self.directory, config.lifetime)

    @property
    def grpc_address(self) -> str:
        """The gateway, as `camunda.grpcAddress` names it."""
        return f"grpc://{self._config.host}:{self._config.ports.gateway}"

    @property
    def rest_address(self) -> str:
        """The REST API."""
        return f"http://{self._config.host}:{self._config.ports.rest}"

    @property
    def management_address(self) -> str:
        """Health, and metrics below /actuator/prometheus."""
        return f"http://{self._config.host}:{self._config.ports.management}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Bring the broker up, fetching it first when it is not in the cache."""
        environment = self._config.environment
        cache = Cache(cache_root(environment))
        require({Purpose.ZEEBE}, environment, cache.root)
        distribution = zeebe_distribution(cache, environment)
        runtime = java.choose(java.find_runtimes(environment))
        if not runtime:
            raise LocalClusterError("cannot run Zeebe: the Java runtime that was there a moment ago is gone; try again")
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.processes.running(NAME):
            expect_free(self._config.ports.all(), self._config.host, NAME)
        self.processes.start(Program(NAME, self._command(runtime, distribution), environment))
        wait_until(self.ready, "a ready Zeebe", seconds=_START_SECONDS, meanwhile=lambda: self.processes.expect_running(NAME))

    def stop(self) -> None:
        """End the broker, and remove the folder when it is a temporary one."""
        throwaway = self._config.directory is None
        self.processes.stop(NAME, patience=0 if throwaway else 30)
        if throwaway:
            shutil.rmtree(self.directory, ignore_errors=True)

    def ready(self) -> bool:
        """Whether the broker says that it is ready, all partitions included."""
        return answers(f"{self.management_address}/ready")

    def _command(self, runtime: java.JavaRuntime, distribution: Path) -> list[str]:
        config = self._config
        return [
            str(runtime.command),
            f"-Xmx{config.heap_megabytes}m",
            f"-XX:MaxDirectMemorySize={config.direct_megabytes}m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dfile.encoding=UTF-8",
            f"-Dapp.home={self.directory}",  # its log goes below it
            *(f"-D{name}={value}" for name, value in self._settings().items()),
            *("-classpath", f"{distribution / 'config'}{os.pathsep}{distribution / 'lib'}/*"),
            "io.camunda.application.StandaloneBroker",
        ]

    def _settings(self) -> dict[str, str | int]:
        config, ports = self._config, self._config.ports
        broker: dict[str, str | int] = {
            "network.host": config.host,
            "network.commandApi.port": ports.command,
            "network.internalApi.port": ports.internal,
            "gateway.network.host": config.host,
            "gateway.network.port": ports.gateway,
            "data.directory": str(config.data or self.directory / "data"),
            # the defaults stop processing on a disk that is fuller than a server's would be
            "data.disk.freeSpace.processing": "2GB",
            "data.disk.freeSpace.replication": "1GB",
            "cluster.raft.flush.enabled": str(config.durable).lower(),
        }
        web: dict[str, str | int] = {
            "server.address": config.host,
            "server.port": ports.rest,
            "management.server.address": config.host,
            "management.server.port": ports.management,
        }
        return {f"zeebe.broker.{name}": value for name, value in broker.items()} | web

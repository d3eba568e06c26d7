"""A control plane: etcd and an API server, with controllers and a scheduler where they are wanted.

    with ControlPlane(ControlPlaneConfig()) as control_plane:
        kubernetes.config.load_kube_config(str(control_plane.kubeconfig))

is a throw-away one on free loopback ports, in a folder of its own, that ends with the thread that started it.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from local_cluster.api import ApiClient
from local_cluster.binaries import Binaries, choose_binaries
from local_cluster.cache import Cache, cache_root
from local_cluster.certificates import CertificateAuthority
from local_cluster.components import (
    Endpoints,
    apiserver_arguments,
    certificate_requests,
    controller_manager_arguments,
    etcd_arguments,
    scheduler_arguments,
)
from local_cluster.errors import LocalClusterError
from local_cluster.files import write_if_changed
from local_cluster.kubeconfigs import kubeconfig_text, write_component_kubeconfig
from local_cluster.ports import expect_free, free_ports
from local_cluster.processes import Lifetime, ProcessSet, Program
from local_cluster.throwaway import make_throwaway
from local_cluster.waiting import wait_until

COMPONENTS: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")  # in the order of their start
_START_SECONDS: Final = 90


@dataclass(frozen=True, slots=True)
class ControlPlaneConfig:
    """What kind of control plane; the defaults are those of a test suite."""

    controllers: bool = False  # kube-controller-manager: garbage collection, Deployments, namespaces, ServiceAccounts
    scheduler: bool = False
    apiserver_arguments: tuple[str, ...] = ()  # further flags, after ours
    directory: Path | None = None  # None: a temporary one, removed by stop()
    endpoints: Endpoints | None = None  # None: free ports of 127.0.0.1
    lifetime: Lifetime = Lifetime.WITH_PARENT
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class ControlPlane:
    """start() returns when requests are served and, with controllers, when these work; it may be called again.

    Raises LocalClusterError with the end of the log of the component that did not come up.
    """

    def __init__(self, config: ControlPlaneConfig, binaries: Binaries | None = None) -> None:
        self._config = config
        self.binaries = binaries or choose_binaries(config.environment, Cache(cache_root(config.environment)))
        self.directory = config.directory or make_throwaway("control-plane")
        self.endpoints = config.endpoints or Endpoints("127.0.0.1", *free_ports(3))
        self.authority = CertificateAuthority(self.directory / "certificates")
        self.processes = ProcessSet(self.directory, config.lifetime)
        self.kubeconfig = self.directory / "admin.kubeconfig"

    @property
    def server(self) -> str:
        """The API server's URL."""
        return self.endpoints.server

    def client(self) -> ApiClient:
        """A client that may do everything."""
        return ApiClient(self.server, self.authority, "admin")

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
        """Bring up what is not up yet."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.authority.create()
        self.authority.issue(certificate_requests(self.endpoints))
        self._start("etcd", etcd_arguments(self.endpoints, self.directory), self._etcd_ports(), "127.0.0.1")
        self._start_apiserver()
        write_if_changed(self.kubeconfig, kubeconfig_text(self.server, self.authority, "admin"), mode=0o600)
        if self._config.controllers:
            self._start_controllers()
        if self._config.scheduler:
            self._start("kube-scheduler", scheduler_arguments(self._component_kubeconfig("scheduler")))

    def stop(self) -> None:
        """End all components, and remove the folder when it is a temporary one."""
        throwaway = self._config.directory is None
        for name in reversed(COMPONENTS):
            self.processes.stop(name, patience=0 if throwaway else 15)
        if throwaway:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _etcd_ports(self) -> tuple[int, ...]:
        return self.endpoints.etcd_client, self.endpoints.etcd_peer

    def _start(self, component: str, arguments: list[str], ports: tuple[int, ...] = (), host: str = "") -> None:
        if not self.processes.running(component):
            expect_free(ports, host, component)
        self.processes.start(Program(component, [self.binaries.path(component), *arguments], self._config.environment))

    def _start_apiserver(self) -> None:
        arguments = [*apiserver_arguments(self.endpoints, self.authority), *self._config.apiserver_arguments]
        self._start("kube-apiserver", arguments, (self.endpoints.api,), self.endpoints.host)
        client = self.client()
        wait_until(client.ready, "a ready API server", seconds=_START_SECONDS, meanwhile=self._expect_running)

    def _start_controllers(self) -> None:
        if not self.binaries.has("kube-controller-manager"):
            raise LocalClusterError(
                f"cannot run controllers: {self.binaries.directory} ({self.binaries.origin}) has no "
                "kube-controller-manager; unset KUBEBUILDER_ASSETS to use the programs that we build"
            )
        kubeconfig = self._component_kubeconfig("controller-manager")
        self._start("kube-controller-manager", controller_manager_arguments(kubeconfig, self.authority))
        client = self.client()

        def working() -> bool:
            return client.find("/api/v1/namespaces/default/serviceaccounts/default") is not None

        wait_until(working, "the default ServiceAccount", seconds=_START_SECONDS, meanwhile=self._expect_running)

    def _component_kubeconfig(self, user: str) -> Path:
        return write_component_kubeconfig(self.directory, self.server, self.authority, user)

    def _expect_running(self) -> None:
        for name in self.processes.names():
            self.processes.expect_running(name)

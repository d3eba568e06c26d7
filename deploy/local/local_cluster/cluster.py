"""The local cluster: one control plane and, unless only that is wanted, one node; it outlives the command that starts it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster import network
from local_cluster.binaries import Binaries
from local_cluster.build import build_programs
from local_cluster.cache import Cache
from local_cluster.cgroups import Hierarchies
from local_cluster.components import Endpoints
from local_cluster.container_runtime import RUNTIME_DIRECTORY, ContainerRuntime
from local_cluster.control_plane import ControlPlane, ControlPlaneConfig
from local_cluster.dns import ClusterDns
from local_cluster.go_programs import CONTAINERD, COREDNS, KUBERNETES
from local_cluster.node import Node
from local_cluster.prerequisites import Purpose, require
from local_cluster.processes import Lifetime, ProcessSet
from local_cluster.progress import say
from local_cluster.sandbox_image import StoredImage, build_sandbox_image
from local_cluster.state import State

_API_PORT, _ETCD_PORTS = 6443, (2379, 2380)
NODE_PROGRAMS: Final = ("containerd", "kubelet", "kube-proxy", "coredns")  # in the order of their start


@dataclass(frozen=True, slots=True)
class LocalCluster:
    """The one local cluster of this machine."""

    cache: Cache
    environment: Mapping[str, str]  # with a PATH that finds the administrator's programs

    @property
    def state(self) -> State:
        """Where it keeps what it knows."""
        return State(self.cache.root / "local")

    def up(self, *, with_node: bool) -> None:
        """Bring up what is not up yet; also from a state that a killed run or a reboot left."""
        purposes = {Purpose.CONTROL_PLANE, *([Purpose.NODE] if with_node else [])}
        require(purposes, self.environment, self.cache.root)
        build_programs(self.cache, self.environment, with_node=with_node)
        with self.cache.lock("local"):
            if not with_node and self.node_processes().running("kubelet"):
                say("the node is up, and the control plane with it")
                return
            if with_node:
                self._prepare_machine()
            control_plane = self.control_plane(with_node=with_node)
            control_plane.start()
            say(f"control plane ready: {control_plane.server}")
            if with_node:
                self._start_node(control_plane)

    def control_plane(self, *, with_node: bool) -> ControlPlane:
        """Its control plane; on the node's address when pods are to reach it, else on loopback."""
        host = network.NODE_ADDRESS if with_node else "127.0.0.1"
        config = ControlPlaneConfig(
            controllers=True,
            scheduler=with_node,
            directory=self.state.control_plane,
            endpoints=Endpoints(host, _API_PORT, *_ETCD_PORTS),
            lifetime=Lifetime.DETACHED,
            environment=self.environment,
        )
        return ControlPlane(config, self._binaries())

    def container_runtime(self) -> ContainerRuntime:
        """Its container runtime, up or not."""
        return ContainerRuntime(
            programs=CONTAINERD.build(self.cache),
            directory=self.state.node,
            processes=self.node_processes(),
            sandbox_image=build_sandbox_image(self.cache).reference,
        )

    def import_images(self, images: Iterable[StoredImage]) -> bool:
        """Bring images into the node; False when there is no node up to bring them into."""
        if not self.node_processes().running("containerd"):
            return False
        runtime = self.container_runtime()
        for image in images:
            runtime.import_archive(image.archive)
        return True

    def node_processes(self, cgroup: Path | None = None) -> ProcessSet:
        """The programs of its node."""
        return ProcessSet(self.state.node, Lifetime.DETACHED, cgroup)

    def control_plane_processes(self) -> ProcessSet:
        """The programs of its control plane."""
        return ProcessSet(self.state.control_plane, Lifetime.DETACHED)

    def _binaries(self) -> Binaries:
        return Binaries(KUBERNETES.build(self.cache), f"{KUBERNETES.title}, built from source")

    def _prepare_machine(self) -> None:
        self.state.node.mkdir(parents=True, exist_ok=True)
        RUNTIME_DIRECTORY.mkdir(exist_ok=True)
        if not self.state.machine_settings.exists():  # else the tables are ours, from a run that did not end well
            network.expect_no_other_proxy()
        network.KernelSettings(self.state.machine_settings).prepare()
        network.add_node_address()
        network.masquerade_pods()

    def _start_node(self, control_plane: ControlPlane) -> None:
        hierarchies = Hierarchies.of_this_machine()
        processes = self.node_processes(hierarchies.create())
        sandbox = build_sandbox_image(self.cache)
        runtime = ContainerRuntime(CONTAINERD.build(self.cache), self.state.node, processes, sandbox.reference)
        runtime.start(self.environment)
        if not runtime.has_image(sandbox.reference):
            runtime.import_archive(sandbox.archive)
        server, authority = control_plane.server, control_plane.authority
        node = Node(self._binaries(), self.state.node, processes, authority, server)
        node.start(runtime, hierarchies.version, self.environment)
        dns = ClusterDns(COREDNS.build(self.cache) / "coredns", self.state.node, processes, authority, server)
        dns.start(control_plane.client(), self.environment)
        node.wait_ready(control_plane.client())
        say("node ready")

"""Where the local cluster keeps what it knows, and who still uses the node's address."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_cluster import network
from local_cluster.container_runtime import RUNTIME_DIRECTORY
from local_cluster.launcher import ProcessRecord


@dataclass(frozen=True, slots=True)
class State:
    """The state folder: one folder for each part that has programs."""

    root: Path

    @property
    def control_plane(self) -> Path:
        """etcd's data, certificates, kubeconfigs, logs."""
        return self.root / "control-plane"

    @property
    def node(self) -> Path:
        """Images and containers, the kubelet's pods, configurations, logs."""
        return self.root / "node"

    @property
    def zeebe(self) -> Path:
        """The broker's data and log."""
        return self.root / "zeebe"

    @property
    def kubeconfig(self) -> Path:
        """Of a user who may do everything."""
        return self.control_plane / "admin.kubeconfig"

    @property
    def machine_settings(self) -> Path:
        """What the machine's settings were before the node; exists while they are changed, and a reboot undoes both."""
        return RUNTIME_DIRECTORY / "machine-settings.json"

    def running(self) -> Iterator[tuple[str, ProcessRecord]]:
        """Name and process of every program of any part that runs."""
        for file in sorted(self.root.glob("*/run/*.json")):
            record = ProcessRecord.read(file)
            if record and record.alive():
                yield file.stem, record

    def release_node_address(self) -> None:
        """Take the node's address from the machine, unless a program still runs that may listen on it."""
        if not any(self.running()):
            network.remove_node_address()

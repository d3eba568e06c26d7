"""containerd: what runs the node's containers."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster.errors import LocalClusterError
from local_cluster.files import write_by_content, write_if_changed
from local_cluster.machine import CNI_PLUGINS
from local_cluster.network import cni_configuration
from local_cluster.processes import ProcessSet, Program
from local_cluster.waiting import wait_until

# sockets and mounts: on a file system that a reboot clears, and short, as a socket's path must be
RUNTIME_DIRECTORY: Final = Path("/run/connector-operator")
_NAMESPACE: Final = "k8s.io"  # the one that the kubelet's containers and images are in

_CONFIGURATION: Final = """\
version = 3
root = '{data}'
state = '{state}'
disabled_plugins = ['io.containerd.internal.v1.opt', 'io.containerd.nri.v1.nri']  # they make folders outside of ours
[grpc]
  address = '{socket}'
[ttrpc]
  address = '{socket}.ttrpc'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '{sandbox_image}'
[plugins.'io.containerd.cri.v1.runtime']
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true  # for machines without CAP_SYS_RESOURCE
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['{cni_plugins}']
    conf_dir = '{cni_configuration}'
    use_internal_loopback = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = '{runc}'
"""


@dataclass(frozen=True, slots=True)
class ContainerRuntime:
    """The containerd of one node."""

    programs: Path  # has containerd, its shim and ctr
    directory: Path  # images and containers: kept between runs
    processes: ProcessSet
    sandbox_image: str

    @property
    def socket(self) -> Path:
        """Where containerd listens."""
        return RUNTIME_DIRECTORY / "containerd.sock"

    def start(self, environment: Mapping[str, str]) -> None:
        """Bring containerd up; returns when it answers."""
        configuration = self._write_configuration()
        path = f"{self.programs}:{environment['PATH']}"  # containerd finds its shim there
        self.processes.start(
            Program(
                "containerd",
                [str(self.programs / "containerd"), "--config", str(configuration)],
                {**environment, "PATH": path},
            )
        )
        wait_until(
            self.answers,
            "an answer of containerd",
            seconds=30,
            meanwhile=lambda: self.processes.expect_running("containerd"),
        )

    def answers(self) -> bool:
        """Whether containerd serves requests."""
        return self.socket.exists() and self._ctr("version").returncode == 0

    def has_image(self, reference: str) -> bool:
        """Whether an image of that name is there."""
        listed = self._ctr("-n", _NAMESPACE, "images", "ls", "-q", f"name=={reference}")
        return reference in listed.stdout.split()

    def import_archive(self, archive: Path) -> None:
        """Take over the images of an OCI archive."""
        done = self._ctr("-n", _NAMESPACE, "images", "import", "--local", str(archive))
        if done.returncode:
            raise LocalClusterError(f"cannot import {archive}: {done.stderr.strip()}")

    def _ctr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [str(self.programs / "ctr"), "-a", str(self.socket), *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    def _write_configuration(self) -> Path:
        networks = self.directory / "cni"
        networks.mkdir(parents=True, exist_ok=True)
        network = cni_configuration(RUNTIME_DIRECTORY / "addresses")
        write_if_changed(networks / "10-pods.conflist", json.dumps(network, indent=2))
        return write_by_content(
            self.directory / "containerd.toml",
            _CONFIGURATION.format(
                data=self.directory / "containerd",
                state=RUNTIME_DIRECTORY / "containerd",
                socket=self.socket,
                runc=RUNTIME_DIRECTORY / "runc",
                sandbox_image=self.sandbox_image,
                cni_plugins=CNI_PLUGINS,
                cni_configuration=networks,
            ),
        )


def shim_sockets() -> list[Path]:
    """The sockets of the containers' shims, which lie outside of our folder and stay when a shim is killed."""
    found: list[Path] = []
    for bundle in RUNTIME_DIRECTORY.glob("containerd/io.containerd.runtime.v2.task/*/*/bootstrap.json"):
        address = json.loads(bundle.read_bytes()).get("address", "")
        found.append(Path(address.removeprefix("unix://")))
    return found

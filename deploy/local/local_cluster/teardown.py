"""Ending the local cluster so that nothing of it is left on the machine, whatever state it is in."""

import contextlib
import shutil
import socket
from pathlib import Path
from typing import Final

from local_cluster import network
from local_cluster.cgroups import Hierarchies
from local_cluster.cluster import NODE_PROGRAMS, LocalCluster
from local_cluster.container_runtime import RUNTIME_DIRECTORY, shim_sockets
from local_cluster.control_plane import COMPONENTS
from local_cluster.mounts import unmount_below
from local_cluster.progress import say

# Places that are built into the kubelet, containerd and the CNI library
_CONTAINER_LOGS: Final = Path("/var/log/containers")
_DEVICE_PLUGINS: Final = Path("/var/lib/kubelet/device-plugins")
_SHARED_FOLDERS: Final = (
    _CONTAINER_LOGS,
    _DEVICE_PLUGINS,
    _DEVICE_PLUGINS.parent,
    *map(Path, ("/var/lib/cni/results", "/var/lib/cni", "/run/containerd/s", "/run/containerd", "/run/mount")),
)


def down(cluster: LocalCluster, *, purge: bool) -> None:
    """End all processes of the cluster and undo all changes to the machine.

    What the cluster holds (API objects, images) stays for the next `up`, unless `purge`.
    """
    with cluster.cache.lock("local"):
        hierarchies = Hierarchies.of_this_machine()
        if RUNTIME_DIRECTORY.exists() or hierarchies.exist():
            _end_node(cluster, hierarchies)
        processes = cluster.control_plane_processes()
        for name in reversed(COMPONENTS):
            processes.stop(name, patience=5)
        cluster.state.release_node_address()
        if purge:
            for folder in (cluster.state.control_plane, cluster.state.node):
                shutil.rmtree(folder, ignore_errors=True)
        say("down")


def _end_node(cluster: LocalCluster, hierarchies: Hierarchies) -> None:
    processes = cluster.node_processes()
    for name in reversed(NODE_PROGRAMS):  # the kubelet before its containers, or it would start them again
        processes.stop(name, patience=5)
    sockets = shim_sockets()
    hierarchies.end_all()
    unmount_below((cluster.state.node, RUNTIME_DIRECTORY))
    for path in sockets:
        path.unlink(missing_ok=True)
    _remove_log_links(cluster.state.node)
    network.remove_tables()
    network.remove_pod_records()
    _remove_if_dead(_DEVICE_PLUGINS / "kubelet.sock")
    for folder in _SHARED_FOLDERS:
        _remove_if_empty(folder)
    network.KernelSettings(cluster.state.machine_settings).restore()
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(RUNTIME_DIRECTORY)


def _remove_log_links(node: Path) -> None:
    if _CONTAINER_LOGS.is_dir():
        for link in _CONTAINER_LOGS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(node):
                link.unlink()


def _remove_if_dead(path: Path) -> None:
    """Remove a socket that nobody listens on."""
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            attempt.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        except FileNotFoundError:
            return


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # another container runtime uses it, or it is not there
        folder.rmdir()

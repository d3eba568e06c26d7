"""What runs, for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_cluster.api import ApiClient
from local_cluster.certificates import CertificateAuthority
from local_cluster.kubeconfigs import server_of
from local_cluster.launcher import ProcessRecord
from local_cluster.local_zeebe import LocalZeebe
from local_cluster.node import is_ready
from local_cluster.state import State

_PROGRAMS = {
    "control-plane": ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"),
    "node": ("containerd", "kubelet", "kube-proxy", "coredns"),
    "zeebe": ("zeebe",),
}


def cluster_client(state: State) -> ApiClient | None:
    """A client of the local cluster; None when it was never up."""
    if not state.kubeconfig.exists():
        return None
    return ApiClient(server_of(state.kubeconfig), CertificateAuthority(state.control_plane / "certificates"), "admin")


def describe_state(state: State, environment: Mapping[str, str]) -> str:
    """A line for every program, and what the parts say of themselves."""
    return "\n".join([*_program_lines(state), *_health_lines(state, environment)])


def _program_lines(state: State) -> Iterator[str]:
    running = dict(state.running())
    for part, programs in _PROGRAMS.items():
        for program in programs:
            record = running.get(program)
            state_text = f"pid {record.pid:<8}{_resident_megabytes(record):>6} MiB" if record else "-"
            yield f"{part:<14}{program:<26}{state_text}"


def _health_lines(state: State, environment: Mapping[str, str]) -> Iterator[str]:
    client = cluster_client(state)
    if client and client.ready():
        yield f"API server ready, kubeconfig {state.kubeconfig}"
        node_up = any(name == "kubelet" for name, _ in state.running())
        if node_up and is_ready(client):
            yield "node ready"
    if (zeebe := LocalZeebe(state, environment).current()).ready():
        yield f"Zeebe ready at {zeebe.grpc_address}"


def zeebe_report(state: State, environment: Mapping[str, str]) -> dict[str, Any]:
    """Zeebe's addresses and state, for programs."""
    zeebe = LocalZeebe(state, environment).current()
    record = zeebe.processes.running("zeebe")
    return {
        "running": record is not None,
        "ready": record is not None and zeebe.ready(),
        "grpcAddress": zeebe.grpc_address,
        "restAddress": zeebe.rest_address,
        **({"pid": record.pid, "residentMegabytes": _resident_megabytes(record)} if record else {}),
    }


def _resident_megabytes(record: ProcessRecord) -> int:
    try:
        lines = Path(f"/proc/{record.pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # it ended since
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:")), 0)

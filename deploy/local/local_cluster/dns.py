"""Cluster DNS: CoreDNS as a process of this machine behind the usual Service, so that Service names resolve in pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cluster.api import ApiClient
from local_cluster.certificates import CertificateAuthority, CertificateRequest
from local_cluster.files import write_by_content
from local_cluster.host_services import host_service
from local_cluster.kubeconfigs import write_component_kubeconfig
from local_cluster.network import NODE_ADDRESS
from local_cluster.node import DNS_ADDRESS
from local_cluster.probing import answers
from local_cluster.processes import ProcessSet, Program
from local_cluster.waiting import wait_until

_USER: Final = "coredns"
_READY_PORT: Final = 8181
_READY: Final = f"http://{NODE_ADDRESS}:{_READY_PORT}/ready"

_CONFIGURATION: Final = """\
.:53 {{
  bind {address}
  errors
  ready {address}:{ready_port}
  kubernetes cluster.local in-addr.arpa ip6.arpa {{
    kubeconfig {kubeconfig} local
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }}
  {forward}
  cache 5
}}
"""


@dataclass(frozen=True, slots=True)
class ClusterDns:
    """The cluster's name server."""

    program: Path
    directory: Path
    processes: ProcessSet
    authority: CertificateAuthority
    server: str

    def start(self, client: ApiClient, environment: Mapping[str, str]) -> None:
        """Bring it up; returns when it has read the cluster's Services."""
        self.authority.issue((CertificateRequest(_USER, f"/CN={_USER}"),))
        for path, manifest in manifests():
            client.apply(path, manifest)
        kubeconfig = write_component_kubeconfig(self.directory, self.server, self.authority, _USER)
        corefile = write_by_content(self.directory / "Corefile", corefile_text(kubeconfig, Path("/etc/resolv.conf")))
        self.processes.start(Program("coredns", [str(self.program), "-conf", str(corefile)], environment))
        wait_until(
            lambda: answers(_READY), "a ready CoreDNS", seconds=60, meanwhile=lambda: self.processes.expect_running("coredns")
        )


def corefile_text(kubeconfig: Path, resolver: Path) -> str:
    """CoreDNS's configuration; names outside of the cluster go to this machine's name servers, when it has any."""
    try:
        outside = any(line.startswith("nameserver") for line in resolver.read_text(encoding="utf-8").splitlines())
    except OSError:
        outside = False
    return _CONFIGURATION.format(
        address=NODE_ADDRESS,
        ready_port=_READY_PORT,
        kubeconfig=kubeconfig,
        forward=f"forward . {resolver}" if outside else "",
    )


def manifests() -> list[tuple[str, dict[str, Any]]]:
    """API paths and objects: what CoreDNS may read, and the Service that leads to it."""
    rbac = "rbac.authorization.k8s.io"
    role: dict[str, Any] = {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:coredns"},
        "rules": [
            {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": ["list", "watch"]},
            {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
        ],
    }
    binding: dict[str, Any] = {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "system:coredns"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "system:coredns"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": _USER}],
    }
    return [
        (f"/apis/{rbac}/v1/clusterroles/system:coredns", role),
        (f"/apis/{rbac}/v1/clusterrolebindings/system:coredns", binding),
        *host_service("kube-system", "kube-dns", {"dns": ("UDP", 53), "dns-tcp": ("TCP", 53)}, cluster_address=DNS_ADDRESS),
    ]

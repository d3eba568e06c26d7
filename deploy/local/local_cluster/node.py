"""One node: kubelet and kube-proxy beside the container runtime, and cluster DNS, all processes of this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cluster.api import ApiClient
from local_cluster.binaries import Binaries
from local_cluster.certificates import CertificateAuthority, CertificateRequest
from local_cluster.cgroups import GROUP
from local_cluster.container_runtime import ContainerRuntime
from local_cluster.files import write_by_content, write_if_changed
from local_cluster.kubeconfigs import write_component_kubeconfig
from local_cluster.network import NODE_ADDRESS
from local_cluster.ports import expect_free
from local_cluster.probing import answers
from local_cluster.processes import ProcessSet, Program
from local_cluster.waiting import wait_until

NODE_NAME: Final = "local"
DNS_ADDRESS: Final = "10.96.0.10"
# How often the kubelet looks at a pod again without an event: with its default of a minute, a Secret that is created
# while the pod runs shows up in the pod's files after about 80 s.
_SYNC_FREQUENCY: Final = "5s"

_PROXY_HEALTH: Final = "http://127.0.0.1:10256/healthz"
_PORTS: Final = {
    "kubelet": ((NODE_ADDRESS, 10250), ("127.0.0.1", 10248)),
    "kube-proxy": (("127.0.0.1", 10249), ("127.0.0.1", 10256)),
}
CERTIFICATES: Final = (
    CertificateRequest("kubelet", f"/O=system:nodes/CN=system:node:{NODE_NAME}"),
    CertificateRequest(
        "kubelet-serving",
        f"/O=system:nodes/CN=system:node:{NODE_NAME}",
        "serverAuth",
        (f"DNS:{NODE_NAME}", f"IP:{NODE_ADDRESS}"),
    ),
    CertificateRequest("kube-proxy", "/CN=system:kube-proxy"),
)


# A developer's machine is not the kubelet's own: it may swap, and its disk may be nearly full without our doing.
_LENIENCE: Final[dict[str, Any]] = {
    "failSwapOn": False,
    "oomScoreAdj": 0,
    "evictionHard": dict.fromkeys(
        ("memory.available", "nodefs.available", "imagefs.available", "nodefs.inodesFree", "imagefs.inodesFree"), "0%"
    ),
    "imageGCHighThresholdPercent": 100,  # our images cannot be pulled again
    "makeIPTablesUtilChains": False,  # kube-proxy works with nftables, so nobody uses them and nobody removes them
    "maxPods": 250,
    "syncFrequency": _SYNC_FREQUENCY,
    "configMapAndSecretChangeDetectionStrategy": "Watch",
    "nodeStatusUpdateFrequency": "4s",
    "registryPullQPS": 0,
    "serializeImagePulls": False,
}


@dataclass(frozen=True, slots=True)
class Node:
    """The node of the local cluster."""

    binaries: Binaries
    directory: Path
    processes: ProcessSet
    authority: CertificateAuthority
    server: str

    def start(self, runtime: ContainerRuntime, cgroup_version: str, environment: Mapping[str, str]) -> None:
        """Bring up kubelet and kube-proxy; the node may need a moment more until it is ready."""
        self.authority.issue(CERTIFICATES)
        kubelet = self._write("kubelet.json", self._kubelet_configuration(runtime, cgroup_version))
        self._start(
            "kubelet",
            [
                f"--config={kubelet}",
                f"--kubeconfig={self._kubeconfig('kubelet')}",
                f"--hostname-override={NODE_NAME}",
                f"--node-ip={NODE_ADDRESS}",
                f"--root-dir={self.directory / 'kubelet'}",
                f"--cert-dir={self.directory / 'kubelet' / 'pki'}",
            ],
            environment,
        )
        proxy = self._write("kube-proxy.json", self._proxy_configuration())
        self._start("kube-proxy", [f"--config={proxy}"], environment)

    def wait_ready(self, client: ApiClient) -> None:
        """Return when the API server lists the node as ready and kube-proxy has set up the Services."""

        def still_running() -> None:
            for name in ("containerd", "kubelet", "kube-proxy"):
                self.processes.expect_running(name)

        wait_until(lambda: is_ready(client), "a ready node", seconds=90, meanwhile=still_running)
        wait_until(lambda: answers(_PROXY_HEALTH), "a ready kube-proxy", seconds=60, meanwhile=still_running)

    def _start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        if not self.processes.running(name):
            for host, port in _PORTS[name]:
                expect_free((port,), host, name)
        self.processes.start(Program(name, [self.binaries.path(name), *arguments], environment))

    def _kubeconfig(self, user: str) -> Path:
        return write_component_kubeconfig(self.directory, self.server, self.authority, user)

    def _write(self, name: str, configuration: dict[str, Any]) -> Path:
        return write_by_content(self.directory / name, json.dumps(configuration, indent=2))

    def _kubelet_configuration(self, runtime: ContainerRuntime, cgroup_version: str) -> dict[str, Any]:
        resolver = write_if_changed(self.directory / "resolv.conf", f"nameserver {NODE_ADDRESS}\n")
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": NODE_ADDRESS,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.authority.certificate("ca"))},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(self.authority.certificate("kubelet-serving")),
            "tlsPrivateKeyFile": str(self.authority.key("kubelet-serving")),
            "containerRuntimeEndpoint": f"unix://{runtime.socket}",
            "cgroupRoot": f"/{GROUP}",
            "cgroupDriver": "cgroupfs",  # systemd is not there in a container, and not needed elsewhere
            # a kubelet of 1.35 or later refuses v1 otherwise; v2 machines need no exception
            **({"failCgroupV1": False} if cgroup_version == "v1" else {}),
            "clusterDNS": [DNS_ADDRESS],
            "clusterDomain": "cluster.local",
            "resolvConf": str(resolver),
            "podLogsDir": str(self.directory / "pod-logs"),
            "volumePluginDir": str(self.directory / "volume-plugins"),
            **_LENIENCE,
        }

    def _proxy_configuration(self) -> dict[str, Any]:
        return {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(self._kubeconfig("kube-proxy"))},
            "mode": "nftables",
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "hostnameOverride": NODE_NAME,
            "conntrack": dict.fromkeys(("maxPerCore", "min"), 0)
            | dict.fromkeys(
                ("tcpEstablishedTimeout", "tcpCloseWaitTimeout"), "0s"
            ),  # the machine's own settings stay as they are
            "oomScoreAdj": 0,
        }


def is_ready(client: ApiClient) -> bool:
    """Whether the API server lists the node as ready."""
    node = client.find(f"/api/v1/nodes/{NODE_NAME}") or {}
    conditions = node.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)

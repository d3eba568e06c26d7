"""The node's place in this machine's network: one address, one nftables table, a few kernel settings, all put back."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cluster.errors import LocalClusterError
from local_cluster.machine import search_path

# An extra address of the loopback device: the same on every machine, reachable from the pods and from here, and from
# nowhere else unless somebody routes it.
NODE_ADDRESS: Final = "172.30.255.1"
POD_NETWORK: Final = "10.244.0.0/24"
_TABLE: Final = "connector-operator"
_NETWORK: Final = "connector-operator"
# where the CNI library keeps what it did for each pod; the place is built into containerd
_CNI_RESULTS: Final = Path("/var/lib/cni/results")

_MASQUERADE: Final = f"""
table ip {_TABLE} {{}}
delete table ip {_TABLE}
table ip {_TABLE} {{
  chain postrouting {{
    type nat hook postrouting priority srcnat
    ip saddr {POD_NETWORK} ip daddr != {POD_NETWORK} masquerade
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class KernelSettings:
    """Settings that the node needs, or that the kubelet changes, remembered in a file so that they can be put back."""

    memory: Path
    root: Path = Path("/proc/sys")

    def prepare(self) -> None:
        """Remember all as they are, unless they are remembered already, and let this machine route for its pods."""
        if not self.memory.exists():
            scratch = self.memory.with_suffix(".new")
            scratch.write_text(json.dumps(self._read()), encoding="utf-8")
            scratch.rename(self.memory)
        (self.root / "net/ipv4/ip_forward").write_text("1", encoding="ascii")

    def restore(self) -> None:
        """Put back what was remembered."""
        if self.memory.exists():
            for name, value in json.loads(self.memory.read_bytes()).items():
                (self.root / name).write_text(value, encoding="ascii")
            self.memory.unlink()

    def _read(self) -> dict[str, str]:
        names = (
            "net/ipv4/ip_forward",
            # the kubelet sets these (pkg/kubelet/cm, setupKernelTunables)
            "vm/overcommit_memory",
            "vm/panic_on_oom",
            "kernel/panic",
            "kernel/panic_on_oops",
            "kernel/keys/root_maxkeys",
            "kernel/keys/root_maxbytes",
        )
        present = [name for name in names if (self.root / name).exists()]
        return {name: (self.root / name).read_text(encoding="ascii").strip() for name in present}


def cni_configuration(address_store: Path) -> dict[str, Any]:
    """A point-to-point link per pod, everything routed by this machine: no bridge, so nothing bypasses nftables."""
    ranges = [[{"subnet": POD_NETWORK}]]
    return {
        "cniVersion": "1.0.0",
        "name": _NETWORK,
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(address_store),
                    "ranges": ranges,
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def add_node_address() -> None:
    """Make the node's address an address of this machine."""
    if has_node_address():
        return
    try:
        _run("ip", "address", "add", f"{NODE_ADDRESS}/32", "dev", "lo")
    except LocalClusterError as failed:
        raise LocalClusterError(
            f"{failed}\nrun this as root, or, for a Zeebe that pods need not reach, use `zeebe up --host 127.0.0.1`"
        ) from failed


def has_node_address() -> bool:
    """Whether this machine has the node's address."""
    if not shutil.which("ip", path=search_path(os.environ)):
        return False
    shown = subprocess.run(["ip", "-json", "address", "show", "dev", "lo"], capture_output=True, check=True).stdout
    addresses = [info["local"] for link in json.loads(shown) for info in link.get("addr_info", [])]
    return NODE_ADDRESS in addresses


def remove_node_address() -> None:
    """Take the node's address away again."""
    if has_node_address():
        _run("ip", "address", "del", f"{NODE_ADDRESS}/32", "dev", "lo")


def masquerade_pods() -> None:
    """Let pods reach what this machine reaches."""
    _run("nft", "-f", "-", stdin=_MASQUERADE)


def expect_no_other_proxy() -> None:
    """Raise LocalClusterError when another node's kube-proxy is at work on this machine."""
    if "kube-proxy" in _tables("ip"):
        raise LocalClusterError(
            "cannot start a node: nftables has a table `ip kube-proxy`, so another Kubernetes node runs on this machine; "
            "stop it, or delete what it left with `nft delete table ip kube-proxy`"
        )


def remove_tables() -> None:
    """Delete our nftables table and those of kube-proxy."""
    for family, table in (("ip", _TABLE), ("ip", "kube-proxy"), ("ip6", "kube-proxy")):
        if table in _tables(family):
            _run("nft", "delete", "table", family, table)


def remove_pod_records() -> None:
    """Delete what the CNI library remembers of our pods; their links went with their network namespaces."""
    for result in _CNI_RESULTS.glob(f"{_NETWORK}-*"):
        result.unlink(missing_ok=True)


def _tables(family: str) -> list[str]:
    if not shutil.which("nft", path=search_path(os.environ)):
        return []
    shown = subprocess.run(["nft", "-j", "list", "tables", family], capture_output=True, check=True).stdout
    return [item["table"]["name"] for item in json.loads(shown)["nftables"] if "table" in item]


def _run(*argv: str, stdin: str = "") -> None:
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalClusterError(f"cannot change this machine's network: `{' '.join(argv)}` says {done.stderr.strip()}")

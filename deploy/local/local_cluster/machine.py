"""What this machine has: facts only, judged in `prerequisites`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster.cgroups import Hierarchies
from local_cluster.java import JavaRuntime, find_runtimes
from local_cluster.versions import parse_version

CNI_PLUGINS: Final = Path("/usr/lib/cni")
# numbers of linux/capability.h
_CAP_NET_ADMIN, _CAP_SYS_ADMIN = 12, 21


@dataclass(frozen=True, slots=True)
class Machine:
    """One look at a machine."""

    python: tuple[int, ...]
    go: tuple[int, ...]  # empty: none
    go_toolchain: str  # GOTOOLCHAIN
    openssl: tuple[int, ...]
    java: tuple[JavaRuntime, ...]
    commands: frozenset[str]  # those of COMMANDS that it has
    cni_plugins: bool
    may_manage_namespaces: bool
    may_install_packages: bool  # root, and a system with apt-get
    cgroups: str  # "v1", "v2" or ""
    cache: Path
    cache_file_system: str
    free_gigabytes: float


COMMANDS: Final = ("apt-get", "dpkg-deb", "go", "ip", "mvn", "nft", "openssl", "runc", "uv")


def search_path(environment: Mapping[str, str]) -> str:
    """The PATH with the administrator's folders, which not every shell of root has."""
    return f"{environment.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"


def inspect_machine(environment: Mapping[str, str], cache: Path) -> Machine:
    """Look at this machine; changes nothing."""
    path = search_path(environment)
    commands = frozenset(name for name in COMMANDS if shutil.which(name, path=path))
    go = _output(["go", "env", "GOVERSION", "GOTOOLCHAIN"]).splitlines() if "go" in commands else []
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    return Machine(
        python=sys.version_info[:3],
        go=parse_version(go[0]) if go else (),
        go_toolchain=go[1] if len(go) > 1 else "",
        openssl=parse_version(_output(["openssl", "version"])) if "openssl" in commands else (),
        java=find_runtimes(environment),
        commands=commands,
        cni_plugins=(CNI_PLUGINS / "ptp").exists(),
        may_manage_namespaces=_capable((_CAP_NET_ADMIN, _CAP_SYS_ADMIN)),
        may_install_packages=os.geteuid() == 0 and "apt-get" in commands,
        cgroups=Hierarchies.of_this_machine().version,
        cache=cache,
        cache_file_system=_output(["stat", "-f", "-c", "%T", str(nearest)]).strip(),
        free_gigabytes=shutil.disk_usage(nearest).free / 1e9,
    )


def _output(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/").stdout


def _capable(capabilities: Iterable[int]) -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))
    return all(effective >> capability & 1 for capability in capabilities)

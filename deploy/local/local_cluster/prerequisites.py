"""What must be there before anything starts, each missing thing with its fix."""

import os
import subprocess
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from local_cluster import java, versions
from local_cluster.errors import LocalClusterError
from local_cluster.machine import Machine, inspect_machine, search_path
from local_cluster.progress import say

_GIGABYTES_NEEDED: Final = 5


class Purpose(Enum):
    """What the prerequisites are for."""

    BUILD = "building the programs"
    CONTROL_PLANE = "a control plane"
    NODE = "a node that runs pods"
    IMAGES = "container images"
    ZEEBE_DOWNLOAD = "fetching Zeebe"
    ZEEBE = "running Zeebe"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that some purposes need; `problem` gives what is wrong and its fix, or None."""

    subject: str
    purposes: frozenset[Purpose]
    problem: Callable[[Machine], str | None]
    package: str = ""  # the Debian package that brings it, when we may install it ourselves


@dataclass(frozen=True, slots=True)
class Finding:
    """What one requirement came to; an empty problem is good news."""

    requirement: Requirement
    problem: str


def _dotted(version: Iterable[int]) -> str:
    return ".".join(map(str, version)) or "none"


def _python(machine: Machine) -> str | None:
    if machine.python >= versions.PYTHON:
        return None
    return f"found {_dotted(machine.python)}; run this with python {_dotted(versions.PYTHON)} or later"


def _go(machine: Machine) -> str | None:
    if machine.go >= versions.GO:
        return None
    if machine.go >= versions.GO_SWITCHES_TOOLCHAIN and machine.go_toolchain != "local":
        return None  # go fetches the newer toolchain that our go.mod files ask for
    wanted = _dotted(versions.GO)
    if machine.go >= versions.GO_SWITCHES_TOOLCHAIN:
        return f"found {_dotted(machine.go)} and GOTOOLCHAIN=local; set GOTOOLCHAIN=auto, or install Go {wanted}"
    return f"found {_dotted(machine.go)}; install Go {wanted} or later from https://go.dev/dl"


def _java(machine: Machine) -> str | None:
    if java.choose(machine.java):
        return None
    found = ", ".join(f"{runtime.version} in {runtime.home}" for runtime in machine.java) or "none"
    return (
        f"found {found}; install Java {versions.JAVA} or later (Debian 13: `apt-get install openjdk-21-jre-headless`, "
        "Debian 12: Eclipse Temurin, https://adoptium.net) or point JAVA_HOME at one"
    )


def _openssl(machine: Machine) -> str | None:
    if machine.openssl >= versions.OPENSSL:
        return None
    return f"found {_dotted(machine.openssl)}; install the package openssl, {_dotted(versions.OPENSSL)} or later"


def _namespaces(machine: Machine) -> str | None:
    if machine.may_manage_namespaces:
        return None
    return "no right to make mounts and network interfaces; run this as root (sudo), or use `up --control-plane`"


def _cgroups(machine: Machine) -> str | None:
    if machine.cgroups:
        return None
    return "no cgroup hierarchy under /sys/fs/cgroup; mount one, or run outside of this container"


def _disk(machine: Machine) -> str | None:
    if machine.free_gigabytes >= _GIGABYTES_NEEDED:
        return None
    return (
        f"{machine.free_gigabytes:.1f} GB free at {machine.cache}; make {_GIGABYTES_NEEDED} GB of room, or point "
        "CONNECTOR_OPERATOR_CACHE at a larger disk"
    )


def _layers(machine: Machine) -> str | None:
    if machine.cache_file_system != "overlayfs":
        return None
    return f"{machine.cache} is itself an overlay file system; point CONNECTOR_OPERATOR_CACHE at a volume or a tmpfs"


def _command(name: str, fix: str) -> Callable[[Machine], str | None]:
    return lambda machine: None if name in machine.commands else f"not found; {fix}"


def _package_command(name: str, package: str, purpose: Purpose) -> Requirement:
    return Requirement(name, frozenset({purpose}), _command(name, f"install the package {package}"), package)


_P = Purpose
REQUIREMENTS: Final = (
    Requirement("Python", frozenset(Purpose), _python),
    Requirement("disk", frozenset({_P.BUILD, _P.NODE, _P.IMAGES, _P.ZEEBE_DOWNLOAD}), _disk),
    Requirement("Go", frozenset({_P.BUILD}), _go),
    Requirement("openssl", frozenset({_P.CONTROL_PLANE, _P.NODE}), _openssl, "openssl"),
    Requirement("rights", frozenset({_P.NODE}), _namespaces),
    Requirement("cgroups", frozenset({_P.NODE}), _cgroups),
    Requirement("image layers", frozenset({_P.NODE}), _layers),
    _package_command("runc", "runc", _P.NODE),
    _package_command("nft", "nftables", _P.NODE),
    _package_command("ip", "iproute2", _P.NODE),
    Requirement(
        "CNI plugins",
        frozenset({_P.NODE}),
        lambda machine: None if machine.cni_plugins else "not found; install the package containernetworking-plugins",
        "containernetworking-plugins",
    ),
    Requirement(
        "apt",
        frozenset({_P.IMAGES}),
        lambda machine: (
            None if {"apt-get", "dpkg-deb"} <= machine.commands else "not found; build the images from the Containerfiles"
        ),
    ),
    Requirement("uv", frozenset({_P.IMAGES}), _command("uv", "install it: https://docs.astral.sh/uv")),
    Requirement("Maven", frozenset({_P.ZEEBE_DOWNLOAD}), _command("mvn", "install Maven, on Debian `apt-get install maven`")),
    Requirement(f"Java {versions.JAVA}", frozenset({_P.ZEEBE}), _java),
)


def judge(machine: Machine, purposes: Collection[Purpose]) -> list[Finding]:
    """One finding for each requirement of the purposes."""
    wanted = [requirement for requirement in REQUIREMENTS if requirement.purposes & set(purposes)]
    return [Finding(requirement, requirement.problem(machine) or "") for requirement in wanted]


def missing_packages(findings: Iterable[Finding]) -> list[str]:
    """The Debian packages that would solve what is missing."""
    return [finding.requirement.package for finding in findings if finding.problem and finding.requirement.package]


def describe(findings: Iterable[Finding], *, may_install: bool) -> str:
    """One line for each finding, for people."""
    lines: list[str] = []
    for finding in findings:
        later = may_install and finding.requirement.package
        state = "ok" if not finding.problem else f"will install {finding.requirement.package}" if later else finding.problem
        lines.append(f"{finding.requirement.subject:>14}: {state}")
    return "\n".join(lines)


def require(purposes: Collection[Purpose], environment: Mapping[str, str], cache: Path) -> None:
    """Return when all is there, after installing Debian packages where we may; raise LocalClusterError otherwise."""
    machine = inspect_machine(environment, cache)
    packages = missing_packages(judge(machine, purposes))
    if packages and machine.may_install_packages:
        install_packages(packages, environment)
        machine = inspect_machine(environment, cache)
    missing = [finding for finding in judge(machine, purposes) if finding.problem]
    if missing:
        wanted_for = " and ".join(sorted(purpose.value for purpose in purposes))
        raise LocalClusterError(f"cannot go on, for {wanted_for} this is missing:\n{describe(missing, may_install=False)}")


def install_packages(packages: Collection[str], environment: Mapping[str, str]) -> None:
    """Install Debian packages, and say so."""
    say(f"installing with apt-get: {', '.join(packages)} …")
    quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive", "PATH": search_path(environment)}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for argv in (["apt-get", "update", "-q"], install):
        done = subprocess.run(argv, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalClusterError(f"cannot install: `{' '.join(argv)}` says\n{done.stderr.strip()[-2000:]}")


def current_environment() -> dict[str, str]:
    """The environment with a PATH that finds the administrator's programs."""
    return {**os.environ, "PATH": search_path(os.environ)}

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_cluster.java import JavaRuntime
from local_cluster.machine import COMMANDS, Machine
from local_cluster.prerequisites import Purpose, describe, judge, missing_packages

COMPLETE = Machine(
    python=(3, 11, 7),
    go=(1, 26, 8),
    go_toolchain="local",
    openssl=(3, 0, 19),
    java=(JavaRuntime(Path("/jvm/17"), 17), JavaRuntime(Path("/jvm/25"), 25)),
    commands=frozenset(COMMANDS),
    cni_plugins=True,
    may_manage_namespaces=True,
    may_install_packages=True,
    cgroups="v2",
    cache=Path("/home/dev/.cache/connector-operator"),
    cache_file_system="ext2/ext3",
    free_gigabytes=40.0,
)


def problems(purposes: set[Purpose], **changes: Any) -> dict[str, str]:
    findings = judge(replace(COMPLETE, **changes), purposes)
    return {finding.requirement.subject: finding.problem for finding in findings if finding.problem}


def without(*commands: str) -> frozenset[str]:
    return COMPLETE.commands - set(commands)


def test_a_complete_machine_lacks_nothing_for_any_purpose() -> None:
    assert problems(set(Purpose)) == {}


@pytest.mark.parametrize(
    ("purpose", "changes", "subject", "fix"),
    [
        (Purpose.CONTROL_PLANE, {"python": (3, 10, 2)}, "Python", "python 3.11 or later"),
        (Purpose.BUILD, {"go": ()}, "Go", "install Go 1.26.6 or later"),
        (Purpose.BUILD, {"go": (1, 19, 8), "go_toolchain": "auto"}, "Go", "install Go 1.26.6 or later"),
        (Purpose.BUILD, {"go": (1, 24)}, "Go", "set GOTOOLCHAIN=auto"),
        (Purpose.BUILD, {"free_gigabytes": 4.9}, "disk", "make 5 GB of room"),
        (Purpose.CONTROL_PLANE, {"openssl": (1, 1, 1)}, "openssl", "install the package openssl, 3.0 or later"),
        (Purpose.NODE, {"may_manage_namespaces": False}, "rights", "as root"),
        (Purpose.NODE, {"cgroups": ""}, "cgroups", "no cgroup hierarchy"),
        (Purpose.NODE, {"cache_file_system": "overlayfs"}, "image layers", "CONNECTOR_OPERATOR_CACHE"),
        (Purpose.NODE, {"commands": without("runc")}, "runc", "install the package runc"),
        (Purpose.NODE, {"commands": without("nft")}, "nft", "install the package nftables"),
        (Purpose.NODE, {"commands": without("ip")}, "ip", "install the package iproute2"),
        (Purpose.NODE, {"cni_plugins": False}, "CNI plugins", "containernetworking-plugins"),
        (Purpose.IMAGES, {"commands": without("dpkg-deb")}, "apt", "from the Containerfiles"),
        (Purpose.IMAGES, {"commands": without("uv")}, "uv", "install it"),
        (Purpose.ZEEBE_DOWNLOAD, {"commands": without("mvn")}, "Maven", "apt-get install maven"),
        (Purpose.ZEEBE, {"java": ()}, "Java 21", "found none; install Java 21 or later"),
    ],
)
def test_each_missing_thing_is_named_with_its_fix(purpose: Purpose, changes: dict[str, Any], subject: str, fix: str) -> None:
    found = problems({purpose}, **changes)
    assert list(found) == [subject]
    assert fix in found[subject]


def test_a_go_that_may_fetch_a_newer_toolchain_is_enough() -> None:
    assert problems({Purpose.BUILD}, go=(1, 24, 1), go_toolchain="auto") == {}


def test_too_old_a_java_is_named_with_its_place() -> None:
    found = problems({Purpose.ZEEBE}, java=(JavaRuntime(Path("/jvm/17"), 17),))
    assert "found 17 in /jvm/17" in found["Java 21"]


def test_a_purpose_asks_only_for_what_it_needs() -> None:
    bare = {"go": (), "java": (), "commands": without("runc", "nft", "mvn", "uv"), "cgroups": ""}
    assert problems({Purpose.CONTROL_PLANE}, **bare) == {}


def test_only_what_a_package_brings_is_installed() -> None:
    machine = replace(COMPLETE, commands=without("runc", "uv"), cni_plugins=False)
    packages = missing_packages(judge(machine, {Purpose.NODE, Purpose.IMAGES}))
    assert packages == ["runc", "containernetworking-plugins"]


def test_a_person_reads_what_will_be_installed_and_what_they_have_to_do() -> None:
    machine = replace(COMPLETE, commands=without("runc"), may_manage_namespaces=False)
    text = describe(judge(machine, {Purpose.NODE}), may_install=True)
    assert "runc: will install runc" in text
    assert "rights: no right to make mounts" in text

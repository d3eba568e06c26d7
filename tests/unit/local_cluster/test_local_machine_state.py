import json
import os
import socket
from pathlib import Path

import pytest

from local_cluster.cgroups import delegate
from local_cluster.dns import corefile_text
from local_cluster.errors import LocalClusterError
from local_cluster.files import write_by_content, write_if_changed
from local_cluster.mounts import parse_mounts
from local_cluster.network import KernelSettings
from local_cluster.ports import expect_free, free_ports, is_free


def kernel(root: Path, **values: str) -> Path:
    (root / "net/ipv4").mkdir(parents=True)
    (root / "kernel").mkdir()
    for name, value in {"net/ipv4/ip_forward": "0", "kernel/panic": "1", **values}.items():
        (root / name).write_text(f"{value}\n", encoding="ascii")
    return root


def test_kernel_settings_come_back_as_they_were_before_the_first_change(tmp_path: Path) -> None:
    root = kernel(tmp_path / "sys")
    settings = KernelSettings(tmp_path / "memory.json", root)
    settings.prepare()
    assert (root / "net/ipv4/ip_forward").read_text(encoding="ascii") == "1"
    (root / "kernel/panic").write_text("10", encoding="ascii")
    settings.prepare()  # a second `up` must not take our own values for the machine's
    settings.restore()
    assert (root / "net/ipv4/ip_forward").read_text(encoding="ascii") == "0"
    assert (root / "kernel/panic").read_text(encoding="ascii") == "1"


def test_restoring_twice_changes_nothing(tmp_path: Path) -> None:
    root = kernel(tmp_path / "sys")
    settings = KernelSettings(tmp_path / "memory.json", root)
    settings.prepare()
    settings.restore()
    (root / "kernel/panic").write_text("7", encoding="ascii")
    settings.restore()
    assert (root / "kernel/panic").read_text(encoding="ascii") == "7"


def test_a_name_by_content_stays_while_the_content_does_and_replaces_the_old_one(tmp_path: Path) -> None:
    first = write_by_content(tmp_path / "kube-proxy.json", "one")
    identity = first.stat().st_ino, first.stat().st_mtime_ns
    assert write_by_content(tmp_path / "kube-proxy.json", "one") == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == identity
    second = write_by_content(tmp_path / "kube-proxy.json", "two")
    assert list(tmp_path.iterdir()) == [second]
    assert second.read_text(encoding="utf-8") == "two"


def test_a_file_is_left_alone_when_it_has_the_content(tmp_path: Path) -> None:
    file = write_if_changed(tmp_path / "a", "one", mode=0o600)
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.stat().st_ino
    assert write_if_changed(file, "one").stat().st_ino == before
    assert write_if_changed(file, "two").stat().st_ino != before


def test_mount_points_are_read_with_their_escapes() -> None:
    lines = [
        "36 35 98:0 / /var/lib/with\\040space rw,noatime master:1 - ext4 /dev/root rw",
        "40 35 0:30 / /sys/fs/cgroup/cpu rw shared:9 master:2 - cgroup cgroup rw,cpu",
        "41 35 0:31 / /back\\134slash rw - tmpfs tmpfs rw",
    ]
    assert [(str(mount.path), mount.file_system) for mount in parse_mounts(lines)] == [
        ("/var/lib/with space", "ext4"),
        ("/sys/fs/cgroup/cpu", "cgroup"),
        ("/back\\slash", "tmpfs"),
    ]


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    ports = free_ports(4)
    assert len(set(ports)) == 4
    assert all(is_free(port, "127.0.0.1") for port in ports)


def test_a_taken_port_is_named_with_who_wants_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalClusterError, match=f'cannot start "etcd": port {port} of 127.0.0.1 is in use'):
            expect_free((port,), "127.0.0.1", "etcd")


@pytest.mark.parametrize(
    ("resolver", "forwards"), [("search lan\nnameserver 192.0.2.1\n", True), ("search lan\n", False), (None, False)]
)
def test_cluster_dns_forwards_only_when_there_is_somebody_to_ask(tmp_path: Path, resolver: str | None, forwards: bool) -> None:
    file = tmp_path / "resolv.conf"
    if resolver is not None:
        file.write_text(resolver, encoding="ascii")
    text = corefile_text(Path("/kubeconfig"), file)
    assert (f"forward . {file}" in text) == forwards
    assert text.count("{") == text.count("}")


def test_remembered_kernel_settings_are_only_those_that_this_kernel_has(tmp_path: Path) -> None:
    KernelSettings(tmp_path / "memory.json", kernel(tmp_path / "sys")).prepare()
    remembered = json.loads((tmp_path / "memory.json").read_bytes())
    assert remembered == {"net/ipv4/ip_forward": "0", "kernel/panic": "1"}


def test_every_controller_of_a_v2_hierarchy_is_delegated(tmp_path: Path) -> None:
    # a pipe, as the kernel's file: each write is one request
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n", encoding="ascii")
    os.mkfifo(tmp_path / "cgroup.subtree_control")
    reader = os.open(tmp_path / "cgroup.subtree_control", os.O_RDONLY | os.O_NONBLOCK)
    try:
        delegate(tmp_path)
        assert os.read(reader, 100) == b"+cpu+memory+pids"
    finally:
        os.close(reader)

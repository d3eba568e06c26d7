"""The base image's file system: Python and what it needs, unpacked from Debian packages without running their scripts."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster.cache import Cache, content_key
from local_cluster.errors import LocalClusterError
from local_cluster.oci_archive import Layer, read_layer, write_layer
from local_cluster.progress import say

USER: Final = "10001"

_PACKAGES: Final = (
    "python3",
    "ca-certificates",
    "tzdata",  # zone names in connector inputs
    "libstdc++6",  # grpcio, pyyaml
    "busybox-static",  # `kubectl exec` with a shell
)
# Needed only by package scripts, which we do not run, and for building
_UNWANTED: Final = frozenset(
    {"debconf", "dpkg", "gcc-12-base", "libacl1", "libmd0", "libpcre2-8-0", "libpython3-stdlib", "libselinux1", "openssl", "tar"}
)
_UNWANTED_FILES: Final = tuple(f"./usr/share/{folder}" for folder in ("doc", "man", "locale", "lintian", "doc-base", "info"))
_UNWANTED_MODULES: Final = ("idlelib", "lib2to3", "pydoc_data", "test", "turtledemo", "unittest/test")
_BUSYBOX_COMMANDS: Final = ("cat", "env", "id", "ip", "ls", "mount", "nc", "nslookup", "ps", "sh", "sleep", "touch", "wget")
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """The layer with Python, and which Python."""

    layer: Layer
    python: str  # 3.11


def build_base(cache: Cache, environment: Mapping[str, str]) -> BaseLayer:
    """The base layer for this machine's Debian release, built once; delete it from the cache to get newer packages."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    recipe = content_key(release, Path(__file__))

    def fill(folder: Path) -> None:
        say("putting together the Python base image from Debian packages …")
        root = folder / "root"
        _lay_out(root)
        for package in _download(folder / "packages", environment):
            _unpack(package, root)
        python = _python_version(root)
        _complete(root)
        compile_modules(root, f"/usr/lib/python{python}", python)
        write_layer(root, folder / "layer.tar")
        (folder / "python").write_text(python, encoding="ascii")
        shutil.rmtree(folder / "packages")
        shutil.rmtree(root)

    built = cache.obtain(f"layers/base-{recipe}", fill)
    return BaseLayer(read_layer(built / "layer.tar"), (built / "python").read_text(encoding="ascii"))


def compile_modules(root: Path, folder: str, python: str) -> None:
    """Compile all modules of a folder inside of a root file system.

    The compiled files are never checked against their sources, whose times a layer does not keep. Raises
    LocalClusterError when this Python is not the image's: their compiled files differ.
    """
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if here != python:
        raise LocalClusterError(
            f"cannot compile for the image's Python {python} with Python {here}: run this with Python {python}, which this "
            "Debian release has, or build the images from the Containerfiles"
        )
    options = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/"]
    argv = [sys.executable, "-I", "-m", "compileall", *options, str(root) + folder]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalClusterError(f"cannot compile {folder}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _lay_out(root: Path) -> None:
    """The folders that are there before any package; /bin and its like are links, as in every Debian now."""
    for folder in ("etc", "tmp", "root", "proc", "sys", "dev", "run"):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for folder in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / folder).mkdir(parents=True)
        (root / folder).symlink_to(f"usr/{folder}")


def _download(folder: Path, environment: Mapping[str, str]) -> list[Path]:
    folder.mkdir()
    nothing_installed = folder / "status"
    nothing_installed.touch()
    plan = [
        *("apt-get", "-o", f"Dir::State::status={nothing_installed}", "install", "-s", "-q"),
        *("--no-install-recommends", *_PACKAGES),
    ]
    lines = _output(plan, folder, environment).splitlines()
    names = sorted({line.split()[1] for line in lines if line.startswith("Inst ")} - _UNWANTED)
    _output(["apt-get", "download", "-q", *names], folder, environment)
    return sorted(folder.glob("*.deb"))


def _output(argv: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(argv, cwd=folder, env={**environment, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalClusterError(
            f"cannot get Debian packages: {done.stderr.strip()[-1000:]}\nrun `apt-get update` as root, then try again"
        )
    return done.stdout


def _unpack(package: Path, root: Path) -> None:
    excluded = [f"--exclude={pattern}" for pattern in _UNWANTED_FILES]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as files:
        # without the option, a package that still has ./lib would replace our link by a folder
        tar = ["tar", "-x", "-C", str(root), "--keep-directory-symlink", "--no-same-owner", *excluded]
        done = subprocess.run(tar, stdin=files.stdout, capture_output=True, text=True, check=False)
    if done.returncode or files.returncode:
        raise LocalClusterError(f"cannot unpack {package.name}: {done.stderr.strip()}; delete it and try again")


def _python_version(root: Path) -> str:
    found = (root / "usr/bin/python3").readlink().name  # python3.11
    return found.removeprefix("python")


def _complete(root: Path) -> None:
    """What the packages' scripts would have done, as far as Python programs need it."""
    (root / "usr/bin/python").symlink_to("python3")
    for command in _BUSYBOX_COMMANDS:
        link = root / "usr/bin" / command
        if not link.exists():
            link.symlink_to("busybox")
    bundle = root / CERTIFICATES.lstrip("/")
    bundle.parent.mkdir(parents=True, exist_ok=True)
    sources = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle.write_bytes(b"".join(source.read_bytes() for source in sources))
    (root / "etc/passwd").write_text(
        f"root:x:0:0::/root:/bin/sh\nconnectors:x:{USER}:{USER}::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", encoding="ascii"
    )
    (root / "etc/group").write_text(f"root:x:0:\nconnectors:x:{USER}:\nnogroup:x:65534:\n", encoding="ascii")
    for library in (root / "usr/lib").glob("python3.*"):
        for module in _UNWANTED_MODULES:
            shutil.rmtree(library / module, ignore_errors=True)

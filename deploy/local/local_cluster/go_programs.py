"""What we build from Go modules, and how: `src/` holds a small main and the pinned module sums of each."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster import versions
from local_cluster.cache import Cache, content_key
from local_cluster.progress import LongCommand, run

SOURCES: Final = Path(__file__).parent.parent / "src"


@dataclass(frozen=True, slots=True)
class GoProgram:
    """Programs of one Go module, built together into one folder of the cache."""

    title: str
    source: str  # a folder below SOURCES
    packages: tuple[str, ...]  # each gives one program, named after its last part
    expectation: str  # how long the first build takes; later ones come from Go's own cache
    ldflags: str = "-s -w"
    tags: str = ""
    links: tuple[tuple[str, tuple[str, ...]], ...] = ()  # further names of a program

    def entry(self) -> str:
        """The name of its folder in the cache; it changes with all that the programs are made from."""
        key = content_key(SOURCES / self.source, *self.packages, self.ldflags, self.tags, repr(self.links))
        return f"programs/{self.source}-{key}"

    def find(self, cache: Cache) -> Path | None:
        """The folder of the built programs, when they are built."""
        folder = cache.entry(self.entry())
        return folder if folder.is_dir() else None

    def build(self, cache: Cache) -> Path:
        """The folder of the built programs, built now if need be."""
        return cache.obtain(self.entry(), self._build_into)

    def _build_into(self, folder: Path) -> None:
        run(
            LongCommand(
                title=f"building {self.title} from source: {self.expectation} …",
                argv=[
                    *("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly"),
                    *("-tags", self.tags, "-ldflags", self.ldflags, "-o", f"{folder}/", *self.packages),
                ],
                log=folder / "build.log",
                directory=SOURCES / self.source,
                environment={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
            )
        )
        for program, names in self.links:
            for name in names:
                (folder / name).symlink_to(program)


def _kubernetes_ldflags() -> str:
    # without a version, clients and the kubelet refuse to work with the API server
    minor = versions.KUBERNETES.split(".")[1]
    values = {
        "gitVersion": f"v{versions.KUBERNETES}",
        "gitMajor": "1",
        "gitMinor": minor,
        "gitTreeState": "clean",
        "gitCommit": "unknown",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(["-s -w", *(f"-X {package}.{name}={value}" for package in packages for name, value in values.items())])


KUBERNETES: Final = GoProgram(
    title=f"Kubernetes v{versions.KUBERNETES}",
    source="kube",
    packages=(".",),
    expectation="5 to 15 minutes on two cores the first time",
    ldflags=_kubernetes_ldflags(),
    links=(
        (
            "kube",
            (
                "etcd",
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
                "kubelet",
                "kube-proxy",
                "kubectl",
            ),
        ),
    ),
)
CONTAINERD: Final = GoProgram(
    title=f"containerd v{versions.CONTAINERD}",
    source="containerd",
    packages=tuple(
        f"github.com/containerd/containerd/v2/cmd/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")
    ),
    expectation="1 to 3 minutes the first time",
    tags="no_btrfs,no_devmapper,no_zfs,no_tracing",
)
COREDNS: Final = GoProgram(
    title=f"CoreDNS v{versions.COREDNS}",
    source="coredns",
    packages=(".",),
    expectation="about a minute the first time",
)
PAUSE: Final = GoProgram(
    title="the pause program of pod sandboxes",
    source="pause",
    packages=(".",),
    expectation="a few seconds",
)

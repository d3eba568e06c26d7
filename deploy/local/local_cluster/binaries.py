"""Which Kubernetes programs to run, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_cluster.cache import Cache
from local_cluster.errors import LocalClusterError
from local_cluster.go_programs import KUBERNETES


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of programs under their usual names."""

    directory: Path
    origin: str  # for people: which ones, and why these

    def path(self, program: str) -> str:
        """The program's path; raises LocalClusterError when the folder does not have it."""
        path = self.directory / program
        if not path.exists():
            raise LocalClusterError(f'cannot find "{program}" in {self.directory} ({self.origin})')
        return str(path)

    def has(self, program: str) -> bool:
        """Whether the folder has it."""
        return (self.directory / program).exists()


def choose_binaries(environment: Mapping[str, str], cache: Cache) -> Binaries:
    """Those of KUBEBUILDER_ASSETS when it is set, else those built into the cache.

    Raises LocalClusterError when there are neither.
    """
    if assets := environment.get("KUBEBUILDER_ASSETS"):
        chosen = Binaries(Path(assets), "from KUBEBUILDER_ASSETS")
        for program in ("etcd", "kube-apiserver"):
            chosen.path(program)
        return chosen
    built = KUBERNETES.find(cache)
    if not built:
        raise LocalClusterError(
            f"cannot find {KUBERNETES.title} in {cache.root}: build it once with `python -m local_cluster build` in "
            "deploy/local, or name a folder that has etcd and kube-apiserver in KUBEBUILDER_ASSETS"
        )
    return Binaries(built, f"{KUBERNETES.title}, built from source")

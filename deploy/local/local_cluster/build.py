"""Building, before anything starts, what is not built yet."""

from collections.abc import Mapping

from local_cluster.cache import Cache
from local_cluster.go_programs import CONTAINERD, COREDNS, KUBERNETES, PAUSE, GoProgram
from local_cluster.prerequisites import Purpose, require


def unbuilt_programs(cache: Cache, *, with_node: bool) -> list[GoProgram]:
    """The programs of a control plane, and of a node, that are not in the cache."""
    wanted = [KUBERNETES, *([CONTAINERD, COREDNS, PAUSE] if with_node else [])]
    return [program for program in wanted if not program.find(cache)]


def build_programs(cache: Cache, environment: Mapping[str, str], *, with_node: bool) -> None:
    """Build the programs of a control plane, and of a node, that are not in the cache."""
    missing = unbuilt_programs(cache, with_node=with_node)
    if missing:
        require({Purpose.BUILD}, environment, cache.root)
    for program in missing:
        program.build(cache)

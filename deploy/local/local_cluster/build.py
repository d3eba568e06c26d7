"""Building, before anything starts, what is not built yet."""

from collections.abc import Mapping

from local_cluster.cache import Cache
from local_cluster.go_programs import CONTAINERD, COREDNS, KUBERNETES, PAUSE
from local_cluster.prerequisites import Purpose, require


def build_programs(cache: Cache, environment: Mapping[str, str], *, with_node: bool) -> None:
    """Build the programs of a control plane, and of a node, that are not in the cache."""
    wanted = [KUBERNETES, *([CONTAINERD, COREDNS, PAUSE] if with_node else [])]
    missing = [program for program in wanted if not program.find(cache)]
    if missing:
        require({Purpose.BUILD}, environment, cache.root)
    for program in missing:
        program.build(cache)

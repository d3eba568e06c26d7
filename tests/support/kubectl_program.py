"""The kubectl that belongs to our control plane, or that of this machine."""

import shutil
from functools import cache

from local_cluster.binaries import choose_binaries
from local_cluster.cache import Cache, cache_root
from local_cluster.prerequisites import current_environment


@cache
def kubectl() -> str:
    """The program; AssertionError says how to get one."""
    environment = current_environment()
    binaries = choose_binaries(environment, Cache(cache_root(environment)))
    found = binaries.path("kubectl") if binaries.has("kubectl") else shutil.which("kubectl")
    assert found, "there is no kubectl: build ours with `python -m local_cluster build` in deploy/local"
    return found

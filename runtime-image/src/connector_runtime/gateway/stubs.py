"""pyzeebe's generated messages and stubs, without the rest of pyzeebe.

Importing the package as such also imports its worker, its OAuth client and with that `requests`, none of which is used here:
a tenth of a second at each start of a pod and some 10 MB for as long as it runs.
"""

import importlib.util
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def _only_its_folder(package: str) -> Generator[None]:
    """Let modules of a package be imported without running the package; one that has been imported is left as it is."""
    spec = importlib.util.find_spec(package) if package not in sys.modules else None
    if spec is None or spec.submodule_search_locations is None:
        yield
        return
    bare = ModuleType(package)
    bare.__path__ = list(spec.submodule_search_locations)
    sys.modules[package] = bare
    try:
        yield
    finally:
        # Whoever imports the package later gets all of it.
        sys.modules.pop(package, None)


with _only_its_folder("pyzeebe"):
    from pyzeebe.proto import gateway_pb2 as pb
    from pyzeebe.proto import gateway_pb2_grpc as pb_grpc

__all__ = ["pb", "pb_grpc"]

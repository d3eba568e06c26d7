"""A package of its own for each Connector's Python files.

The files of `path` become submodules of a synthetic package. `import sibling` in them is turned into an import of the
package's member by an `__import__` that only these modules see: importing rather than copying `sys.modules` entries keeps
pickling, `typing.get_type_hints` and imports inside functions right.
"""

import builtins
import hashlib
import importlib
import importlib.machinery
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

PREFIX = "connector_source"


class _Loader(importlib.machinery.SourceFileLoader):
    """Runs a module with the builtins of its package."""

    def __init__(self, fullname: str, path: str, scope: dict[str, Any]) -> None:
        super().__init__(fullname, path)
        self._scope = scope

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._scope
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds what lies below one synthetic package and nothing else."""

    def __init__(self, package: str, path: Path) -> None:
        self.package = package
        self.path = path
        self._scope = {**vars(builtins), "__import__": self._import}

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not fullname.startswith(f"{self.package}."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path, self._scope)
        return spec

    def _owns(self, top: str) -> bool:
        return (self.path / f"{top}.py").is_file() or (self.path / top / "__init__.py").is_file()

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the signature of __import__
        locals: Mapping[str, object] | None = None,  # noqa: A002 - the signature of __import__
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        if level or not self._owns(top):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if fromlist:
            return builtins.__import__(f"{self.package}.{name}", globals, locals, fromlist, 0)
        importlib.import_module(f"{self.package}.{name}")
        return sys.modules[f"{self.package}.{top}"]


def isolated_package(name: str, path: Path) -> str:
    """Make (once) the synthetic package of Connector `name` over the folder `path` and return its module name."""
    digest = hashlib.sha256(f"{name}\0{path.resolve()}".encode()).hexdigest()[:8]
    package = f"{PREFIX}_{re.sub(r'[^A-Za-z0-9]', '_', name)}_{digest}"
    if package not in sys.modules:
        module = ModuleType(package)
        module.__spec__ = ModuleSpec(package, None, is_package=True)
        module.__path__ = [str(path)]
        sys.modules[package] = module
        sys.meta_path.insert(0, _Finder(package, path))
    return package

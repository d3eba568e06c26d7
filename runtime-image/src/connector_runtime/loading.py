"""From a Connector's source to its connector function, each Connector apart from its neighbours.

The Python files of a `path` source are imported as members of a package that no other Connector shares, so that two
Connectors may both have a module `lookup`. Their own `import sibling` finds the sibling first, at load time and later.
"""

import importlib
import importlib.util
import pkgutil
import re
import traceback
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

import connectors
from connector_runtime.config import Source
from connector_runtime.isolation import isolated_package
from connector_sdk import ConnectorFunction, Operations

ENTRY_POINT = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<attribute>[A-Za-z_]\w*)")
BUILTIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

AnyFunction = ConnectorFunction[..., Any]
SINGLE = ""
"""The key of a connector function that is all of its Connector."""


class LoadFault(StrEnum):
    """Why a source has no connector function."""

    UNKNOWN_BUILTIN = "UnknownBuiltin"
    MALFORMED_ENTRY_POINT = "MalformedEntryPoint"
    FILE_MISSING = "FileMissing"
    SYNTAX_ERROR = "SyntaxError"
    IMPORT_RAISED = "ImportRaised"
    ATTRIBUTE_MISSING = "AttributeMissing"
    NOT_A_CONNECTOR_FUNCTION = "NotAConnectorFunction"


class LoadError(Exception):
    """A source cannot be loaded; the text says why and what to change."""

    def __init__(self, fault: LoadFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def load_functions(name: str, source: Source) -> dict[str, AnyFunction]:
    """Import what Connector `name` serves, by operation; a lone connector function is SINGLE. Raises LoadError."""
    if source.path is not None and source.entry_point is not None and ENTRY_POINT.fullmatch(source.entry_point):
        module_name, _, attribute = source.entry_point.partition(":")
        several: Any = getattr(_import_isolated(name, source.path, module_name), attribute, None)
        if isinstance(several, Operations):
            return _operations(several, source.entry_point)
    return {SINGLE: load_function(name, source)}


def _operations(several: Operations, shown: str) -> dict[str, AnyFunction]:
    if not several.functions:
        msg = f"cannot serve '{shown}': it has no operations; put @{shown.rpartition(':')[2]}.operation(…) above functions"
        raise LoadError(LoadFault.NOT_A_CONNECTOR_FUNCTION, msg)
    return dict(several.functions)


def load_function(name: str, source: Source) -> AnyFunction:
    """Import the connector function of Connector `name`; raises LoadError."""
    if source.builtin is not None:
        return _load_builtin(source.builtin)
    if source.path is None or source.entry_point is None:
        raise LoadError(LoadFault.MALFORMED_ENTRY_POINT, "cannot load a source without path and entryPoint")
    return load_entry_point(name, source.path, source.entry_point)


def load_entry_point(name: str, path: Path, entry_point: str) -> AnyFunction:
    """Import `module:attribute` from the folder `path`; raises LoadError."""
    match = ENTRY_POINT.fullmatch(entry_point)
    if match is None or match["module"].endswith(".py"):
        msg = f"cannot read entry point '{entry_point}': write it as 'module:attribute', such as 'crm:lookup'"
        raise LoadError(LoadFault.MALFORMED_ENTRY_POINT, msg)
    module = _import_isolated(name, path, match["module"])
    return _connector_function(module, match["module"], match["attribute"])


def _load_builtin(builtin: str) -> AnyFunction:
    qualified = f"connectors.{builtin.replace('-', '_')}"
    if not BUILTIN.fullmatch(builtin) or importlib.util.find_spec(qualified) is None:
        msg = f"cannot find a built-in connector '{builtin}'; this image has: {', '.join(builtin_names())}"
        raise LoadError(LoadFault.UNKNOWN_BUILTIN, msg)
    module = _import(qualified, builtin)
    functions = _functions_of(module)
    if len(functions) != 1:
        msg = f"cannot choose a connector function in built-in connector '{builtin}': it has {len(functions)}"
        raise LoadError(LoadFault.NOT_A_CONNECTOR_FUNCTION, msg)
    return next(iter(functions.values()))


def builtin_names() -> list[str]:
    """The connectors shipped in this image, by the names that `source.builtin` takes."""
    found = [module.name.replace("_", "-") for module in pkgutil.iter_modules(connectors.__path__)]
    return sorted(name for name in found if not name.startswith("-"))


def _import_isolated(name: str, path: Path, module: str) -> ModuleType:
    relative = Path(*module.split("."))
    candidates = (path / relative.with_suffix(".py"), path / relative / "__init__.py")
    if not any(candidate.is_file() for candidate in candidates):
        present = sorted(entry.name for entry in path.glob("*.py")) if path.is_dir() else []
        msg = f"cannot find '{relative}.py' in '{path}'; it has: {', '.join(present) or 'no Python files'}"
        raise LoadError(LoadFault.FILE_MISSING, msg)
    package = isolated_package(name, path)
    return _import(f"{package}.{module}", module)


def _import(qualified: str, shown: str) -> ModuleType:
    try:
        return importlib.import_module(qualified)
    except SyntaxError as error:
        where = f"'{Path(error.filename or shown).name}' line {error.lineno}"
        raise LoadError(LoadFault.SYNTAX_ERROR, f"cannot parse {where}: {error.msg}") from error
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        where = _last_line_of(error, shown)
        msg = f"cannot import '{shown}': {type(error).__name__}: {error}{where}"
        raise LoadError(LoadFault.IMPORT_RAISED, msg) from error


def _last_line_of(error: BaseException, shown: str) -> str:
    """Where in the author's own files the import failed."""
    top = shown.partition(".")[0]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<")]
    own = [f for f in frames if Path(f.filename).stem == shown.rpartition(".")[2] or f"/{top}/" in f.filename]
    return f" ('{Path(own[-1].filename).name}' line {own[-1].lineno})" if own else ""


def _connector_function(module: ModuleType, shown: str, attribute: str) -> AnyFunction:
    functions = _functions_of(module)
    found = ", ".join(sorted(functions)) or "none"
    if not hasattr(module, attribute):
        msg = f"cannot find '{attribute}' in module '{shown}'; connector functions there: {found}"
        raise LoadError(LoadFault.ATTRIBUTE_MISSING, msg)
    value: Any = getattr(module, attribute)
    if not _is_connector_function(value):
        kind = type(value).__name__
        msg = (
            f"cannot serve '{attribute}' of module '{shown}': it is a {kind} and not a connector function; "
            f"put @connector(id=…, name=…) above it (connector functions there: {found})"
        )
        raise LoadError(LoadFault.NOT_A_CONNECTOR_FUNCTION, msg)
    return value


def _functions_of(module: ModuleType) -> dict[str, AnyFunction]:
    return {name: value for name, value in vars(module).items() if _is_connector_function(value)}


def _is_connector_function(value: Any) -> TypeGuard[AnyFunction]:
    return isinstance(value, ConnectorFunction)

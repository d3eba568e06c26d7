"""Custom resources and ConfigMaps from YAML files: the same snapshots as from a cluster, with nothing observed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.cli.kubectl_yaml import read_documents
from connector_operator.cli.outline import OUTLINES, pruned
from connector_operator.domain.objects import CONFIG_MAP, NAMESPACE, PART_LABEL, SOURCE_PART, Object, data_of, kind_of, labels_of
from connector_operator.domain.snapshot import NamespaceSnapshot, RuntimeSnapshot


class FileError(ValueError):
    """A file that cannot be read; the text names it, the place and what is expected."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One object and the file it came from."""

    path: Path
    obj: Object


@dataclass(frozen=True, slots=True)
class Files:
    """Everything that was loaded, in the order of the files."""

    loaded: tuple[Loaded, ...]

    def of(self, kind: Kind, namespace: str | None = None) -> list[Object]:
        """The objects of one kind, of one namespace if given."""
        return [item.obj for item in self.loaded if kind_is(item.obj, kind) and namespace in (None, _namespace(item.obj))]

    def namespace(self, name: str) -> NamespaceSnapshot:
        """What the Connectors of one namespace are judged by."""
        namespaces = {obj["metadata"]["name"]: labels_of(obj) for obj in self.of(NAMESPACE)}
        sources = [obj for obj in self.of(CONFIG_MAP, name) if labels_of(obj).get(PART_LABEL) == SOURCE_PART]
        return NamespaceSnapshot(
            name=name,
            labels=namespaces.get(name, {}),
            policies=tuple(self.of(CONNECTOR_POLICY)),
            sources={obj["metadata"]["name"]: obj for obj in sources if data_of(obj)},
        )

    def runtimes(self) -> Iterator[RuntimeSnapshot]:
        """A snapshot of every ConnectorRuntime."""
        for runtime in self.of(CONNECTOR_RUNTIME):
            namespace = _namespace(runtime)
            connectors = tuple(self.of(CONNECTOR, namespace))
            yield RuntimeSnapshot(runtime, self.namespace(namespace), connectors, owned=())


def load(paths: Sequence[Path], namespace: str) -> Files:
    """Load all objects of files and folders; those that name no namespace get `namespace`. Raises `FileError`."""
    return Files(tuple(item for path in _files(paths) for item in _read(path, namespace)))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml"))
        elif path.is_file():
            yield path
        else:
            raise FileError(f"cannot read '{path}': there is no such file or folder")


def _read(path: Path, namespace: str) -> Iterator[Loaded]:
    try:
        documents = read_documents(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise FileError(f"cannot read '{path}': {error}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise FileError(f"cannot read '{path}': it holds what JSON, and so Kubernetes, has no word for: {error}") from error
    for number, document in enumerate(documents, start=1):
        if document is not None:
            obj = _object(path, number, document)
            known = pruned(obj) if (obj["apiVersion"], obj["kind"]) in OUTLINES else obj
            yield Loaded(path, _with_namespace(known, namespace))


def _object(path: Path, number: int, document: Any) -> dict[str, Any]:
    obj = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    metadata = obj.get("metadata")
    name = cast("dict[str, Any]", metadata).get("name") if isinstance(metadata, dict) else None
    if not obj.get("apiVersion") or not obj.get("kind") or not isinstance(name, str):
        raise FileError(f"cannot read '{path}', document {number}: a Kubernetes object needs apiVersion, kind and metadata.name")
    return obj


def _with_namespace(obj: Object, namespace: str) -> Object:
    try:
        namespaced = kind_of(obj).namespaced
    except KeyError:
        return obj
    return {**obj, "metadata": {"namespace": namespace} | obj["metadata"]} if namespaced else obj


def kind_is(obj: Object, kind: Kind) -> bool:
    """Whether an object is of that kind, in that group and version."""
    return (obj["apiVersion"], obj["kind"]) == (kind.api_version, kind.kind)


def _namespace(obj: Object) -> str:
    return obj["metadata"].get("namespace", "")

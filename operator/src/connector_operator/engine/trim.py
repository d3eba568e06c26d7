"""What of an object is worth keeping: a tenth of a pod, everything of what users wrote, nobody's bookkeeping."""

from collections.abc import Callable, Iterable, Mapping
from sys import intern
from typing import Any, cast

from connector_operator.api.kinds import GROUP, Kind
from connector_operator.domain.objects import POD, REPLICA_SET, Object, annotations_of, at, kind_of, list_at

_SHORT = 100
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_POD_METADATA = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "labels", "deletionTimestamp")
_POD_CONDITIONS = frozenset({"Ready", "PodScheduled"})


def trim(obj: Object) -> Object:
    """A smaller object of the same shape; the argument stays as it is. Raises `KeyError` for an unknown kind."""
    return _shared(_BY_KIND.get(kind_of(obj), _trim_whole)(obj))


def unrevised(obj: Object) -> Object:
    """The object without its revision: a touch that changed nothing we keep is no change."""
    metadata = {name: value for name, value in obj["metadata"].items() if name != "resourceVersion"}
    return {**obj, "metadata": metadata}


def _shared(value: Any) -> Any:
    """The same JSON with one copy of each short text: ten thousand objects have the same member names, reasons and times."""
    if isinstance(value, str):
        return intern(value) if len(value) <= _SHORT else value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {intern(name): _shared(member) for name, member in members.items()}
    return [_shared(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _trim_whole(obj: Object) -> Object:
    return {**obj, "metadata": _metadata(obj)}


def _metadata(obj: Object) -> dict[str, Any]:
    metadata = {name: value for name, value in obj["metadata"].items() if name != "managedFields"}
    annotations: Mapping[str, str] = metadata.get("annotations") or {}
    if _LAST_APPLIED in annotations:
        metadata["annotations"] = {name: text for name, text in annotations.items() if name != _LAST_APPLIED}
    return metadata


def _trim_pod(obj: Object) -> Object:
    metadata = _only(at(obj, "metadata"), (*_POD_METADATA, "ownerReferences"))
    if ours := {name: text for name, text in annotations_of(obj).items() if name.startswith(f"{GROUP}/")}:
        metadata["annotations"] = ours
    conditions = [one for one in list_at(obj, "status", "conditions") if one.get("type") in _POD_CONDITIONS]
    return {
        **_only(obj, ("apiVersion", "kind")),
        "metadata": metadata,
        "spec": {"volumes": _config_map_volumes(at(obj, "spec"))},
        "status": {
            **_only(at(obj, "status"), ("phase", "podIP", "reason")),
            "conditions": [_only(one, ("type", "status", "reason", "message")) for one in conditions],
            "initContainerStatuses": [_container(one) for one in list_at(obj, "status", "initContainerStatuses")],
            "containerStatuses": [_container(one) for one in list_at(obj, "status", "containerStatuses")],
        },
    }


def _trim_replica_set(obj: Object) -> Object:
    volumes = _config_map_volumes(at(obj, "spec", "template", "spec"))
    return {
        **_only(obj, ("apiVersion", "kind")),
        "metadata": _metadata(obj),
        "spec": _only(at(obj, "spec"), ("replicas",)) | {"template": {"spec": {"volumes": volumes}}},
        "status": _only(at(obj, "status"), ("replicas",)),
    }


_BY_KIND: dict[Kind, Callable[[Object], Object]] = {POD: _trim_pod, REPLICA_SET: _trim_replica_set}


def _only(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def _config_map_volumes(pod_spec: Object) -> list[dict[str, Any]]:
    """The volumes that hold ConfigMaps, with nothing but the names of those: who still needs an old configuration."""
    kept: list[dict[str, Any]] = []
    for volume in list_at(pod_spec, "volumes"):
        if config_map := at(volume, "configMap"):
            kept.append({"name": volume["name"], "configMap": _only(config_map, ("name",))})
        projected = [at(source, "configMap") for source in list_at(volume, "projected", "sources")]
        if named := [{"configMap": _only(config_map, ("name",))} for config_map in projected if config_map]:
            kept.append({"name": volume["name"], "projected": {"sources": named}})
    return kept


def _container(status: Object) -> dict[str, Any]:
    states = {name: at(status, "state", name) for name in ("waiting", "terminated")}
    failures = {name: _only(state, ("reason", "message", "exitCode")) for name, state in states.items() if state}
    return _only(status, ("name", "restartCount")) | {"state": failures}

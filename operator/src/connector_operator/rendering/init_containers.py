"""What fetches a Connector's code before the worker starts: one init container per package, and per image to be copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from connector_operator.api.connector import ImageSource, PackageSource
from connector_operator.domain import names
from connector_operator.domain.check import REQUIREMENTS_FILE
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector

_REQUIREMENTS_PATH = "/etc/connectors-requirements"
_SECURITY_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""Like the worker's own: the pod passes the restricted Pod Security Standard as a whole."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """The init containers of one worker, and the volumes that only they mount."""

    containers: list[dict[str, Any]]
    volumes: list[dict[str, Any]]


def fetching(resolved: ResolvedRuntime, bundled: Sequence[ServedConnector], resources: dict[str, Any]) -> Fetching:
    """Whatever has to be fetched for these Connectors, in the order of their names."""
    containers: list[dict[str, Any]] = []
    volumes: list[dict[str, Any]] = []
    for served in bundled:
        if served.spec.source.package and served.source:
            containers.append(_install(resolved, served, served.spec.source.package))
            volumes.append({"name": names.requirements_volume(served.name), "configMap": {"name": served.source.config_map}})
        elif served.spec.source.image and resolved.copies_images:
            containers.append(_copy(served, served.spec.source.image))
    return Fetching([container | {"resources": resources} for container in containers], volumes)


def _install(resolved: ResolvedRuntime, served: ServedConnector, package: PackageSource) -> dict[str, Any]:
    """The runtime image's own Python and pip: what they install is what the worker can import."""
    module = package.entry_point.partition(":")[0].partition(".")[0]
    arguments = [f"{_REQUIREMENTS_PATH}/{REQUIREMENTS_FILE}", names.source_path(served.name), module]
    arguments += [package.index_url] if package.index_url else []
    requirements = {"name": names.requirements_volume(served.name), "mountPath": _REQUIREMENTS_PATH, "readOnly": True}
    return {
        "name": names.fetch_container(served.name),
        "image": resolved.image,
        "imagePullPolicy": resolved.image_pull_policy,
        "command": ["python3", "-c", _program(), *map(_literal, arguments)],
        "securityContext": _SECURITY_CONTEXT,
        "volumeMounts": [_code(served), requirements, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - the pod's own
    }


def _literal(word: str) -> str:
    """As the kubelet gives it to the process unchanged: `$(NAME)` in a command would be a variable."""
    return word.replace("$", "$$")


def _copy(served: ServedConnector, image: ImageSource) -> dict[str, Any]:
    """The image's own entrypoint, told where to: an image of files alone has no shell and no cp."""
    return {
        "name": names.fetch_container(served.name),
        "image": image.reference,
        "imagePullPolicy": image.pull_policy,
        "args": [names.source_path(served.name)],
        "securityContext": _SECURITY_CONTEXT,
        "volumeMounts": [_code(served)],
    }


def _code(served: ServedConnector) -> dict[str, Any]:
    return {"name": names.source_volume(served.name), "mountPath": names.source_path(served.name)}


@cache
def _program() -> str:
    return files("connector_operator.rendering").joinpath("install_packages.py").read_text(encoding="utf-8")

"""Gets what the catalogues of a cluster offer, for the commands that carry element templates elsewhere."""

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.port import ApiRejected, KubeApi, ObjectIdentity
from connector_operator.cluster.transport import ApiCall
from connector_operator.domain.objects import CONFIG_MAP, RUNTIME_LABEL, Object, labels_of
from connector_operator.domain.published import OfferedTemplate, offered

_CATALOGUE = re.compile(r"-element-templates(-\d+)?\Z")
"""How the names of catalogue ConfigMaps end (`domain.names`): only these are read whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whose element templates are meant."""
    parser.add_argument("--runtime", help="only this ConnectorRuntime's; default: of all")
    parser.add_argument("--namespace", "-n", default="", help="only this namespace's; default: of all that there are")
    parser.add_argument("--kubeconfig", type=Path, help="default: KUBECONFIG, else ~/.kube/config")


def cluster(options: argparse.Namespace) -> ClusterApi:
    """The API server that the options name, to be entered with `async with`."""
    return ClusterApi(Connection(options.kubeconfig), _uncounted)


def told(error: Exception, options: argparse.Namespace) -> str:
    """What went wrong, and what to do about it, for the person who ran the command."""
    if isinstance(error, ApiRejected) and error.status == 403 and not options.namespace:
        return f"{error}; name a namespace that you may read with --namespace"
    if isinstance(error, OSError) and error.filename:
        return f"cannot use '{error.filename}': {error.strerror}"
    return str(error)


def _uncounted(_call: ApiCall) -> None:
    """An operator counts its calls; a command has nobody to tell."""


@dataclass(slots=True)
class OfferedTemplates:
    """What the catalogues offer, looked at once or again and again: what has not changed since is not read again."""

    api: KubeApi
    namespace: str
    """Empty: all of them."""
    runtime: str | None
    _known: dict[ObjectIdentity, Object] = field(default_factory=dict[ObjectIdentity, Object])

    async def read(self) -> tuple[OfferedTemplate, ...]:
        """All element templates on offer now; raises `ApiError`."""
        identities = await self.api.list_metadata(CONFIG_MAP, namespace=self.namespace, labelled=True)
        found = [(one, await self._object(one)) for one in identities if _CATALOGUE.search(one.ref.name)]
        self._known = {one: obj for one, obj in found if obj is not None}
        return offered(obj for obj in self._known.values() if self.runtime in (None, labels_of(obj).get(RUNTIME_LABEL)))

    async def _object(self, identity: ObjectIdentity) -> Object | None:
        return self._known.get(identity) or await self.api.get(identity.ref)


def without_clashes(templates: Iterable[OfferedTemplate]) -> tuple[dict[str, OfferedTemplate], tuple[str, ...]]:
    """By key, since Modeler wants every id and version once; and a sentence for each that another runtime has otherwise."""
    chosen: dict[str, OfferedTemplate] = {}
    clashes: list[str] = []
    for template in templates:
        first = chosen.setdefault(template.key, template)
        if first.text != template.text:
            clashes.append(
                f"'{template.identity.id}' version {template.identity.version} of {template.namespace}/{template.runtime} "
                f"differs from that of {first.namespace}/{first.runtime}, which is taken: name one with --namespace and --runtime"
            )
    return chosen, tuple(clashes)

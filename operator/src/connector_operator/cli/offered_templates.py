"""Gets what the catalogues of a cluster offer, for the commands that carry element templates elsewhere."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from connector_operator.cluster.port import KubeApi
from connector_operator.domain.objects import CONFIG_MAP, RUNTIME_LABEL, labels_of
from connector_operator.domain.published import OfferedTemplate, offered

_CATALOGUE = re.compile(r"-element-templates(-\d+)?\Z")
"""How the names of catalogue ConfigMaps end (`domain.names`): only these are read whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whose element templates are meant."""
    parser.add_argument("--runtime", help="only this ConnectorRuntime's; default: of all")
    parser.add_argument("--namespace", "-n", default="", help="only this namespace's; default: of all that there are")
    parser.add_argument("--kubeconfig", type=Path, help="default: KUBECONFIG, else ~/.kube/config")


async def read_offered(api: KubeApi, namespace: str, runtime: str | None) -> tuple[OfferedTemplate, ...]:
    """All element templates on offer; raises `ApiError`."""
    identities = await api.list_metadata(CONFIG_MAP, namespace=namespace, labelled=True)
    found = [await api.get(one.ref) for one in identities if _CATALOGUE.search(one.ref.name)]
    of_runtime = (obj for obj in found if obj and runtime in (None, labels_of(obj).get(RUNTIME_LABEL)))
    return offered(of_runtime)


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

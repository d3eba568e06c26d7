"""A kopf operator as its documentation shows it: create handlers, kopf's own annotations, kopf's own status patches.

It makes the objects that ours makes for a ConnectorRuntime with one Connector, through the same client; run by the benchmark as
`python stock_kopf.py KUBECONFIG`.
"""

import sys
from pathlib import Path
from typing import Any

import kopf
from crowd import only_connector
from writers import pending_status, rendered

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection
from connector_operator.feed.kopf_feed import connection_info

_CONNECTION = Connection(Path(sys.argv[1]))
_API = ClusterApi(_CONNECTION, lambda _call: None)


@kopf.on.login()
async def log_in(**_: Any) -> kopf.ConnectionInfo:
    """The kubeconfig that the benchmark names."""
    return await connection_info(_CONNECTION)


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, **_: Any) -> None:
    """No Events, as ours writes none here; all else as kopf has it."""
    settings.posting.enabled = False
    await _API.__aenter__()


@kopf.on.cleanup()
async def stop(**_: Any) -> None:
    """Close the connections."""
    await _API.__aexit__()


@kopf.on.create(CONNECTOR_RUNTIME.group, CONNECTOR_RUNTIME.version, CONNECTOR_RUNTIME.plural)
async def create_runtime(body: kopf.Body, patch: kopf.Patch, **_: Any) -> None:
    """Apply what belongs to the runtime, then let kopf write the status."""
    runtime = {**body, "apiVersion": CONNECTOR_RUNTIME.api_version, "kind": CONNECTOR_RUNTIME.kind}
    for manifest in rendered(runtime, [only_connector(body["metadata"]["namespace"], body["metadata"]["name"])]):
        await _API.apply(manifest)
    patch.status.update(pending_status())


@kopf.on.create(CONNECTOR.group, CONNECTOR.version, CONNECTOR.plural)
async def create_connector(patch: kopf.Patch, **_: Any) -> None:
    """Let kopf write the status."""
    patch.status.update(pending_status())


if __name__ == "__main__":
    kopf.run(clusterwide=True, standalone=True)

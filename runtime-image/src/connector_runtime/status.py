"""The document of `GET /status` (docs/worker-contract.md §3)."""

from collections.abc import Iterable
from typing import Any

from connector_runtime.gateway import ConnectionReport
from connector_runtime.handling import Counts
from connector_runtime.serving import ServedConnector

MAX_TEXT = 1_000


def status_document(config_hash: str, gateway: ConnectionReport, served: Iterable[ServedConnector]) -> dict[str, Any]:
    """Put together what the pod says about itself."""
    return {
        "version": 1,
        "configHash": config_hash,
        "gateway": {"state": gateway.state.value, "message": gateway.message[:MAX_TEXT]},
        "connectors": {connector.config.name: _connector(connector) for connector in served},
    }


def _connector(connector: ServedConnector) -> dict[str, Any]:
    counts = connector.handler.counts if connector.handler else Counts()
    return {
        "jobType": connector.config.job_type,
        "state": connector.state.value,
        "message": connector.message[:MAX_TEXT],
        "secretsMissing": list(connector.secrets.missing),
        "active": connector.handler.active if connector.handler else 0,
        "completed": counts.completed,
        "failed": counts.failed,
        "lastError": counts.last_error[:MAX_TEXT],
        "elementTemplates": [
            {"id": template.id, "version": template.version, "digest": template.digest} for template in connector.templates
        ],
    }

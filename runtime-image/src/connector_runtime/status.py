"""The document of `GET /status` (docs/worker-contract.md §3)."""

import json
from collections.abc import Collection
from typing import Any

from connector_runtime.gateway import ConnectionReport
from connector_runtime.running import Counts
from connector_runtime.serving import ServedConnector

MAX_TEXT = 1_000
MAX_BYTES = 1024 * 1024


def status_text(config_hash: str, gateway: ConnectionReport, served: Collection[ServedConnector]) -> str:
    """Write the document; with very many Connectors the texts get shorter, so that its size stays within the contract."""
    text = ""
    for longest in (MAX_TEXT, 200, 20, 0):
        text = json.dumps(_document(config_hash, gateway, served, longest), ensure_ascii=False)
        if len(text.encode()) <= MAX_BYTES:
            break
    return text


def _document(config_hash: str, gateway: ConnectionReport, served: Collection[ServedConnector], longest: int) -> dict[str, Any]:
    return {
        "version": 1,
        "configHash": config_hash,
        "gateway": {"state": gateway.state.value, "message": gateway.message[:MAX_TEXT]},
        "connectors": {connector.config.name: _connector(connector, longest) for connector in served},
    }


def _connector(connector: ServedConnector, longest: int) -> dict[str, Any]:
    counts = connector.handler.counts if connector.handler else Counts()
    return {
        "jobType": connector.config.job_type,
        "state": connector.state.value,
        "message": connector.message[:longest],
        "secretsMissing": list(connector.secrets.missing),
        "active": connector.handler.active if connector.handler else 0,
        "completed": counts.completed,
        "failed": counts.failed,
        "lastError": counts.last_error[:longest],
        "elementTemplates": [
            {"id": template.id, "version": template.version, "digest": template.digest} for template in connector.templates
        ],
    }

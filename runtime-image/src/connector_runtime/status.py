"""Fills the document of `GET /status` (docs/worker-contract.md §3)."""

from collections.abc import Collection

from connector_runtime.gateway import ConnectionReport
from connector_runtime.running import Counts
from connector_runtime.serving import ServedConnector
from connector_runtime.status_document import MAX_TEXT, ConnectorStatus, GatewayStatus, StatusDocument, TemplateStatus

MAX_BYTES = 1024 * 1024


def status_text(config_hash: str, gateway: ConnectionReport, served: Collection[ServedConnector]) -> str:
    """Write the document; with very many Connectors the texts get shorter, so that its size stays within the contract."""
    text = ""
    for longest in (MAX_TEXT, 200, 20, 0):
        text = _document(config_hash, gateway, served, longest).model_dump_json(by_alias=True)
        if len(text.encode()) <= MAX_BYTES:
            break
    return text


def _document(config_hash: str, gateway: ConnectionReport, served: Collection[ServedConnector], longest: int) -> StatusDocument:
    return StatusDocument(
        version=1,
        config_hash=config_hash,
        gateway=GatewayStatus(state=gateway.state, message=gateway.message[:MAX_TEXT]),
        connectors={connector.config.name: _connector(connector, longest) for connector in served},
    )


def _connector(connector: ServedConnector, longest: int) -> ConnectorStatus:
    counts = connector.handler.counts if connector.handler else Counts()
    return ConnectorStatus(
        job_type=connector.config.job_type,
        state=connector.state,
        message=connector.message[:longest],
        secrets_missing=connector.secrets.missing,
        active=connector.handler.active if connector.handler else 0,
        completed=counts.completed,
        failed=counts.failed,
        last_error=counts.last_error[:longest],
        element_templates=tuple(
            TemplateStatus(id=template.id, version=template.version, digest=template.digest) for template in connector.templates
        ),
    )

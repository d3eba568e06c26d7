"""What the author of a connector function imports."""

from connector_sdk.clients import SharedClients
from connector_sdk.context import Context, Job, Secrets
from connector_sdk.documents import Document, Documents
from connector_sdk.errors import BpmnError, ConnectorError, InputError, RetryError
from connector_sdk.exchange import Answer, Egress, Exchange, HttpClient
from connector_sdk.function import ConnectorFunction, connector
from connector_sdk.hints import TemplateHint
from connector_sdk.messages import Message, Messages, SentMessage
from connector_sdk.operations import Operations

__all__ = [
    "Answer",
    "BpmnError",
    "ConnectorError",
    "ConnectorFunction",
    "Context",
    "Document",
    "Documents",
    "Egress",
    "Exchange",
    "HttpClient",
    "InputError",
    "Job",
    "Message",
    "Messages",
    "Operations",
    "RetryError",
    "Secrets",
    "SentMessage",
    "SharedClients",
    "TemplateHint",
    "connector",
]

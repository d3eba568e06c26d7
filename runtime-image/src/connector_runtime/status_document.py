"""The model of `GET /status` (docs/worker-contract.md §3); docs/status.schema.json is made from it."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from connector_runtime.gateway import ConnectionState
from connector_runtime.serving import ServingState

MAX_TEXT = 1_000

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Count = Annotated[int, Field(ge=0)]


class _Member(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class TemplateStatus(_Member):
    """One generated element template."""

    id: str
    version: Count
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its JSON, see §4 of the contract")]


class ConnectorStatus(_Member):
    """One Connector in this pod."""

    job_type: str
    state: Annotated[ServingState, Field(description="only Loaded activates jobs")]
    message: Annotated[Text, Field(description="what is wrong and what to do; empty when loaded")]
    secrets_missing: Annotated[tuple[str, ...], Field(description="the declared secrets whose file is absent")]
    active: Annotated[Count, Field(description="jobs held now")]
    completed: Annotated[Count, Field(description="since start; BPMN errors and ignored errors too")]
    failed: Annotated[Count, Field(description="since start")]
    last_error: Annotated[Text, Field(description="masked text of the newest failure, or empty")]
    element_templates: tuple[TemplateStatus, ...]


class GatewayStatus(_Member):
    """The connection to Zeebe."""

    state: ConnectionState
    message: Annotated[Text, Field(description="empty when connected")]


class StatusDocument(_Member):
    """What a worker pod says about itself."""

    version: Literal[1]
    config_hash: Annotated[str, Field(description="of the configuration file that the pod read")]
    gateway: GatewayStatus
    connectors: Annotated[dict[str, ConnectorStatus], Field(description="by the Connector's name")]


def schema_text() -> str:
    """The JSON schema, as the file holds it."""
    schema = StatusDocument.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"

"""What worker pods say about themselves (docs/worker-contract.md §3), read with suspicion.

A pod runs code that users brought: its answer is data of unknown honesty. Sizes are capped where the bytes arrive
(`cluster.pods`); here every member is checked, cut to length and ignored when it is not what the contract says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasGenerator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

MAX_TEXT = 1_000


class LoadState(StrEnum):
    """How far one pod has got with one Connector."""

    LOADED = "Loaded"
    PENDING = "Pending"
    LOAD_FAILED = "LoadFailed"
    SETTINGS_INVALID = "SettingsInvalid"
    SECRETS_MISSING = "SecretsMissing"


class GatewayState(StrEnum):
    """How one pod stands with its Zeebe gateway."""

    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    UNAUTHENTICATED = "Unauthenticated"
    UNREACHABLE = "GatewayUnreachable"


def _cut(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_cut)]


class _Reported(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=AliasGenerator(to_camel), populate_by_name=True)


class ReportedTemplate(_Reported):
    """One element template that a pod generated from its loaded function."""

    id: Annotated[str, Field(max_length=200)]
    version: Annotated[int, Field(ge=0)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ConnectorReport(_Reported):
    """What one pod says about one Connector."""

    job_type: Text = ""
    state: LoadState
    message: Text = ""
    secrets_missing: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    element_templates: Annotated[tuple[ReportedTemplate, ...], Field(max_length=50)] = ()


class GatewayReport(_Reported):
    """What one pod says about its connection to Zeebe."""

    state: GatewayState
    message: Text = ""


class StatusDocument(_Reported):
    """The body of `GET /status`."""

    version: Annotated[int, Field(ge=1, le=1)]
    config_hash: Text
    gateway: GatewayReport
    connectors: Annotated[Mapping[str, ConnectorReport], Field(max_length=5_000)] = {}


@dataclass(frozen=True, slots=True)
class PodReport:
    """One pod's last answer: a document, or the reason why there is none."""

    pod: str
    document: StatusDocument | None
    problem: str = ""
    """Why there is no document, for people; empty when there is one."""


def read_status(pod: str, body: bytes) -> PodReport:
    """Read the body of a pod's `/status`; never raises: what cannot be read is a report that says why."""
    try:
        return PodReport(pod, StatusDocument.model_validate_json(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return PodReport(pod, None, f"cannot read the status of pod '{pod}': {where}: {first['msg']}"[:MAX_TEXT])

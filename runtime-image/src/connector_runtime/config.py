"""The worker's configuration file, as docs/worker-contract.md §1 describes it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from connector_runtime.validation import describe

DEFAULT_PATH = Path("/etc/connectors/config.json")
GATEWAY_SCHEMES = ("grpc", "grpcs")


class ConfigError(Exception):
    """The configuration cannot be used; the text says which member, what it holds and what to do."""


class _Member(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class OAuth(_Member):
    """Client credentials: `directory` holds the files `clientId` and `clientSecret`."""

    type: Literal["oauth"]
    directory: Path
    token_url: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    audience: str = ""
    scope: str = ""


class Basic(_Member):
    """User name and password: `directory` holds the files `username` and `password`."""

    type: Literal["basic"]
    directory: Path


class Tls(_Member):
    """Whom to trust, and how to show who we are."""

    ca_file: Path | None = None
    """PEM; None: the system's authorities."""
    client_certificate_directory: Path | None = None
    """Holds `tls.crt` and `tls.key`."""


class Camunda(_Member):
    """Which Camunda 8 the jobs come from."""

    grpc_address: str
    rest_address: str | None = None
    tenant_ids: tuple[str, ...] = ()
    auth: Annotated[OAuth | Basic, Field(discriminator="type")] | None = None
    tls: Tls = Field(default_factory=Tls)

    @field_validator("grpc_address")
    @classmethod
    def _is_a_gateway(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in GATEWAY_SCHEMES or not parts.hostname or parts.path not in ("", "/"):
            msg = "write grpc://host:port for plain text or grpcs://host:port for TLS"
            raise ValueError(msg)
        return value


class Egress(_Member):
    """Where HTTP-like connectors may not connect to, and where they may nevertheless."""

    denied_ranges: tuple[IPv4Network | IPv6Network, ...] = ()
    allowed_ranges: tuple[IPv4Network | IPv6Network, ...] = ()


class Source(_Member):
    """Where a Connector's function comes from: a module of the package `connectors`, or Python files in a folder."""

    builtin: str | None = None
    path: Path | None = None
    entry_point: str | None = None
    digest: str = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.builtin is None) == (self.path is None):
            msg = "name either builtin or path with entryPoint"
            raise ValueError(msg)
        if self.path is not None and self.entry_point is None:
            msg = "path needs an entryPoint such as 'module:attribute'"
            raise ValueError(msg)
        return self


class SecretsFrom(_Member):
    """A whole Secret: each file of the directory is a name, with the prefix before it."""

    directory: Path
    prefix: str = ""


class SecretsConfig(_Member):
    """Which secret placeholders the Connector may use, and where their values are mounted."""

    directory: Path = Path("/nonexistent")
    names: tuple[str, ...] = ()
    from_: tuple[SecretsFrom, ...] = Field(default=(), alias="from")


class TemplateOrigin(StrEnum):
    """Who makes a Connector's element templates."""

    GENERATED = "Generated"
    GIVEN = "Given"


class SecretFilter(StrEnum):
    """Where a job's variables may hold secret placeholders (docs/worker-contract.md §1)."""

    STRICT = "STRICT"
    LAX = "LAX"
    DISABLED = "DISABLED"


class ConnectorConfig(_Member):
    """One Connector that this worker serves."""

    name: Annotated[str, Field(min_length=1)]
    job_type: Annotated[str, Field(min_length=1)]
    source: Source
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: SecretsConfig = Field(default_factory=SecretsConfig)
    fetch_variables: tuple[str, ...] | None = None
    timeout_seconds: Annotated[int, Field(ge=1)] = 300
    max_jobs_active: Annotated[int, Field(ge=1)] = 32
    element_templates: TemplateOrigin = TemplateOrigin.GENERATED


class WorkerConfig(_Member):
    """The whole file."""

    version: Literal[1]
    worker_name: Annotated[str, Field(min_length=1)]
    camunda: Camunda
    egress: Egress = Field(default_factory=Egress)
    secret_filter: SecretFilter = SecretFilter.LAX
    termination_grace_period_seconds: Annotated[int, Field(ge=1)] = 30
    connectors: tuple[ConnectorConfig, ...] = ()

    @model_validator(mode="after")
    def _can_filter(self) -> Self:
        if self.secret_filter is SecretFilter.STRICT and not self.camunda.rest_address:
            msg = "secretFilter STRICT needs camunda.restAddress, process definitions are asked for there"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _serves_each_job_type_once(self) -> Self:
        for member in ("name", "job_type"):
            values = [getattr(connector, member) for connector in self.connectors]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                msg = f"{to_camel(member)} '{twice[0]}' is used by two Connectors; a worker serves each once"
                raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration together with the hash by which the operator knows it."""

    config: WorkerConfig
    hash: str
    """The first 10 hexadecimal digits of the SHA-256 of the file's bytes."""


def load_config(path: Path) -> LoadedConfig:
    """Read the configuration file; raises ConfigError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"cannot read the configuration '{path}': {error.strerror}; mount it there or name it with --config"
        raise ConfigError(msg) from error
    return parse_config(content, origin=str(path))


def parse_config(content: bytes, *, origin: str) -> LoadedConfig:
    """Check the bytes of a configuration file; raises ConfigError that begins with `origin`."""
    try:
        config = WorkerConfig.model_validate_json(content)
    except ValidationError as error:
        msg = f"cannot use the configuration '{origin}': {describe(error, show_values=True)}"
        raise ConfigError(msg) from error
    return LoadedConfig(config, hashlib.sha256(content).hexdigest()[:10])

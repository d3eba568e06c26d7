"""ConnectorPolicy: what cluster admins allow."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from connector_operator.api.fields import AN_INTEGER, AsSet, Glob, Spec, list_atomic
from connector_operator.api.selector import LabelSelector

Globs = Annotated[tuple[Glob, ...], Field(max_length=100), AsSet()]


class AllowedConfigMap(Spec):
    """Present: Python files in ConfigMaps are allowed."""


class AllowedImages(Spec):
    """Which OCI images connector functions may come from."""

    references: Globs = Field(description="Image references, as globs.")
    require_digest: StrictBool = Field(default=False, description="Refuse references without a digest (@sha256:…).")


class AllowedPackages(Spec):
    """Which wheels connector functions may come from."""

    requirements: Globs = Field(description="Names of packages, as globs; every requirement of a Connector must match one.")
    index_urls: Globs | None = Field(
        default=None, description="Package indexes, as globs; a Connector must name one. Left out: any, or none."
    )


class AllowedSources(Spec):
    """Where connector functions may come from; a source kind left out is refused."""

    builtin: Globs | None = Field(
        default=None, description="Names of connectors shipped in the runtime image, as globs; left out: none."
    )
    image: AllowedImages | None = Field(
        default=None, description="OCI images that connector functions may come from; left out: none."
    )
    config_map: AllowedConfigMap | None = Field(
        default=None, description="Present: Python files in ConfigMaps are allowed; left out: they are refused."
    )

    package: AllowedPackages | None = Field(
        default=None, description="Wheels that connector functions may come from; left out: none."
    )


class AllowedConnectors(Spec):
    """One entry of the allow-list: a Connector matches when its job type and its source do."""

    job_types: Globs = Field(description="Job types, as anchored globs (* and ?).")
    sources: AllowedSources = Field(description="Where the connector function may come from.")


class AllowedRuntimes(Spec):
    """What ConnectorRuntimes may ask for."""

    images: Globs | None = Field(default=None, description="Runtime images, as globs. Default: any.")
    max_replicas: Annotated[int, Field(ge=0, le=1000), AN_INTEGER] | None = Field(
        default=None, description="The most replicas. Default: any number."
    )
    pod_template: Literal["Allowed", "Forbidden"] = Field(
        default="Allowed", description="Whether ConnectorRuntimes may patch the rendered pod."
    )


class ConnectorPolicySpec(Spec):
    """An allow-list for the namespaces it selects; every matching policy must allow a Connector."""

    namespace_selector: LabelSelector = Field(
        default=LabelSelector(), description="The namespaces where the policy applies; empty: all."
    )
    enforcement: Literal["Enforce", "Audit"] = Field(
        default="Enforce", description="Enforce refuses; Audit only reports what it would refuse."
    )
    connectors: Annotated[tuple[AllowedConnectors, ...], Field(max_length=100, json_schema_extra=list_atomic())] = Field(
        default=(), description="The allow-list: a Connector must match one entry. Empty: none is allowed."
    )
    runtimes: AllowedRuntimes = Field(default=AllowedRuntimes(), description="What ConnectorRuntimes may ask for.")

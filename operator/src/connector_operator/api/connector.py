"""Connector: one connector function made available under one job type."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, model_validator

from connector_operator.api.fields import (
    AN_INTEGER,
    AsMap,
    AsSet,
    DataKey,
    Duration,
    JobType,
    ObjectName,
    SecretName,
    Spec,
    Url,
    list_atomic,
    rule,
)

EntryPoint = Annotated[
    str,
    Field(
        min_length=3,
        max_length=200,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$",
    ),
]
ImageReference = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")]
Requirement = Annotated[
    str,
    Field(
        max_length=2_000,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9][A-Za-z0-9.!+_-]*( --hash=sha256:[0-9a-f]{64})+$",
    ),
]
"""One pinned wheel as pip reads it; nothing else that a requirements file may hold fits the pattern, options least of all."""
BuiltinName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]


_EXACTLY_ONE = "needs exactly one of builtin, configMap, image, package"


class ConfigMapSource(Spec):
    """Python files in a ConfigMap: for small custom connectors that live in a GitOps repository."""

    name: ObjectName = Field(
        description="The ConfigMap, in the same namespace, labelled connectors.camunda.io/part=source. Its keys are .py files."
    )
    entry_point: EntryPoint = Field(description="Module and connector function, such as 'crm:lookup' for lookup in crm.py.")


class ImageSource(Spec):
    """Python files in an OCI image or artifact, mounted as an image volume."""

    reference: ImageReference = Field(description="The image, best with a digest: registry/name@sha256:…")
    entry_point: EntryPoint = Field(
        description="Module and connector function, such as 'acme_crm:lookup'; modules lie at its root."
    )
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = Field(
        default="IfNotPresent", description="When the kubelet pulls the image."
    )


class PackageSource(Spec):
    """Wheels from a package index, installed before the worker starts."""

    requirements: Annotated[tuple[Requirement, ...], Field(min_length=1, max_length=50), AsSet()] = Field(
        description="Every wheel that is needed beside the runtime image, as 'name==version --hash=sha256:…'; nothing else is "
        "installed, dependencies neither."
    )
    entry_point: EntryPoint = Field(description="Module and connector function, such as 'acme_crm:lookup'.")
    index_url: Url | None = Field(default=None, description="A package index (simple repository API). Default: pip's own.")


class ConnectorSource(Spec):
    """Where the connector function comes from: exactly one member."""

    builtin: BuiltinName | None = Field(
        default=None, description="A connector shipped in the runtime image, such as 'http-json'."
    )
    config_map: ConfigMapSource | None = Field(default=None, description="Python files in a ConfigMap.")
    image: ImageSource | None = Field(default=None, description="Python files in an OCI image or artifact.")

    package: PackageSource | None = Field(default=None, description="Wheels from a package index, pinned by hash.")

    model_config = ConfigDict(
        json_schema_extra=rule(
            " + ".join(f"(has(self.{member}) ? 1 : 0)" for member in ("builtin", "configMap", "image", "package")) + " == 1",
            _EXACTLY_ONE,
        )
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "ConnectorSource":
        if sum(member is not None for member in (self.builtin, self.config_map, self.image, self.package)) != 1:
            raise ValueError(_EXACTLY_ONE)
        return self


class SecretKeyReference(Spec):
    """One key of a Secret in the same namespace."""

    name: ObjectName = Field(description="The Secret's name.")
    key: DataKey = Field(description="The key in the Secret.")


class SecretReference(Spec):
    """What one secret placeholder resolves to."""

    name: SecretName = Field(description="What {{secrets.NAME}} in a diagram names.")
    secret_key_ref: SecretKeyReference = Field(description="The Secret and key that hold the value.")


class SecretNameReference(Spec):
    """A Secret in the same namespace."""

    name: ObjectName = Field(description="The Secret's name.")


class WholeSecret(Spec):
    """Every key of a Secret."""

    secret_ref: SecretNameReference = Field(description="The Secret.")
    prefix: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_]*$")] = Field(
        default="", description="What secret placeholders have before the key's name."
    )


class ConfigMapKeyReference(Spec):
    """One key of a ConfigMap in the same namespace."""

    name: ObjectName = Field(description="The ConfigMap's name; it is labelled connectors.camunda.io/part=source.")
    key: DataKey = Field(description="The key in the ConfigMap.")


class ElementTemplateReference(Spec):
    """An element template that the Connector brings along."""

    config_map_key_ref: ConfigMapKeyReference = Field(
        description="A ConfigMap key that holds one element template, or a list of them, as JSON."
    )


class ConnectorSpec(Spec):
    """What a Connector offers, where its code comes from and what it may use."""

    job_type: JobType = Field(description="The Zeebe job type that a diagram's task definition names.")
    source: ConnectorSource = Field(description="Where the connector function comes from: exactly one member.")
    settings: Annotated[dict[str, Any], Field(max_length=200)] = Field(
        default={},
        description="Free-form, non-secret settings; the connector function's own settings model validates them. At most 32 KiB.",
    )
    secrets: Annotated[tuple[SecretReference, ...], Field(max_length=100), AsMap("name")] = Field(
        default=(), description="What secret placeholders of this Connector resolve to; nothing else does."
    )
    secrets_from: Annotated[tuple[WholeSecret, ...], Field(max_length=20, json_schema_extra=list_atomic())] = Field(
        default=(), description="Secrets of which every key is a further name for secret placeholders."
    )
    fetch_variables: (
        Annotated[
            tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
            Field(max_length=200),
            AsSet(),
        ]
        | None
    ) = Field(
        default=None,
        description="The process variables that a job carries. Default: what the connector function's input model declares.",
    )
    timeout: Duration = Field(
        default="5m", description="How long a job belongs to a worker before Zeebe hands it to another one."
    )
    max_jobs_active: Annotated[int, Field(ge=1, le=10_000), AN_INTEGER] = Field(
        default=100, description="The most jobs of this Connector that one pod holds at once."
    )
    element_templates: Annotated[tuple[ElementTemplateReference, ...], Field(max_length=50, json_schema_extra=list_atomic())] = (
        Field(
            default=(),
            description="Element templates to publish instead of the generated one. Keep old versions here.",
        )
    )
    suspend: StrictBool = Field(
        default=False,
        description="Take the Connector out of its workers and its element templates out of the catalogue.",
    )

"""ConnectorRuntime: one worker that bundles the selected Connectors."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from connector_operator.api.fields import ObjectName, Spec, list_map, list_set, rule
from connector_operator.api.selector import LabelSelector

GrpcAddress = Annotated[
    str,
    Field(max_length=300, pattern=r"^grpcs?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):[0-9]{1,5}$"),
]
RestAddress = Annotated[str, Field(max_length=300, pattern=r"^https?://[A-Za-z0-9\[][^\s?#@]*$")]
QUANTITY_PATTERN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+|n|u|m|k|Ki|[MGTPE]i?)?$"
Quantity = Annotated[
    int | Annotated[str, Field(pattern=QUANTITY_PATTERN)],
    Field(json_schema_extra={"x-kubernetes-int-or-string": True, "pattern": QUANTITY_PATTERN}),
]
ResourceList = Annotated[dict[Annotated[str, Field(max_length=100)], Quantity], Field(max_length=20)]
Image = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")]


class Camunda(Spec):
    """Which Camunda 8 the jobs come from."""

    grpc_address: GrpcAddress = Field(
        description="The Zeebe gateway: grpc://host:port for plain text, grpcs://host:port for TLS."
    )
    rest_address: RestAddress | None = Field(default=None, description="The Orchestration Cluster REST API: http(s)://host:port.")
    tenant_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
        Field(max_length=100, json_schema_extra=list_set()),
    ] = Field(default=(), description="Tenants to take jobs of. Default: the gateway's default tenant.")


class ConnectorSelection(Spec):
    """Which Connectors of the namespace the runtime serves: the union of both members."""

    selector: LabelSelector | None = Field(
        default=None, description="Connectors by their labels; an empty selector {} takes all of the namespace."
    )
    names: Annotated[tuple[ObjectName, ...], Field(max_length=1000, json_schema_extra=list_set())] = Field(
        default=(), description="Connectors by name."
    )

    model_config = ConfigDict(json_schema_extra=rule("has(self.selector) || has(self.names)", "needs selector, names or both"))

    @model_validator(mode="after")
    def _selects_something(self) -> "ConnectorSelection":
        if self.selector is None and "names" not in self.model_fields_set:
            raise ValueError("needs selector, names or both")
        return self


class LocalReference(Spec):
    """An object of the same namespace."""

    name: ObjectName = Field(description="The object's name.")


class Resources(Spec):
    """What the worker's container asks for and may use, as in a pod."""

    requests: ResourceList = Field(default={}, description="What the scheduler reserves.")
    limits: ResourceList = Field(default={}, description="What the container may not exceed.")


class Catalogue(Spec):
    """Publication of element templates for Modeler."""

    enabled: bool = Field(default=True, description="Publish element templates in ConfigMaps of this namespace.")


class ConnectorRuntimeSpec(Spec):
    """What a worker serves, against which Camunda 8, and how it runs."""

    camunda: Camunda = Field(description="Which Camunda 8 the jobs come from.")
    connectors: ConnectorSelection = Field(description="Which Connectors of the namespace the runtime serves.")
    image: Image | None = Field(default=None, description="The runtime image. Default: the operator's own setting.")
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        default=None, description="When the kubelet pulls the image. Default: the operator's own setting."
    )
    image_pull_secrets: Annotated[tuple[LocalReference, ...], Field(max_length=20, json_schema_extra=list_map("name"))] = Field(
        default=(), description="Secrets for pulling the image, as in a pod."
    )
    replicas: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        default=None, description="How many pods. Leave it out when an autoscaler owns it; then it starts with one."
    )
    resources: Resources = Field(default=Resources(), description="Resources of the worker's container, as in a pod.")
    catalogue: Catalogue = Field(default=Catalogue(), description="Publication of element templates for Modeler.")
    suspend: bool = Field(
        default=False, description="Reconcile nothing and keep what runs. To scale to nothing, set replicas to 0."
    )

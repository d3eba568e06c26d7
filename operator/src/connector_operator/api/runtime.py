"""ConnectorRuntime: one worker that bundles the selected Connectors."""

import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, StrictBool, StrictInt, model_validator

from connector_operator.api.fields import (
    URL_CHARACTERS,
    AsMap,
    AsSet,
    ObjectName,
    Spec,
    Url,
    is_address,
    rule,
    rules,
)
from connector_operator.api.selector import LabelSelector


def _is_network(text: str) -> str:
    """Whether a worker can read it; a ValueError says what is wrong, such as host bits that are set."""
    ip_network(text)
    return text


GrpcAddress = Annotated[
    str,
    Field(max_length=300, pattern=r"^grpcs?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):[0-9]{1,5}$"),
    AfterValidator(is_address),
]


Cidr = Annotated[str, Field(min_length=3, max_length=49, pattern=r"^[0-9a-fA-F.:]+/[0-9]{1,3}$"), AfterValidator(_is_network)]
Ranges = Annotated[tuple[Cidr, ...], Field(max_length=100), AsSet()]
RestAddress = Annotated[
    str, Field(max_length=300, pattern=rf"^https?://[A-Za-z0-9\[][{URL_CHARACTERS}-]*$"), AfterValidator(is_address)
]
QUANTITY_PATTERN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+|n|u|m|k|Ki|[MGTPE]i?)?$"


def _is_quantity(value: Any) -> int | str:
    if isinstance(value, str) and re.fullmatch(QUANTITY_PATTERN, value):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63 and value == int(value):
        return int(value)
    raise ValueError("needs a quantity, such as 2, 500m or 1.5Gi")


Quantity = Annotated[
    int | str,
    PlainValidator(_is_quantity, json_schema_input_type=int | str),
    Field(json_schema_extra={"x-kubernetes-int-or-string": True, "pattern": QUANTITY_PATTERN}),
]
ResourceList = Annotated[dict[Annotated[str, Field(max_length=100)], Quantity], Field(max_length=20)]
Image = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")]


class LocalReference(Spec):
    """An object of the same namespace."""

    name: ObjectName = Field(description="The object's name.")


class OAuth(Spec):
    """OAuth 2.0 client credentials."""

    client_secret_ref: LocalReference = Field(description="A Secret with the keys clientId and clientSecret.")
    token_url: Url | None = Field(default=None, description="Where tokens come from. Required, except with saas.")
    audience: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        default=None, description="The audience that tokens are asked for."
    )
    scope: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        default=None, description="The scope that tokens are asked for."
    )


class BasicAuth(Spec):
    """User name and password."""

    secret_ref: LocalReference = Field(description="A Secret with the keys username and password.")


class Auth(Spec):
    """How workers authenticate: exactly one member."""

    oauth: OAuth | None = Field(default=None, description="OAuth 2.0 client credentials.")
    basic: BasicAuth | None = Field(default=None, description="User name and password.")

    model_config = ConfigDict(
        json_schema_extra=rule("(has(self.oauth) ? 1 : 0) + (has(self.basic) ? 1 : 0) == 1", "needs exactly one of oauth, basic")
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "Auth":
        if (self.oauth is None) == (self.basic is None):
            raise ValueError("needs exactly one of oauth, basic")
        return self


class Tls(Spec):
    """Whom workers trust and how they identify themselves; for grpcs:// and https:// addresses."""

    ca_config_map_ref: LocalReference | None = Field(
        default=None, description="A ConfigMap with the key ca.crt: the certificate authorities to trust."
    )
    ca_secret_ref: LocalReference | None = Field(default=None, description="The same in a Secret.")
    client_certificate_secret_ref: LocalReference | None = Field(
        default=None, description="A Secret with the keys tls.crt and tls.key, for mutual TLS."
    )

    model_config = ConfigDict(
        json_schema_extra=rule(
            "!(has(self.caConfigMapRef) && has(self.caSecretRef))", "takes at most one of caConfigMapRef, caSecretRef"
        )
    )

    @model_validator(mode="after")
    def _one_authority(self) -> "Tls":
        if self.ca_config_map_ref and self.ca_secret_ref:
            raise ValueError("takes at most one of caConfigMapRef, caSecretRef")
        return self


class Saas(Spec):
    """A cluster of Camunda 8 SaaS."""

    cluster_id: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[0-9a-f-]+$")] = Field(
        description="The cluster's id, a UUID."
    )
    region: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")] = Field(
        description="The region, such as bru-2."
    )


class Camunda(Spec):
    """Which Camunda 8 the jobs come from."""

    grpc_address: GrpcAddress | None = Field(
        default=None, description="The Zeebe gateway: grpc://host:port for plain text, grpcs://host:port for TLS."
    )
    saas: Saas | None = Field(default=None, description="A cluster of Camunda 8 SaaS, instead of addresses.")
    rest_address: RestAddress | None = Field(default=None, description="The Orchestration Cluster REST API: http(s)://host:port.")
    auth: Auth | None = Field(default=None, description="How workers authenticate. Default: not at all.")
    tls: Tls | None = Field(default=None, description="Whom workers trust and how they identify themselves.")
    tenant_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
        Field(max_length=100),
        AsSet(),
    ] = Field(default=(), description="Tenants to take jobs of. Default: the gateway's default tenant.")

    model_config = ConfigDict(
        json_schema_extra=rules(
            ("(has(self.grpcAddress) ? 1 : 0) + (has(self.saas) ? 1 : 0) == 1", "needs exactly one of grpcAddress, saas"),
            (
                "!has(self.auth) || !has(self.auth.oauth) || has(self.auth.oauth.tokenUrl) || has(self.saas)",
                "auth.oauth needs tokenUrl, unless saas is set",
            ),
        )
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Camunda":
        if (self.grpc_address is None) == (self.saas is None):
            raise ValueError("needs exactly one of grpcAddress, saas")
        if self.auth and self.auth.oauth and not self.auth.oauth.token_url and not self.saas:
            raise ValueError("auth.oauth needs tokenUrl, unless saas is set")
        return self


class Egress(Spec):
    """Where HTTP-like connectors may connect to; a filter on addresses, after names are resolved."""

    denied_ranges: Ranges = Field(default=(), description="CIDR ranges that are refused.")
    allowed_ranges: Ranges = Field(
        default=(),
        description="CIDR ranges that are allowed although they are denied, here or by default (loopback, link-local, metadata).",
    )


class ConnectorSelection(Spec):
    """Which Connectors of the namespace the runtime serves: the union of both members."""

    selector: LabelSelector | None = Field(
        default=None, description="Connectors by their labels; an empty selector {} takes all of the namespace."
    )
    names: Annotated[tuple[ObjectName, ...], Field(max_length=1000), AsSet()] = Field(
        default=(), description="Connectors by name."
    )

    model_config = ConfigDict(json_schema_extra=rule("has(self.selector) || has(self.names)", "needs selector, names or both"))

    @model_validator(mode="after")
    def _selects_something(self) -> "ConnectorSelection":
        if self.selector is None and "names" not in self.model_fields_set:
            raise ValueError("needs selector, names or both")
        return self


class Resources(Spec):
    """What the worker's container asks for and may use, as in a pod."""

    requests: ResourceList = Field(default={}, description="What the scheduler reserves.")
    limits: ResourceList = Field(default={}, description="What the container may not exceed.")


class Catalogue(Spec):
    """Publication of element templates for Modeler."""

    enabled: StrictBool = Field(default=True, description="Publish element templates in ConfigMaps of this namespace.")


_STRICT_NEEDS_REST = "secretFilter STRICT needs camunda.restAddress, where process definitions come from, unless saas is set"


class ConnectorRuntimeSpec(Spec):
    """What a worker serves, against which Camunda 8, and how it runs."""

    camunda: Camunda = Field(description="Which Camunda 8 the jobs come from.")
    connectors: ConnectorSelection = Field(description="Which Connectors of the namespace the runtime serves.")
    isolation: Literal["Shared", "PerConnector"] = Field(
        default="Shared", description="One worker for all selected Connectors, or one for each of them."
    )
    image: Image | None = Field(default=None, description="The runtime image. Default: the operator's own setting.")
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        default=None, description="When the kubelet pulls the image. Default: the operator's own setting."
    )
    image_pull_secrets: Annotated[tuple[LocalReference, ...], Field(max_length=20), AsMap("name")] = Field(
        default=(), description="Secrets for pulling the image, as in a pod."
    )
    replicas: Annotated[StrictInt, Field(ge=0, le=1000)] | None = Field(  # the API server cannot show 2.0 as a scale
        default=None, description="How many pods. Leave it out when an autoscaler owns it; then it starts with one."
    )
    resources: Resources = Field(default=Resources(), description="Resources of the worker's container, as in a pod.")
    pod_template: Annotated[dict[str, Any], Field(max_length=10)] = Field(
        default={},
        description="Strategic merge patch over the rendered pod: metadata (labels, annotations) and spec; lists merge by name.",
    )
    egress: Egress = Field(default=Egress(), description="Where HTTP-like connectors may connect to.")
    secret_filter: Literal["STRICT", "LAX", "DISABLED"] = Field(
        default="LAX",
        description=(
            "Where secret placeholders count: only where the process definition spells them out. When it cannot be had, "
            "STRICT hands the job back, LAX lets every declared one count; DISABLED never asks for it."
        ),
    )
    catalogue: Catalogue = Field(default=Catalogue(), description="Publication of element templates for Modeler.")
    suspend: StrictBool = Field(
        default=False, description="Reconcile nothing and keep what runs. To scale to nothing, set replicas to 0."
    )

    model_config = ConfigDict(
        json_schema_extra=rule(
            "!has(self.secretFilter) || self.secretFilter != 'STRICT' || has(self.camunda.restAddress) || has(self.camunda.saas)",
            _STRICT_NEEDS_REST,
        )
    )

    @model_validator(mode="after")
    def _definitions_can_be_had(self) -> "ConnectorRuntimeSpec":
        strict = self.secret_filter == "STRICT"  # noqa: S105 - a mode, no secret
        if strict and not (self.camunda.rest_address or self.camunda.saas):
            raise ValueError(_STRICT_NEEDS_REST)
        return self

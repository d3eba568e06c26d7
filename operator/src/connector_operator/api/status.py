"""The status of each kind: written by the operator alone, through server-side apply on the status subresource."""

from typing import Annotated, Literal

from pydantic import Field

from connector_operator.api.fields import AsMap, Spec, list_atomic

Text = Annotated[str, Field(max_length=32_768)]


class Condition(Spec):
    """One aspect of the object's state, in the shape of metav1.Condition."""

    type: Annotated[str, Field(max_length=316)] = Field(description="What the condition is about.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: Annotated[str, Field(min_length=1, max_length=1024)] = Field(description="One word: why.")
    message: Text = Field(description="One sentence for people: what is wrong and what to do.")
    last_transition_time: Annotated[str, Field(max_length=64, json_schema_extra={"format": "date-time"})] = Field(
        description="When the status last changed."
    )
    observed_generation: int = Field(default=0, description="The generation that the condition is about.")


Conditions = Annotated[tuple[Condition, ...], Field(max_length=20), AsMap("type")]


class ObjectStatus(Spec):
    """What every kind reports."""

    observed_generation: int | None = Field(default=None, description="The generation that this status is about.")
    conditions: Conditions = Field(default=(), description="Ready is the summary; the others say why.")
    last_handled_reconcile_at: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="The last value of the annotation reconcile.fluxcd.io/requestedAt that was acted on."
    )


class RuntimeBinding(Spec):
    """How one ConnectorRuntime stands with the Connector."""

    name: Annotated[str, Field(max_length=253)] = Field(description="The ConnectorRuntime.")
    state: Annotated[str, Field(max_length=64)] = Field(description="Ready, or the reason why not.")
    message: Text = Field(default="", description="One sentence for people; empty when ready.")


class PublishedTemplate(Spec):
    """Where one element template of the Connector is published."""

    id: Annotated[str, Field(max_length=200)] = Field(description="The element template's id.")
    version: int = Field(description="The element template's version.")
    config_map: Annotated[str, Field(max_length=253)] = Field(description="The catalogue ConfigMap.")
    key: Annotated[str, Field(max_length=253)] = Field(description="The key in it.")


class ConnectorStatus(ObjectStatus):
    """How a Connector stands: accepted, bound, loaded, published."""

    runtimes: Annotated[tuple[RuntimeBinding, ...], Field(max_length=1000), AsMap("name")] = Field(
        default=(), description="The ConnectorRuntimes that select the Connector."
    )
    element_templates: Annotated[tuple[PublishedTemplate, ...], Field(max_length=1000, json_schema_extra=list_atomic())] = Field(
        default=(), description="The Connector's published element templates."
    )


class ConnectorCounts(Spec):
    """How many Connectors have got how far."""

    selected: int = Field(default=0, description="Connectors that the runtime selects.")
    accepted: int = Field(default=0, description="Of these, the ones that the worker is configured with.")
    loaded: int = Field(default=0, description="Of these, the ones that every pod serves.")
    summary: Annotated[str, Field(max_length=32)] = Field(default="0/0", description="Loaded of selected, as '3/4'.")


class UnreadyConnector(Spec):
    """One selected Connector that is not ready."""

    name: Annotated[str, Field(max_length=253)] = Field(description="The Connector.")
    reason: Annotated[str, Field(max_length=64)] = Field(description="Why it is not ready.")


class CatalogueStatus(Spec):
    """What the runtime publishes."""

    config_maps: Annotated[
        tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=100, json_schema_extra=list_atomic())
    ] = Field(default=(), description="The catalogue's ConfigMaps.")
    templates: int = Field(default=0, description="How many element templates they hold.")


class ConnectorRuntimeStatus(ObjectStatus):
    """How a ConnectorRuntime stands: accepted, available, connected."""

    replicas: int = Field(default=0, description="Pods of the worker.")
    selector: Annotated[str, Field(max_length=1000)] = Field(default="", description="The pods' label selector, for autoscalers.")
    config: Annotated[str, Field(max_length=64)] = Field(
        default="", description="The hash of the configuration that the worker is to run."
    )
    connectors: ConnectorCounts = Field(default=ConnectorCounts(), description="How many Connectors have got how far.")
    not_ready: Annotated[tuple[UnreadyConnector, ...], Field(max_length=20, json_schema_extra=list_atomic())] = Field(
        default=(), description="The first twenty selected Connectors that are not ready."
    )
    catalogue: CatalogueStatus = Field(default=CatalogueStatus(), description="What the runtime publishes.")


class ConnectorPolicyStatus(ObjectStatus):
    """What a ConnectorPolicy covers and refuses."""

    matched: int = Field(default=0, description="Connectors in the namespaces where the policy applies.")
    refused: int = Field(default=0, description="Of these, the ones it does not allow.")
    refused_names: Annotated[
        tuple[Annotated[str, Field(max_length=520)], ...], Field(max_length=10, json_schema_extra=list_atomic())
    ] = Field(default=(), description="The first ten refused Connectors, as namespace/name.")

"""Who calls AWS and where: what the inputs of all its connectors have in common.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-sqs/#aws-authentication-types
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connector_sdk import InputError, TemplateHint
from connectors._http_address import SERVICE_ADDRESS
from connectors._spelling import CAMEL_TEXTS


class Credentials(BaseModel):
    """A pair of keys."""

    model_config = CAMEL_TEXTS | ConfigDict(title="Credentials")
    type: Literal["credentials"] = "credentials"
    access_key: SecretStr = SecretStr("{{secrets.AWS_ACCESS_KEY}}")
    secret_key: SecretStr = SecretStr("{{secrets.AWS_SECRET_KEY}}")


class DefaultCredentials(BaseModel):
    """What the pod itself has: a service account's role, variables of its environment."""

    model_config = ConfigDict(title="Default credentials chain")
    type: Literal["defaultCredentialsChain"] = "defaultCredentialsChain"


class Configuration(BaseModel):
    """Where the service is."""

    model_config = CAMEL_TEXTS
    region: str | None = Field(default=None, examples=["eu-central-1"])
    endpoint: str | None = Field(
        default=None, pattern=SERVICE_ADDRESS, description="Of a compatible service, or a private one of AWS"
    )


Authentication = Annotated[
    Credentials | DefaultCredentials,
    Field(discriminator="type", title="Authentication"),
    TemplateHint(group="authentication", label="Type"),
]


class AwsRequest(BaseModel):
    """The part of an input that says who and where."""

    model_config = CAMEL_TEXTS

    authentication: Authentication = Field(default_factory=Credentials)
    configuration: Annotated[Configuration, TemplateHint(group="configuration")] = Field(default_factory=Configuration)

    @model_validator(mode="before")
    @classmethod
    def _older(cls, value: Any) -> Any:
        """Old diagrams say nothing about the kind of credentials, and put the region beside them."""
        if not isinstance(value, Mapping):
            return value
        given = dict(cast("Mapping[str, Any]", value))
        authentication = given.get("authentication")
        if isinstance(authentication, Mapping) and "type" not in authentication:
            given["authentication"] = {"type": "credentials", **cast("Mapping[str, Any]", authentication)}
        given["configuration"] = _configuration(given)
        return given

    @property
    def region(self) -> str:
        """The region; InputError when the input names none."""
        if not self.configuration.region:
            msg = "cannot call AWS without a region: set configuration.region"
            raise InputError(msg)
        return self.configuration.region


def _configuration(given: Mapping[str, Any]) -> Any:
    configuration: Any = given.get("configuration")
    if configuration is not None and not isinstance(configuration, Mapping):
        return configuration
    found = dict(cast("Mapping[str, Any]", configuration or {}))
    for part in ("authentication", "queue", "topic"):
        member = given.get(part)
        if isinstance(member, Mapping) and not found.get("region"):
            found["region"] = cast("Mapping[str, Any]", member).get("region")
    return found


class AwsSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL_TEXTS

    endpoint: str | None = Field(
        default=None, pattern=SERVICE_ADDRESS, description="Of a service that is compatible with AWS, where the input names none"
    )
    timeout_seconds: float = Field(default=60, gt=0, le=1000, description="For each piece of an answer")

"""How HTTP-like connectors prove who they are, with the input names of Camunda's connectors."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, cast

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import HttpClient, TemplateHint
from connectors._http_tokens import Grant, basic_header, filled, token
from connectors._spelling import CAMEL_TEXTS

EMPTY_PASSWORD = "SPEC_PASSWORD_EMPTY_PATTERN"  # noqa: S105 - what diagrams write where a password is to be empty
GROUP = TemplateHint(group="authentication", label="Type")


class _Variant(BaseModel):
    model_config = CAMEL_TEXTS


class NoAuthentication(_Variant):
    """Nothing is sent."""

    model_config = ConfigDict(title="None")
    type: Literal["noAuth"] = "noAuth"


class BasicAuthentication(_Variant):
    """User name and password."""

    model_config = ConfigDict(title="Basic")
    type: Literal["basic"] = "basic"
    username: str = Field(examples=["shop"])
    password: SecretStr


class BearerAuthentication(_Variant):
    """A token that the process has."""

    model_config = ConfigDict(title="Bearer token")
    type: Literal["bearer"] = "bearer"
    token: SecretStr = Field(title="Bearer token")


class ApiKeyLocation(Enum):
    """Where an API key goes."""

    HEADERS = "headers"
    QUERY = "query"


class ApiKeyAuthentication(_Variant):
    """A key under a name that the API chose."""

    model_config = ConfigDict(title="API key")
    type: Literal["apiKey"] = "apiKey"
    api_key_location: Annotated[ApiKeyLocation, TemplateHint(choices={"headers": "Header", "query": "Query parameter"})] = Field(
        default=ApiKeyLocation.HEADERS, title="API key location"
    )
    name: str = Field(title="API key name", examples=["X-API-Key"])
    value: SecretStr = Field(title="API key value")


class ClientAuthentication(Enum):
    """How a client shows its credentials to the token endpoint."""

    BASIC_AUTH_HEADER = "basicAuthHeader"
    CREDENTIALS_BODY = "credentialsBody"


class OAuthAuthentication(_Variant):
    """A token that the connector fetches, and keeps until shortly before it expires."""

    model_config = ConfigDict(title="OAuth 2.0")
    type: Literal["oauth-client-credentials-flow"] = "oauth-client-credentials-flow"
    oauth_token_endpoint: str = Field(title="OAuth 2.0 token endpoint", examples=["https://login.example.com/oauth/token"])
    client_id: str = Field(title="Client ID", examples=["shop-client"])
    client_secret: SecretStr
    audience: str | None = Field(default=None, description="The API that the token shall open")
    client_authentication: Annotated[
        ClientAuthentication,
        TemplateHint(choices={"basicAuthHeader": "Send as Basic header", "credentialsBody": "Send in the body"}),
    ] = ClientAuthentication.BASIC_AUTH_HEADER
    scopes: str | None = Field(default=None, description="What the token shall allow", examples=["read:contacts"])


class RefreshTokenAuthentication(_Variant):
    """A token that the connector fetches with a longer-lived one."""

    model_config = ConfigDict(title="OAuth 2.0 refresh token")
    type: Literal["oauth-refresh-token"] = "oauth-refresh-token"
    oauth_token_endpoint: str = Field(title="OAuth 2.0 token endpoint", examples=["https://login.example.com/oauth/token"])
    client_id: str = Field(title="Client ID", examples=["shop-client"])
    client_secret: SecretStr | None = None
    refresh_token: SecretStr
    scopes: str | None = Field(default=None, description="What the token shall allow", examples=["read:contacts"])


Authentication = Annotated[
    NoAuthentication
    | BasicAuthentication
    | BearerAuthentication
    | ApiKeyAuthentication
    | OAuthAuthentication
    | RefreshTokenAuthentication,
    Field(discriminator="type", title="Authentication"),
    GROUP,
]


class Credential(_Variant):
    """A credential of the cluster that a diagram names instead of an authentication of its own.

    https://docs.camunda.io/docs/components/hub/organization/credentials/
    """

    authentication: Authentication
    url: str | None = None
    """The only address that a secret which never changes may be sent to; tokens are fetched for any."""

    def applied(self, url: str | None) -> str | None:
        """The address to call with it, where the element says `url`; ValueError for another one than its own."""
        if isinstance(self.authentication, NoAuthentication):
            msg = "a credential authenticates somehow, this one has 'noAuth'"
            raise ValueError(msg)
        if isinstance(self.authentication, OAuthAuthentication | RefreshTokenAuthentication):
            return url or self.url
        if not self.url:
            msg = "the credential has no url, which it needs for a secret that never changes"
            raise ValueError(msg)
        if url:
            msg = "the credential has its own url: remove the element's"
            raise ValueError(msg)
        return self.url


CREDENTIAL = "authenticationConfiguration"


def with_credential(given: Any, place: str | None = None) -> Any:
    """An input with the authentication and address of its credential, where it names one; `place` is what holds the url."""
    if not isinstance(given, dict) or not cast("dict[str, Any]", given).get(CREDENTIAL):
        return cast("Any", given)
    inputs = cast("dict[str, Any]", given)
    credential = Credential.model_validate(inputs[CREDENTIAL])
    holder: Any = inputs if place is None else inputs.get(place)
    if isinstance(holder, dict):
        members = cast("dict[str, Any]", holder)
        holder = {**members, "url": credential.applied(members.get("url"))}
    return {**inputs, **(holder if place is None else {place: holder}), "authentication": credential.authentication}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to add to a request."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    parameters: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    grant: Grant | None = None
    """Where the token in it comes from, to forget it when the server does."""


NOTHING = Credentials()


async def authenticate(authentication: Any, client: HttpClient, timeout: httpx.Timeout) -> Credentials:  # noqa: ASYNC109 - of the token request
    """Turn the input's authentication into what a request carries; may fetch an OAuth token, and raise what httpx raises."""
    match authentication:
        case NoAuthentication():
            return NOTHING
        case BasicAuthentication():
            password = authentication.password.get_secret_value()
            basic = basic_header(authentication.username, "" if password == EMPTY_PASSWORD else password)
            return Credentials(headers={"Authorization": basic})
        case BearerAuthentication():
            return Credentials(headers={"Authorization": f"Bearer {authentication.token.get_secret_value()}"})
        case ApiKeyAuthentication():
            key = authentication.name, authentication.value.get_secret_value()
            if authentication.api_key_location is ApiKeyLocation.QUERY:
                return Credentials(parameters=[key])
            return Credentials(headers=dict([key]))
        case _:
            grant = grant_of(authentication)
            return Credentials(headers={"Authorization": f"Bearer {await token(grant, client, timeout)}"}, grant=grant)


def grant_of(oauth: OAuthAuthentication | RefreshTokenAuthentication) -> Grant:
    """What the token endpoint is asked with."""
    secret = oauth.client_secret.get_secret_value() if oauth.client_secret else ""
    form = {"client_id": oauth.client_id, "client_secret": secret, "scope": oauth.scopes or ""}
    if isinstance(oauth, RefreshTokenAuthentication):
        form |= {"grant_type": "refresh_token", "refresh_token": oauth.refresh_token.get_secret_value()}
        return Grant(oauth.oauth_token_endpoint, filled(form))
    form |= {"grant_type": "client_credentials", "audience": oauth.audience or ""}
    if oauth.client_authentication is ClientAuthentication.CREDENTIALS_BODY:
        return Grant(oauth.oauth_token_endpoint, filled(form))
    del form["client_id"], form["client_secret"]
    return Grant(oauth.oauth_token_endpoint, filled(form), basic_header(oauth.client_id, secret))

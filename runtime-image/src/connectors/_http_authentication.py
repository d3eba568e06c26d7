"""How HTTP-like connectors prove who they are, with the input names of Camunda's connectors."""

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal

import httpx
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from connector_sdk import ConnectorError, InputError, TemplateHint

EXPIRY_MARGIN_SECONDS = 30
MAX_TOKENS = 200
EMPTY_PASSWORD = "SPEC_PASSWORD_EMPTY_PATTERN"  # noqa: S105 - what diagrams write where a password is to be empty
GROUP = TemplateHint(group="authentication", label="Type")


class _Variant(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(to_camel), populate_by_name=True, coerce_numbers_to_str=True)


class NoAuthentication(_Variant):
    """Nothing is sent."""

    model_config = ConfigDict(title="None")
    type: Literal["noAuth"] = "noAuth"


class BasicAuthentication(_Variant):
    """User name and password."""

    model_config = ConfigDict(title="Basic")
    type: Literal["basic"] = "basic"
    username: str
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
    client_id: str = Field(title="Client ID")
    client_secret: SecretStr
    audience: str | None = Field(default=None, description="The API that the token shall open")
    client_authentication: Annotated[
        ClientAuthentication,
        TemplateHint(choices={"basicAuthHeader": "Send as Basic header", "credentialsBody": "Send in the body"}),
    ] = ClientAuthentication.BASIC_AUTH_HEADER
    scopes: str | None = Field(default=None, description="What the token shall allow", examples=["read:contacts"])


Authentication = Annotated[
    NoAuthentication | BasicAuthentication | BearerAuthentication | ApiKeyAuthentication | OAuthAuthentication,
    Field(discriminator="type", title="Authentication"),
    GROUP,
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to add to a request."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    parameters: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    expires: float


_tokens: dict[tuple[str | None, ...], _Token] = {}


async def authenticate(authentication: Any, client: httpx.AsyncClient, timeout: httpx.Timeout) -> Credentials:  # noqa: ASYNC109 - of the request, not of this call
    """Turn the input's authentication into what a request carries; may fetch an OAuth token."""
    match authentication:
        case BasicAuthentication():
            password = authentication.password.get_secret_value()
            basic = httpx.BasicAuth(authentication.username, "" if password == EMPTY_PASSWORD else password)
            return Credentials(headers={"Authorization": _basic_header(basic)})
        case BearerAuthentication():
            return Credentials(headers={"Authorization": f"Bearer {authentication.token.get_secret_value()}"})
        case ApiKeyAuthentication():
            key = authentication.name, authentication.value.get_secret_value()
            if authentication.api_key_location is ApiKeyLocation.QUERY:
                return Credentials(parameters=[key])
            return Credentials(headers=dict([key]))
        case OAuthAuthentication():
            token = await _token(authentication, client, timeout)
            return Credentials(headers={"Authorization": f"Bearer {token}"})
        case _:
            return Credentials()


def _basic_header(basic: httpx.BasicAuth) -> str:
    flow = basic.auth_flow(httpx.Request("GET", "https://localhost"))
    return next(flow).headers["Authorization"]


async def _token(oauth: OAuthAuthentication, client: httpx.AsyncClient, timeout: httpx.Timeout) -> str:  # noqa: ASYNC109 - of the request
    key = (
        oauth.oauth_token_endpoint,
        oauth.client_id,
        oauth.client_secret.get_secret_value(),
        oauth.audience,
        oauth.scopes,
        oauth.client_authentication.value,
    )
    cached = _tokens.get(key)
    if cached is not None and cached.expires > time.monotonic():
        return cached.value
    token = await _fetch_token(oauth, client, timeout)
    if len(_tokens) >= MAX_TOKENS:
        _tokens.clear()
    _tokens[key] = token
    return token.value


async def _fetch_token(oauth: OAuthAuthentication, client: httpx.AsyncClient, timeout: httpx.Timeout) -> _Token:  # noqa: ASYNC109 - of the request
    secret = oauth.client_secret.get_secret_value()
    form = {"grant_type": "client_credentials", "audience": oauth.audience, "scope": oauth.scopes}
    auth = httpx.Auth()
    if oauth.client_authentication is ClientAuthentication.BASIC_AUTH_HEADER:
        auth = httpx.BasicAuth(oauth.client_id, secret)
    else:
        form |= {"client_id": oauth.client_id, "client_secret": secret}
    data = {name: value for name, value in form.items() if value}
    request = client.build_request("POST", oauth.oauth_token_endpoint, data=data, timeout=timeout)
    del request.headers["accept"]
    response = await client.send(request, auth=auth)
    if response.status_code >= 400:
        msg = f"the token endpoint refused the client: {response.reason_phrase}"
        raise ConnectorError(str(response.status_code), msg)
    return _read_token(response)


def _read_token(response: httpx.Response) -> _Token:
    try:
        document = response.json()
        lifetime = float(document.get("expires_in") or 0)
        return _Token(document["access_token"], time.monotonic() + lifetime - EXPIRY_MARGIN_SECONDS)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        msg = "cannot use the token endpoint's answer: it is not a JSON object with access_token"
        raise InputError(msg) from error

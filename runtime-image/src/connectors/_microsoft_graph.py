"""Microsoft Graph: who calls, and one call.

https://learn.microsoft.com/en-us/graph/auth/auth-concepts · https://learn.microsoft.com/en-us/graph/errors
"""

import time
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import ConnectorError, Context, Exchange, TemplateHint
from connectors._http_address import SERVICE_ADDRESS
from connectors._http_calls import CallErrorCode, ServiceSettings, answered, json_object, posted, segment
from connectors._spelling import CAMEL

SERVICE, LOGIN_SERVICE = "Microsoft Graph", "Microsoft's login"
SCOPE = "https://graph.microsoft.com/.default"
EXPIRY_MARGIN_SECONDS, MOST_TOKENS = 60, 200


TenantId = Annotated[str, Field(title="Tenant ID", min_length=1, examples=["7f9f6f2a-1b8e-4a5b-9c0d-3f1b2e4d5c6a"])]
ClientId = Annotated[str, Field(title="Client ID", min_length=1, examples=["2c1d8f4e-0a7b-4f3c-8e9d-6b5a4c3d2e1f"])]


class BearerToken(BaseModel):
    """A token that the process has."""

    model_config = CAMEL | ConfigDict(title="Bearer token")
    type: Literal["token"] = "token"
    token: SecretStr = Field(title="Bearer token", description="Ends to be valid after an hour or so")


class ClientCredentials(BaseModel):
    """The application itself."""

    model_config = CAMEL | ConfigDict(title="Client credentials")
    type: Literal["clientCredentials"] = "clientCredentials"
    tenant_id: TenantId
    client_id: ClientId
    client_secret: SecretStr


class RefreshToken(BaseModel):
    """The application on behalf of a user."""

    model_config = CAMEL | ConfigDict(title="Refresh token")
    type: Literal["refresh"] = "refresh"
    token: SecretStr = Field(title="Refresh token")
    tenant_id: TenantId
    client_id: ClientId
    client_secret: SecretStr | None = Field(default=None, description="Of a confidential client")


GraphAuthentication = Annotated[
    BearerToken | ClientCredentials | RefreshToken,
    Field(discriminator="type", title="Authentication"),
    TemplateHint(group="authentication", label="Type"),
]


class GraphSettings(ServiceSettings):
    """Of the Connector."""

    base_url: str = Field(
        default="https://graph.microsoft.com/v1.0",
        pattern=SERVICE_ADDRESS,
        description="Where Graph is; national clouds have their own",
    )
    login_url: str = Field(default="https://login.microsoftonline.com", pattern=SERVICE_ADDRESS)


_tokens: dict[tuple[str, ...], tuple[str, float]] = {}
"""Access tokens that are still good for a while, and until when, by where and for whom they were granted."""


class Graph:
    """Calls on behalf of one job."""

    def __init__(self, context: Context, authentication: GraphAuthentication) -> None:
        self.context = context
        self._authentication = authentication
        self._settings: GraphSettings = context.settings

    @property
    def address(self) -> str:
        """Where Graph is."""
        return self._settings.base_url.rstrip("/")

    async def call(
        self, method: str, path: str, *, query: dict[str, str] | None = None, document: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Graph's answer below `path`, whose segments are encoded already; ConnectorError with a CallErrorCode."""
        headers, seconds = {"Authorization": await self._authorization()}, self._settings.timeout_seconds
        address = self._address(path, query)
        if document is None:
            call = Exchange(method, address, headers, connect_seconds=seconds, read_seconds=seconds)
        else:
            call = posted(address, headers, document, seconds)
        return json_object(await answered(self.context, SERVICE, call), SERVICE)

    async def upload(self, path: str, query: dict[str, str], content: bytes) -> dict[str, Any]:
        """The same for a file."""
        headers = {"Authorization": await self._authorization(), "Content-Type": "application/octet-stream"}
        seconds = self._settings.timeout_seconds
        call = Exchange("PUT", self._address(path, query), headers, content, connect_seconds=seconds, read_seconds=seconds)
        return json_object(await answered(self.context, SERVICE, call), SERVICE)

    def _address(self, path: str, query: dict[str, str] | None) -> str:
        return f"{self.address}{path}{'?' + urlencode(query) if query else ''}"

    async def _authorization(self) -> str:
        match self._authentication:
            case BearerToken(token=token):
                return f"Bearer {token.get_secret_value()}"
            case ClientCredentials() as known:
                form = {"grant_type": "client_credentials", "scope": SCOPE}
                return await self._granted(known.tenant_id, form | _client(known.client_id, known.client_secret))
            case RefreshToken() as known:
                form = {"grant_type": "refresh_token", "refresh_token": known.token.get_secret_value()}
                return await self._granted(known.tenant_id, form | _client(known.client_id, known.client_secret))

    async def _granted(self, tenant: str, form: dict[str, str]) -> str:
        endpoint = f"{self._settings.login_url.rstrip('/')}/{segment(tenant, 'authentication.tenantId')}/oauth2/v2.0/token"
        key = (endpoint, *form.values())
        kept = _tokens.get(key)
        if kept is None or kept[1] < time.monotonic():
            kept = await self._asked(endpoint, form)
            if len(_tokens) >= MOST_TOKENS:
                _tokens.clear()
            _tokens[key] = kept
        return f"Bearer {kept[0]}"

    async def _asked(self, endpoint: str, form: dict[str, str]) -> tuple[str, float]:
        headers, seconds = {"Content-Type": "application/x-www-form-urlencoded"}, self._settings.timeout_seconds
        body = urlencode(form).encode()
        call = Exchange("POST", endpoint, headers, body, connect_seconds=seconds, read_seconds=seconds)
        answer = json_object(await answered(self.context, LOGIN_SERVICE, call), LOGIN_SERVICE)
        match answer:
            case {"access_token": str() as token, "expires_in": int() | float() as seconds}:
                return token, time.monotonic() + seconds - EXPIRY_MARGIN_SECONDS
            case _:
                text = f"cannot use the answer of {LOGIN_SERVICE}: it holds no access_token with its expires_in"
                raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text)


def _client(identifier: str, secret: SecretStr | None) -> dict[str, str]:
    return {"client_id": identifier, **({"client_secret": secret.get_secret_value()} if secret is not None else {})}

"""Microsoft Graph: who calls, and one call.

https://learn.microsoft.com/en-us/graph/auth/auth-concepts · https://learn.microsoft.com/en-us/graph/errors
"""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import Context, Exchange, TemplateHint
from connectors._entra import ClientId, TenantId, access_token, application_form, client_form, login_url_field
from connectors._http_address import SERVICE_ADDRESS
from connectors._http_calls import ServiceSettings, answered, json_object, posted
from connectors._spelling import CAMEL

SERVICE = "Microsoft Graph"
SCOPE = "https://graph.microsoft.com/.default"


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
    login_url: str = login_url_field()


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
                return await self._granted(known.tenant_id, application_form(known.client_id, known.client_secret, SCOPE))
            case RefreshToken() as known:
                form = {"grant_type": "refresh_token", "refresh_token": known.token.get_secret_value()}
                return await self._granted(known.tenant_id, form | client_form(known.client_id, known.client_secret))

    async def _granted(self, tenant: str, form: dict[str, str]) -> str:
        return (
            f"Bearer {await access_token(self.context, self._settings.login_url, tenant, form, self._settings.timeout_seconds)}"
        )

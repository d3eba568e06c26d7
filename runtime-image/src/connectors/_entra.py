"""Access tokens of Microsoft Entra ID, fetched once for all jobs that need the same one.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import time
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from connector_sdk import ConnectorError, Context, Exchange
from connectors._http_address import SERVICE_ADDRESS
from connectors._http_calls import CallErrorCode, answered, json_object, segment

SERVICE = "Microsoft's login"
EXPIRY_MARGIN_SECONDS, MOST_TOKENS = 60, 200

TenantId = Annotated[str, Field(title="Tenant ID", min_length=1, examples=["7f9f6f2a-1b8e-4a5b-9c0d-3f1b2e4d5c6a"])]
ClientId = Annotated[str, Field(title="Client ID", min_length=1, examples=["2c1d8f4e-0a7b-4f3c-8e9d-6b5a4c3d2e1f"])]
_tokens: dict[tuple[str, ...], tuple[str, float]] = {}
"""Access tokens that are still good for a while, and until when, by where and for whom they were granted."""


def login_url_field() -> Any:
    """The setting that says where it is; national clouds have their own."""
    return Field(default="https://login.microsoftonline.com", pattern=SERVICE_ADDRESS)


def client_form(client_id: str, client_secret: SecretStr | None) -> dict[str, str]:
    """The part of a form that says which application asks; a public one has no secret."""
    secret = {} if client_secret is None else {"client_secret": client_secret.get_secret_value()}
    return {"client_id": client_id, **secret}


def application_form(client_id: str, client_secret: SecretStr, scope: str) -> dict[str, str]:
    """The form of an application that asks for itself."""
    return {"grant_type": "client_credentials", "scope": scope, **client_form(client_id, client_secret)}


async def access_token(context: Context, login_url: str, tenant: str, form: Mapping[str, str], seconds: float) -> str:
    """The token that a tenant grants for a form; ConnectorError with a CallErrorCode when it does not."""
    endpoint = f"{login_url.rstrip('/')}/{segment(tenant, 'authentication.tenantId')}/oauth2/v2.0/token"
    key = (endpoint, *form.values())
    kept = _tokens.get(key)
    if kept is None or kept[1] < time.monotonic():
        kept = await _granted(context, endpoint, form, seconds)
        if len(_tokens) >= MOST_TOKENS:
            _tokens.clear()
        _tokens[key] = kept
    return kept[0]


async def _granted(context: Context, endpoint: str, form: Mapping[str, str], seconds: float) -> tuple[str, float]:
    headers, body = {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()
    call = Exchange("POST", endpoint, headers, body, connect_seconds=seconds, read_seconds=seconds)
    match json_object(await answered(context, SERVICE, call), SERVICE):
        case {"access_token": str() as token, "expires_in": int() | float() as lifetime}:
            return token, time.monotonic() + lifetime - EXPIRY_MARGIN_SECONDS
        case _:
            text = f"cannot use the answer of {SERVICE}: it holds no access_token with its expires_in"
            raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text)

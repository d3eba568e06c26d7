"""Camunda's REST API, with the credentials and certificates of the gateway.

https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/orchestration-cluster-api-rest-overview/
"""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from connector_runtime.config import Camunda
from connector_runtime.gateway import Credentials, GatewayError

UNAUTHORIZED = 401


class RestError(Exception):
    """A request got no answer; the text says from whom and why."""


class RestApi:
    """Sends requests below the configured address; whoever asks judges the answer."""

    def __init__(self, camunda: Camunda, credentials: Credentials) -> None:
        self.address = (camunda.rest_address or "").rstrip("/")
        """Empty: there is none."""
        self._credentials = credentials
        self._tls = camunda.tls
        self._http: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def answer(self, method: str, path: str, *, seconds: float, **content: Any) -> AsyncGenerator[httpx.Response]:
        """The answer to a request, its body not read yet; raises RestError, also while the body is read in the block."""
        try:
            authorization = await self._credentials.authorization()
            headers = {"Authorization": authorization} if authorization else {}
            address = f"{self.address}{path}"
            async with self._client().stream(method, address, headers=headers, timeout=seconds, **content) as response:
                if response.status_code == UNAUTHORIZED and authorization:
                    self._credentials.refused(authorization)
                yield response
        except (httpx.HTTPError, OSError, GatewayError) as error:
            msg = f"'{self.address}': {type(error).__name__} {error}"
            raise RestError(msg) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            context = ssl.create_default_context(cafile=self._tls.ca_file)
            if (folder := self._tls.client_certificate_directory) is not None:
                context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
            self._http = httpx.AsyncClient(verify=context)
        return self._http

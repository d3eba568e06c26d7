"""Slack's Web API: one call, its errors, and the ids behind names.

https://docs.slack.dev/apis/web-api/ says how calls look, https://docs.slack.dev/apis/web-api/rate-limits how often they may.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx

from connector_sdk import ConnectorError, Context, RetryError
from connectors._patience import asked_patience

TEMPORARY = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout", "ratelimited"})
"""Errors of Slack after which the same call may succeed; all others need somebody to change something."""
PAGE, MOST_PAGES = 200, 100


class SlackApi:
    """Calls on behalf of one job."""

    def __init__(self, context: Context, token: str, base_url: str) -> None:
        self._context = context
        self._token = token
        self._base = base_url.rstrip("/")

    async def call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer of one method; its error is the code of a ConnectorError, final unless it is TEMPORARY."""
        body = {name: value for name, value in arguments.items() if value is not None}
        return self._read(method, await self._called("POST", method, json=body))

    async def get(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The same for a method that only asks."""
        return self._read(method, await self._called("GET", method, params=parameters))

    async def upload(self, address: str, content: bytes) -> None:
        """Send a file to an address that Slack gave for it, which lets in whoever knows it; ConnectorError unless it is taken."""
        headers = {"Content-Type": "application/octet-stream"}
        response = await self._sent("POST", address, headers=headers, content=content)
        self._check("upload", response)
        if response.status_code != 200:
            raise ConnectorError("upload_failed", f"cannot upload a document: Slack answered {response.status_code}")

    async def user(self, name: str) -> str:
        """The id behind `@name` or an e-mail address; an id is itself."""
        if name.startswith("@"):
            return await self._found("users.list", "members", name.removeprefix("@"), "user_not_found")
        if "@" in name:
            answer = await self.get("users.lookupByEmail", {"email": name})
            return answer["user"]["id"]
        return name

    async def channel(self, name: str) -> str:
        """The id of a channel by its name; an id of a channel is itself."""
        return await self._found("conversations.list", "channels", name, "channel_not_found")

    async def _found(self, method: str, members: str, name: str, code: str) -> str:
        async for item in self._all(method, members):
            if name in (item.get("name"), item.get("id")):
                return item["id"]
        raise RetryError(f"cannot find '{name}' in this Slack workspace", retries=0, code=code)

    async def _all(self, method: str, members: str) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = await self.get(method, {"limit": PAGE, **({"cursor": cursor} if cursor else {})})
            for item in answer.get(members, []):
                yield item
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return

    async def _called(self, verb: str, method: str, **arguments: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._sent(verb, f"{self._base}/{method}", headers=headers, **arguments)

    async def _sent(self, verb: str, address: str, **arguments: Any) -> httpx.Response:
        try:
            return await self._context.http.request(verb, address, **arguments)
        except httpx.TransportError as error:
            raise ConnectorError("no_answer", f"cannot reach Slack: {type(error).__name__} {error}".strip()) from error

    def _read(self, method: str, response: httpx.Response) -> dict[str, Any]:
        self._check(method, response)
        return self._accepted(method, response)

    def _check(self, method: str, response: httpx.Response) -> None:
        if response.status_code == 429:
            after = asked_patience(response.headers.get("Retry-After")) or timedelta(seconds=30)
            raise self._context.retry(f"Slack asks to wait {after.seconds} s before the next {method}", after=after)
        if response.is_server_error:
            raise ConnectorError(str(response.status_code), f"cannot call {method}: Slack answered {response.status_code}")

    @staticmethod
    def _accepted(method: str, response: httpx.Response) -> dict[str, Any]:
        try:
            answer: Any = response.json()
        except ValueError as error:
            raise ConnectorError("unexpected_answer", f"cannot use Slack's answer to {method}: it is not JSON") from error
        if not isinstance(answer, dict):
            raise ConnectorError("unexpected_answer", f"cannot use Slack's answer to {method}: it is not an object")
        if answer.get("ok") is True:  # pyright: ignore[reportUnknownMemberType] - JSON of unknown shape
            return answer  # pyright: ignore[reportUnknownVariableType]
        code = str(answer.get("error") or "unknown_error")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        retries = None if code in TEMPORARY else 0
        raise RetryError(f"Slack refused {method}: {code}", retries=retries, code=code)

"""BPMN messages, over Camunda's REST API.

https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/publish-message/ and correlate-message
"""

from datetime import timedelta
from typing import Any

import httpx
import orjson

from connector_runtime.rest_api import RestApi, RestError
from connector_sdk import ConnectorError, InputError, Message, RetryError, SentMessage
from connector_sdk.messages import SECONDS

OK = 200
MOST_SHOWN = 500
_CODES = {400: "REFUSED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS"}
"""Refusals after which the same message would be refused again."""
_PASSING = {401: "LOGIN", 403: "LOGIN"}


class MessageApi:
    """Implements the SDK's Messages; without an API it says what to configure."""

    def __init__(self, api: RestApi | None) -> None:
        self._api = api if api is not None and api.address else None

    async def publish(
        self,
        message: Message,
        *,
        message_id: str | None = None,
        time_to_live: timedelta = timedelta(0),
        seconds: float = SECONDS,
    ) -> SentMessage:
        """Publish a message."""
        document = _document(message) | {"timeToLive": int(time_to_live.total_seconds() * 1000)}
        if message_id:
            document["messageId"] = message_id
        return await self._sent("publication", message, document, seconds)

    async def correlate(self, message: Message, *, seconds: float = SECONDS) -> SentMessage:
        """Correlate a message."""
        return await self._sent("correlation", message, _document(message), seconds)

    async def _sent(self, how: str, message: Message, document: dict[str, Any], seconds: float) -> SentMessage:
        if self._api is None:
            msg = "cannot send messages: set spec.camunda.restAddress of the ConnectorRuntime"
            raise InputError(msg)
        try:
            async with self._api.answer("POST", f"/v2/messages/{how}", seconds=seconds, json=document) as answer:
                body = await answer.aread()
        except RestError as error:
            raise ConnectorError("NO_ANSWER", f"cannot send message '{message.name}': {error}") from error
        if answer.status_code != OK:
            raise _refusal(message, answer)
        return _read(message, body)


def _document(message: Message) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": message.name,
        "correlationKey": message.correlation_key,
        "variables": dict(message.variables),
    }
    return document | ({"tenantId": message.tenant_id} if message.tenant_id else {})


def _read(message: Message, body: bytes) -> SentMessage:
    """Keys are numbers up to version 8.6 and texts since."""
    try:
        answer = orjson.loads(body)
        instance = answer.get("processInstanceKey")
        return SentMessage(int(answer["messageKey"]), answer.get("tenantId"), None if instance is None else int(instance))
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        text = f"cannot use the answer to message '{message.name}': it holds no messageKey"
        raise ConnectorError("UNEXPECTED_ANSWER", text) from error


def _refusal(message: Message, answer: httpx.Response) -> ConnectorError:
    status = answer.status_code
    text = f"Zeebe refused message '{message.name}': {status} {_reason(answer)}"
    variables = {"status": status}
    if status in _CODES:
        return RetryError(text, retries=0, code=_CODES[status], variables=variables)
    return ConnectorError(_PASSING.get(status, "UNAVAILABLE"), text, variables)


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])[:MOST_SHOWN]
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase

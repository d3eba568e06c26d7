"""Confluent's schema registry: the id under which readers find the schema of a record.

https://docs.confluent.io/platform/current/schema-registry/develop/api.html#post--subjects-(string-%20subject)-versions
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_sdk import ConnectorError, Context, InputError
from connectors._http_calls import CallErrorCode, answered, json_object, posted, segment
from connectors._http_tokens import basic_header

SECONDS = 20
MOST_IDS = 1000
SERVICE = "the schema registry"
_SOURCE, _LOGIN = "basic.auth.credentials.source", "basic.auth.user.info"


@dataclass(frozen=True, slots=True)
class Registry:
    """Where it is, and `user:password` or nothing."""

    url: str
    login: str = field(repr=False)


def registry_of(url: str, properties: Mapping[str, Any]) -> tuple[Registry, dict[str, Any]]:
    """The registry, with the login that the properties of its own client hold, and all other properties."""
    rest = dict(properties)
    source, login = rest.pop(_SOURCE, "USER_INFO"), rest.pop(_LOGIN, "")
    if source != "USER_INFO":
        msg = f"cannot use the property '{_SOURCE}': only USER_INFO is known here, with the login in {_LOGIN}"
        raise InputError(msg)
    return Registry(url.strip().rstrip("/"), str(login)), rest


_ids: dict[tuple[Registry, str, str], int] = {}
"""A schema keeps its id for ever."""


async def schema_id(context: Context, registry: Registry, subject: str, schema: str) -> int:
    """The id of a schema under a subject, where it is registered if it was not; ConnectorError with a CallErrorCode."""
    known = (registry, subject, schema)
    if known in _ids:
        return _ids[known]
    address = f"{registry.url}/subjects/{segment(subject, 'topic.topicName')}/versions"
    user, _, password = registry.login.partition(":")
    headers = {"Authorization": basic_header(user, password)} if registry.login else {}
    answer = await answered(context, SERVICE, posted(address, headers, {"schema": schema}, SECONDS))
    number = json_object(answer, SERVICE).get("id")
    if not isinstance(number, int) or not 0 <= number < 1 << 32:
        raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, f"cannot use the answer of {SERVICE}: it has no id")
    if len(_ids) >= MOST_IDS:
        _ids.clear()
    _ids[known] = number
    return number

"""Field types shared by the three kinds: each with the bounds that CEL cost estimation and our own rendering need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function


class Spec(BaseModel):
    """Base of everything a user writes: camelCase, immutable, tolerant of members that a newer CRD may know."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=AliasGenerator(to_camel), populate_by_name=True)


@dataclass(frozen=True, slots=True)
class AsMap:
    """Beside the type of a list of objects: it is a map by this member, so that server-side apply merges it by entry."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._without_doubles, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [self.key]}

    def _without_doubles(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        _refuse_doubles([getattr(item, self.key) for item in items], self.key)
        return items


class AsSet:
    """Beside the type of a list of texts: it is a set, so that server-side apply merges it by value."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(_without_doubles, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "x-kubernetes-list-type": "set"}


def _without_doubles(items: tuple[Any, ...]) -> tuple[Any, ...]:
    _refuse_doubles(items, "value")
    return items


def _refuse_doubles(keys: Sequence[str], what: str) -> None:
    if len(set(keys)) < len(keys):
        double = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"needs every {what} once (got '{double:.100}' twice)")


def list_atomic() -> dict[str, Any]:
    """Say that a list has one owner, who replaces it whole."""
    return {"x-kubernetes-list-type": "atomic"}


def rule(cel: str, message: str) -> dict[str, Any]:
    """One CEL validation rule with the sentence that a user gets when it does not hold."""
    return rules((cel, message))


def rules(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Several CEL validation rules, each with its sentence."""
    return {"x-kubernetes-validations": [{"rule": cel, "message": message} for cel, message in pairs]}


NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
MAX_NAME = 63
NAME_RULE = rule(
    f"self.metadata.name.size() <= {MAX_NAME} && self.metadata.name.matches('{NAME_PATTERN}')",
    f"metadata.name needs at most {MAX_NAME} lower-case letters, digits and dashes, and no dots: labels and paths are made of it",
)
"""What our namespaced kinds may be called: an RFC 1123 label, so that it fits a label value, a path and a volume name."""

ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
"""The name of an object in the same namespace (RFC 1123 subdomain)."""

DataKey = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
"""A key of a ConfigMap or Secret."""

SecretName = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
"""What a secret placeholder may name; also a file name, hence no leading dot and no slash."""

JobType = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$")]
"""A Zeebe job type."""

Glob = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9_.:/@*?-]+$")]
"""An anchored pattern of job types, names or references: `*` is any text, `?` any one character."""


def _is_number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("needs an integer")
    return value


AN_INTEGER = BeforeValidator(_is_number)
"""Beside the type and the bounds of an integer: it is one for the API server. 2.0 is, "2" and true are not."""

_POSITIVE = "needs a positive duration, such as 5m or 1h30m"


def _is_positive(duration: str) -> str:
    """The twin of the CEL rule beside it."""
    if not re.search("[1-9]", duration):
        raise ValueError(_POSITIVE)
    return duration


Duration = Annotated[
    str,
    Field(
        min_length=2,
        max_length=20,
        pattern=r"^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$",
        json_schema_extra=rule("self.matches('[1-9]')", _POSITIVE),
    ),
    AfterValidator(_is_positive),
]
"""A positive duration in whole hours, minutes and seconds: `1h30m`, `5m`, `90s`; at most five digits each."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def seconds(duration: str) -> int:
    """Read a `Duration` as a number of seconds; the text has passed the model's pattern, and `ValueError` says if not."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"cannot read '{duration}' as a duration: {_POSITIVE}")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def is_address(text: str) -> str:
    """Whether a worker can read it: an address that one cannot read would keep every pod from starting."""
    if urlsplit(text).port == 0:  # a ValueError of its own says what else is wrong
        raise ValueError("needs a port from 1 to 65535")
    return text


URL_CHARACTERS = r"A-Za-z0-9._~:/\[\]!$&'()*+,;=%"
"""What a URL is made of beside a dash, a query, a fragment and a user (RFC 3986 §2), as a class in a pattern holds it."""

Url = Annotated[str, Field(max_length=500, pattern=rf"^https?://[A-Za-z0-9\[][{URL_CHARACTERS}?-]*$"), AfterValidator(is_address)]

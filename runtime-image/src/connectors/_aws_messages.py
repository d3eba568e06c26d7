"""What SQS and SNS messages have in common: a body that is text, and attributes of their own format."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

import orjson
from pydantic import Field

from connector_sdk import InputError, TemplateHint


class Order(Enum):
    """In which order a queue or a topic gives its messages."""

    STANDARD = "standard"
    FIFO = "fifo"


ORDER = TemplateHint(choices={"standard": "Standard", "fifo": "FIFO"})


def only_fifo(field: str) -> TemplateHint:
    """The hint of what only a FIFO destination wants; `field` is that of the Order."""
    return TemplateHint(condition={"property": field, "equals": Order.FIFO.value})


def attributes_field() -> Any:
    """The field of a message's attributes."""
    description, example = "Objects with StringValue and DataType", '={shop: {StringValue: "berlin", DataType: "String"}}'
    return Field(default=None, description=description, examples=[example])


def group_field() -> Any:
    """The field of a FIFO message's group."""
    return Field(default=None, title="Message group ID", description="Messages of a group stay in order")


def deduplication_field() -> Any:
    """The field of what makes two FIFO messages the same."""
    description = "Empty: made of the job's key, so that a retry is no second message"
    return Field(default=None, title="Message deduplication ID", description=description)


def body(value: Any, field: str) -> str:
    """A text as it is, anything else as JSON; InputError when there is nothing."""
    if value is None or value == "":
        msg = f"cannot send an empty message: set {field}"
        raise InputError(msg)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def attributes(given: Mapping[str, Any] | None, field: str) -> dict[str, dict[str, str]]:
    """`{name: {StringValue, DataType}}` as AWS wants it; a number may be a number. InputError names the attribute."""
    return {name: _attribute(value, f"{field}.{name}") for name, value in (given or {}).items() if value is not None}


def _attribute(value: Any, field: str) -> dict[str, str]:
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    lowered = {name[:1].upper() + name[1:]: member for name, member in members.items()}
    text, kind = lowered.get("StringValue"), lowered.get("DataType")
    if not isinstance(text, str | int | float) or not isinstance(kind, str):
        msg = f"cannot use {field}: it must be an object with StringValue and DataType"
        raise InputError(msg)
    return {"StringValue": text if isinstance(text, str) else orjson.dumps(text).decode(), "DataType": kind}


def first_in_first_out(group: str | None, duplication: str | None, key: str, field: str) -> dict[str, str]:
    """The ids of a message of a FIFO queue or topic; the same job's second try is a duplicate, which AWS drops."""
    if not group:
        msg = f"cannot send to a FIFO destination without a group: set {field}.messageGroupId"
        raise InputError(msg)
    return {"MessageGroupId": group, "MessageDeduplicationId": duplication or key}

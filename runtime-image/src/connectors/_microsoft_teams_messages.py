"""What is said in Teams and by whom: bodies of messages, members of chats and channels, as Graph wants them.

https://learn.microsoft.com/en-us/graph/api/resources/chatmessage · https://learn.microsoft.com/en-us/graph/api/chat-post
"""

from collections.abc import Sequence
from html import escape
from typing import Any, cast

import orjson

from connector_sdk import InputError

MEMBER = "#microsoft.graph.aadUserConversationMember"


def cards(attachments: Any, content_type: str) -> list[dict[str, str]]:
    """The cards of a message; InputError where they cannot be shown."""
    found = [_card(item, place) for place, item in enumerate(_items(attachments, "data.attachments"))]
    if found and content_type != "html":
        msg = "cannot attach cards to a plain text: set data.bodyType to HTML"
        raise InputError(msg)
    return found


def message(content: str, content_type: str, attachments: Sequence[dict[str, str]]) -> dict[str, Any]:
    """A message with what is attached; what the text does not mention is put behind it, where a plain text becomes HTML."""
    if not attachments:
        return {"body": {"contentType": content_type, "content": content}}
    shown = content if content_type == "html" else escape(content).replace("\n", "<br>")
    marks = [f'<attachment id="{each["id"]}"></attachment>' for each in attachments]
    missing = "".join(mark for mark in marks if mark not in shown)
    return {"body": {"contentType": "html", "content": shown + missing}, "attachments": list(attachments)}


def members(people: Any, graph: str) -> list[dict[str, Any]]:
    """The members of a chat or a channel, of objects with `userId` or `userPrincipalName`, and `roles`."""
    return [_member(item, place, graph) for place, item in enumerate(_items(people, "data.members"))]


def owner(name: str, graph: str) -> dict[str, Any]:
    """The member who owns a channel."""
    return {"@odata.type": MEMBER, "roles": ["owner"], "user@odata.bind": _user(name, graph)}


def _member(item: Any, place: int, graph: str) -> dict[str, Any]:
    person = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    name = person.get("userId") or person.get("userPrincipalName") or person.get("principalName")
    if not isinstance(name, str):
        msg = f"cannot use data.members[{place}]: it needs userId or userPrincipalName, and roles"
        raise InputError(msg)
    return {"@odata.type": MEMBER, "roles": person.get("roles") or ["owner"], "user@odata.bind": _user(name, graph)}


def _user(name: str, graph: str) -> str:
    return f"{graph}/users('{name.replace(chr(39), chr(39) * 2)}')"


def _card(item: Any, place: int) -> dict[str, str]:
    match item:
        case {"id": str() as identifier, "contentType": str() as kind, "content": content}:
            text = content if isinstance(content, str) else orjson.dumps(content).decode()
            return {"id": identifier, "contentType": kind, "content": text}
        case _:
            msg = f"cannot use data.attachments[{place}]: it needs id, contentType and content"
            raise InputError(msg)


def _items(value: Any, field: str) -> list[Any]:
    """A list, also as JSON text."""
    found = value
    if isinstance(value, str):
        try:
            found = orjson.loads(value or "null")
        except orjson.JSONDecodeError:
            found = value
    if found is None:
        return []
    if not isinstance(found, list):
        msg = f"cannot use {field}: it must be a list"
        raise InputError(msg)
    return cast("list[Any]", found)

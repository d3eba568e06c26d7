"""Microsoft Teams: `io.camunda:connector-microsoft-teams:1`, with the inputs of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/microsoft-teams/ ·
https://learn.microsoft.com/en-us/graph/api/resources/teams-api-overview
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._files import files_of
from connectors._http_calls import segment
from connectors._microsoft_graph import Graph, GraphAuthentication, GraphSettings
from connectors._microsoft_teams_files import references
from connectors._microsoft_teams_messages import cards, members, message, owner
from connectors._spelling import CAMEL


class Method(Enum):
    """What to do in which conversation."""

    CREATE_CHAT = "createChat"
    GET_CHAT = "getChat"
    LIST_CHATS = "listChats"
    LIST_CHAT_MEMBERS = "listMembersOfChat"
    SEND_MESSAGE_TO_CHAT = "sendMessageToChat"
    GET_MESSAGE_FROM_CHAT = "getMessageFromChat"
    LIST_MESSAGES_IN_CHAT = "listMessagesInChat"
    CREATE_CHANNEL = "createChannel"
    GET_CHANNEL = "getChannel"
    LIST_ALL_CHANNELS = "listAllChannels"
    SEND_MESSAGE_TO_CHANNEL = "sendMessageToChannel"
    GET_MESSAGE_FROM_CHANNEL = "getMessageFromChannel"
    LIST_CHANNEL_MESSAGES = "listChannelMessages"
    LIST_MESSAGE_REPLIES = "listMessageRepliesInChannel"
    LIST_MEMBERS_IN_CHANNEL = "listMembersInChannel"


_CHANNEL = (
    Method.GET_CHANNEL, Method.SEND_MESSAGE_TO_CHANNEL, Method.GET_MESSAGE_FROM_CHANNEL, Method.LIST_CHANNEL_MESSAGES,
    Method.LIST_MESSAGE_REPLIES, Method.LIST_MEMBERS_IN_CHANNEL,
)  # fmt: skip
_CHAT = (
    Method.GET_CHAT, Method.LIST_CHAT_MEMBERS, Method.SEND_MESSAGE_TO_CHAT, Method.GET_MESSAGE_FROM_CHAT,
    Method.LIST_MESSAGES_IN_CHAT,
)  # fmt: skip
_SENDING = (Method.SEND_MESSAGE_TO_CHAT, Method.SEND_MESSAGE_TO_CHANNEL)


def _only(*methods: Method, **more: Any) -> TemplateHint:
    condition = {"property": "data.method", "oneOf": [method.value for method in methods]}
    return TemplateHint(group="data", condition=condition, **more)


def _needed(*methods: Method, **more: Any) -> TemplateHint:
    return _only(*methods, not_empty=True, **more)


_IN_HTML = {"property": "data.bodyType", "equals": "HTML"}
_CARDS = TemplateHint(group="data", type="Text", feel="required", condition={"allMatch": [_only(*_SENDING).condition, _IN_HTML]})


class ChatType(Enum):
    """Of a new chat."""

    ONE_ON_ONE = "one_on_one"
    GROUP = "group"


class BodyType(Enum):
    """How a message is written."""

    TEXT = "TEXT"
    HTML = "HTML"


class Data(BaseModel):
    """What the method needs; the fields of other methods are left out."""

    model_config = CAMEL | ConfigDict(coerce_numbers_to_str=True)

    method: Annotated[Method, TemplateHint(group="operation")] = Method.SEND_MESSAGE_TO_CHANNEL
    group_id: Annotated[str, _needed(Method.CREATE_CHANNEL, Method.LIST_ALL_CHANNELS, *_CHANNEL)] = Field(
        default="", title="Group ID", description="Of the team", examples=["02bd9fd6-8f93-4758-87c3-1fb73740a315"]
    )
    channel_id: Annotated[str, _needed(*_CHANNEL)] = Field(
        default="", title="Channel ID", examples=["19:4a95f7d8db4c@thread.tacv2"]
    )
    chat_id: Annotated[str, _needed(*_CHAT)] = Field(default="", title="Chat ID", examples=["19:561082c0f3f8@thread.v2"])
    message_id: Annotated[
        str, _needed(Method.GET_MESSAGE_FROM_CHAT, Method.GET_MESSAGE_FROM_CHANNEL, Method.LIST_MESSAGE_REPLIES)
    ] = Field(default="", title="Message ID", examples=["1616990032035"])
    content: Annotated[str, _needed(*_SENDING, type="Text")] = Field(default="", examples=["Order sent"])
    body_type: Annotated[BodyType, _only(*_SENDING)] = Field(default=BodyType.TEXT, title="Content type")
    attachments: Annotated[Any, _CARDS] = Field(
        default=None,
        description="Cards: a list of objects with id, contentType and content",
        examples=['=[{id: "1", contentType: "application/vnd.microsoft.card.hero", content: {title: "Order sent"}}]'],
    )
    documents: Annotated[Any, _only(Method.SEND_MESSAGE_TO_CHANNEL, type="Text", feel="required")] = Field(
        default=None, description="A document, or a list of documents; they become files of the channel", examples=["=[invoice]"]
    )
    chat_type: Annotated[ChatType, _only(Method.CREATE_CHAT)] = ChatType.ONE_ON_ONE
    topic: Annotated[str | None, _only(Method.CREATE_CHAT)] = Field(
        default=None, description="Of a group chat", examples=["Order 4711"]
    )
    members: Annotated[Any, _needed(Method.CREATE_CHAT, type="Text", feel="required")] = Field(
        default=None,
        description="Objects with userId or userPrincipalName, and roles",
        examples=['=[{userPrincipalName: "ada@example.com", roles: ["owner"]}]'],
    )
    name: Annotated[str | None, _needed(Method.CREATE_CHANNEL)] = Field(default=None, title="Display name", examples=["Orders"])
    description: Annotated[str | None, _only(Method.CREATE_CHANNEL, type="Text")] = Field(
        default=None, examples=["What happens to orders"]
    )
    channel_type: Annotated[str, _only(Method.CREATE_CHANNEL)] = Field(
        default="standard",
        title="Membership type",
        description="standard, private or shared",
        pattern="^(standard|private|shared)$",
    )
    owner: Annotated[str | None, _only(Method.CREATE_CHANNEL)] = Field(
        default=None, description="Id or principal name; of a private or shared channel", examples=["ada@example.com"]
    )
    top: Annotated[str | None, _only(Method.LIST_MESSAGES_IN_CHAT, Method.LIST_CHANNEL_MESSAGES)] = Field(
        default=None, description="How many messages, at most 50", examples=["20"], pattern=r"^\d{0,2}$"
    )
    order_by: Annotated[str | None, _only(Method.LIST_MESSAGES_IN_CHAT)] = Field(
        default=None, description="createdDateTime or lastModifiedDateTime", examples=["createdDateTime"]
    )
    filter: Annotated[str | None, _only(Method.LIST_MESSAGES_IN_CHAT, Method.LIST_ALL_CHANNELS)] = Field(
        default=None, description="OData", examples=["lastModifiedDateTime gt 2026-01-01T00:00:00Z"]
    )
    expand: Annotated[str | None, _only(Method.GET_CHAT)] = Field(
        default=None, description="members or lastMessagePreview", examples=["members"]
    )
    is_expand: Annotated[bool, _only(Method.LIST_CHANNEL_MESSAGES)] = Field(default=False, title="With replies")

    @model_validator(mode="before")
    @classmethod
    def _older(cls, value: Any) -> Any:
        """Our element template up to version 4 has two names of its own."""
        if not isinstance(value, Mapping):
            return value
        given = dict(cast("Mapping[str, Any]", value))
        if given.get("method") == "listChatMembers":
            given["method"] = Method.LIST_CHAT_MEMBERS.value
        if "withReplies" in given:
            given.setdefault("isExpand", given["withReplies"])
        return given


class TeamsRequest(BaseModel):
    """The input of one call."""

    authentication: GraphAuthentication
    data: Data


class GraphAnswer(BaseModel):
    """What the process gets."""

    result: dict[str, Any] = Field(description="The resource as Graph gives it; of a list, its `value`")


@connector(
    id="io.camunda:connector-microsoft-teams:1",
    name="Microsoft Teams",
    version=5,
    description="Send and read messages, make chats and channels in Microsoft Teams",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/microsoft-teams/",
    settings=GraphSettings,
)
async def microsoft_teams(request: TeamsRequest, context: Context) -> GraphAnswer:
    """Call one method of Microsoft Graph."""
    graph = Graph(context, request.authentication)
    return GraphAnswer(result=await _CALLS[request.data.method](graph, request.data))


async def _create_chat(graph: Graph, data: Data) -> dict[str, Any]:
    people = members(data.members, graph.address)
    if not people:
        msg = "cannot create a chat of nobody: data.members is empty"
        raise InputError(msg)
    kind = "oneOnOne" if data.chat_type is ChatType.ONE_ON_ONE else "group"
    chat = {"chatType": kind, "members": people, **({"topic": data.topic} if data.topic and kind == "group" else {})}
    return await graph.call("POST", "/chats", document=chat)


async def _create_channel(graph: Graph, data: Data) -> dict[str, Any]:
    if not data.name:
        msg = "cannot create a channel without a name: data.name is empty"
        raise InputError(msg)
    channel: dict[str, Any] = {"displayName": data.name, "membershipType": data.channel_type}
    if data.description:
        channel["description"] = data.description
    if data.channel_type != "standard":
        if not data.owner:
            msg = f"cannot create a {data.channel_type} channel without an owner: data.owner is empty"
            raise InputError(msg)
        channel["members"] = [owner(data.owner, graph.address)]
    return await graph.call("POST", f"{_team(data)}/channels", document=channel)


async def _send_to_channel(graph: Graph, data: Data) -> dict[str, Any]:
    kind = _kind_of_content(data)
    attached = cards(data.attachments, kind)
    attached += await references(graph, _channel(data), files_of(data.documents, graph.context, "data.documents"))
    return await graph.call("POST", f"{_channel(data)}/messages", document=message(data.content, kind, attached))


async def _send_to_chat(graph: Graph, data: Data) -> dict[str, Any]:
    kind = _kind_of_content(data)
    if data.documents:
        msg = "cannot attach documents to a message of a chat: only channels have files, leave data.documents out"
        raise InputError(msg)
    document = message(data.content, kind, cards(data.attachments, kind))
    return await graph.call("POST", f"{_chat(data)}/messages", document=document)


def _kind_of_content(data: Data) -> str:
    """As Graph writes it; InputError where there is no content."""
    if not data.content:
        msg = "cannot send a message without content: data.content is empty"
        raise InputError(msg)
    return data.body_type.value.lower()


async def _list_chat_messages(graph: Graph, data: Data) -> dict[str, Any]:
    query = _query(top=data.top, filter=data.filter)
    if data.order_by and data.order_by.endswith("DateTime"):
        query["$orderby"] = f"{data.order_by} desc"  # Graph knows no other direction here
    return await graph.call("GET", f"{_chat(data)}/messages", query=query)


def _query(**options: str | None) -> dict[str, str]:
    return {f"${name}": value for name, value in options.items() if value}


def _team(data: Data) -> str:
    return f"/teams/{segment(data.group_id, 'data.groupId')}"


def _channel(data: Data) -> str:
    return f"{_team(data)}/channels/{segment(data.channel_id, 'data.channelId')}"


def _chat(data: Data) -> str:
    return f"/chats/{segment(data.chat_id, 'data.chatId')}"


def _message(data: Data) -> str:
    return f"/messages/{segment(data.message_id, 'data.messageId')}"


def _expansion(data: Data) -> str | None:
    """Graph's name of what comes with a chat; Camunda's element template has longer names."""
    text = (data.expand or "").lower()
    return "members" if "member" in text else "lastMessagePreview" if "preview" in text else None


_CALLS: Mapping[Method, Callable[[Graph, Data], Awaitable[dict[str, Any]]]] = {
    Method.CREATE_CHAT: _create_chat,
    Method.GET_CHAT: lambda graph, data: graph.call("GET", _chat(data), query=_query(expand=_expansion(data))),
    Method.LIST_CHATS: lambda graph, data: graph.call("GET", "/chats"),  # noqa: ARG005 - it needs nothing
    Method.LIST_CHAT_MEMBERS: lambda graph, data: graph.call("GET", f"{_chat(data)}/members"),
    Method.SEND_MESSAGE_TO_CHAT: _send_to_chat,
    Method.GET_MESSAGE_FROM_CHAT: lambda graph, data: graph.call("GET", _chat(data) + _message(data)),
    Method.LIST_MESSAGES_IN_CHAT: _list_chat_messages,
    Method.CREATE_CHANNEL: _create_channel,
    Method.GET_CHANNEL: lambda graph, data: graph.call("GET", _channel(data)),
    Method.LIST_ALL_CHANNELS: lambda graph, data: graph.call("GET", f"{_team(data)}/channels", query=_query(filter=data.filter)),
    Method.SEND_MESSAGE_TO_CHANNEL: _send_to_channel,
    Method.GET_MESSAGE_FROM_CHANNEL: lambda graph, data: graph.call("GET", _channel(data) + _message(data)),
    Method.LIST_CHANNEL_MESSAGES: lambda graph, data: graph.call(
        "GET", f"{_channel(data)}/messages", query=_query(top=data.top, expand="replies" if data.is_expand else None)
    ),
    Method.LIST_MESSAGE_REPLIES: lambda graph, data: graph.call("GET", f"{_channel(data)}{_message(data)}/replies"),
    Method.LIST_MEMBERS_IN_CHANNEL: lambda graph, data: graph.call("GET", f"{_channel(data)}/members"),
}

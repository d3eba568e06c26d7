"""Slack: `io.camunda:slack:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/slack/ · https://docs.slack.dev/reference/methods

Setting `baseUrl` is where Slack's Web API is, for a GovSlack workspace or a proxy.
"""

from dataclasses import replace
from enum import Enum
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, field_validator

from connector_sdk import ConnectorError, Context, InputError, TemplateHint, connector
from connectors._files import files_of
from connectors._slack_api import SlackApi
from connectors._slack_files import share, uploaded
from connectors._spelling import CAMEL


class Method(Enum):
    """What to do in the workspace."""

    POST_MESSAGE = "chat.postMessage"
    CREATE_CHANNEL = "conversations.create"
    INVITE = "conversations.invite"
    REACT = "reactions.add"
    PIN = "pins.add"
    UNPIN = "pins.remove"


class Visibility(Enum):
    """Who sees a new channel."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


def _only(method: Method, *more: Method) -> dict[str, Any]:
    if not more:
        return {"property": "method", "equals": method.value}
    return {"property": "method", "oneOf": [one.value for one in (method, *more)]}


_MESSAGE = TemplateHint(group="message", condition=_only(Method.POST_MESSAGE))
_TEXT = TemplateHint(group="message", type="Text", condition=_only(Method.POST_MESSAGE))
_BLOCKS = TemplateHint(group="message", type="Text", feel="required", condition=_only(Method.POST_MESSAGE))
_ONE_MESSAGE = (Method.REACT, Method.PIN, Method.UNPIN)
_CHANNEL = TemplateHint(group="message", condition=_only(Method.POST_MESSAGE, *_ONE_MESSAGE), not_empty=True)
_TIMESTAMP = replace(_CHANNEL, condition=_only(*_ONE_MESSAGE))
_EMOJI = replace(_CHANNEL, condition=_only(Method.REACT))
_VISIBILITY = TemplateHint(group="channel", condition=_only(Method.CREATE_CHANNEL))
_CREATION = replace(_VISIBILITY, not_empty=True)
_INVITATION = TemplateHint(group="channel", condition=_only(Method.INVITE), not_empty=True)


def _timestamp(value: Any) -> Any:
    """A number, as an expression may give it, with the zeros that Slack has at its end."""
    return f"{value:.6f}" if isinstance(value, float) else value


Timestamp = Annotated[str, BeforeValidator(_timestamp)]
"""Which message of a channel."""


class Data(BaseModel):
    """What the method needs; the fields of other methods are left out."""

    model_config = CAMEL

    channel: Annotated[str | None, _CHANNEL] = Field(
        default=None,
        title="Channel or user",
        description="#channel or an id; of a new message also @user or an e-mail address",
        examples=["#orders"],
    )
    text: Annotated[str | None, _TEXT] = Field(
        default=None,
        title="Message",
        description="Slack's mrkdwn; with blocks the text of notifications",
        examples=["Order sent"],
    )
    block_content: Annotated[Any, _BLOCKS] = Field(
        default=None, title="Blocks", description="A list of Block Kit blocks", examples=['=[{"type": "divider"}]']
    )
    thread: Annotated[Timestamp | None, _MESSAGE] = Field(
        default=None, title="Thread", description="Timestamp of the message to answer to", examples=["1654636029.472959"]
    )
    documents: Annotated[Any, _BLOCKS] = Field(
        default=None, title="Attachments", description="A document, or a list of documents", examples=["=[invoice]"]
    )
    timestamp: Annotated[Timestamp | None, _TIMESTAMP] = Field(
        default=None, title="Message timestamp", description="ts of the message", examples=["1654636029.472959"]
    )
    emoji: Annotated[str | None, _EMOJI] = Field(default=None, description="Its name", examples=["white_check_mark"])
    new_channel_name: Annotated[str | None, _CREATION] = Field(default=None, title="New channel name", examples=["order-4711"])
    visibility: Annotated[Visibility, _VISIBILITY] = Visibility.PUBLIC
    channel_name: Annotated[str | None, _INVITATION] = Field(default=None, title="Channel name", examples=["order-4711"])
    channel_id: Annotated[str | None, TemplateHint(hidden=True)] = None
    users: Annotated[str | list[Any] | None, _INVITATION] = Field(
        default=None, description="@user, e-mail address or id; several with commas or as a list", examples=["@ada, U012AB3CD"]
    )

    @field_validator("block_content")
    @classmethod
    def _is_blocks(cls, value: Any) -> Any:
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get("blocks", value)  # as Slack's block builder gives them
        if value is not None and not isinstance(value, list):
            msg = "must be a list of blocks, or an object with such a list under 'blocks'"
            raise ValueError(msg)
        return cast("Any", value)


class SlackRequest(BaseModel):
    """The input of one call."""

    token: Annotated[SecretStr, TemplateHint(group="authentication")] = Field(
        default=SecretStr("{{secrets.SLACK_OAUTH_TOKEN}}"), title="OAuth token", description="Of the Slack app; begins with xoxb-"
    )
    method: Annotated[Method, TemplateHint(group="method")] = Method.POST_MESSAGE
    data: Data = Field(default_factory=Data)


class SlackSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL

    base_url: str = Field(default="https://slack.com/api", pattern=r"^https?://")


class Done(BaseModel):
    """What the process gets of a reaction and a pin: Slack says no more."""

    ok: bool = True


class Channel(BaseModel):
    """A channel that was made or invited to."""

    id: str
    name: str


class Message(BaseModel):
    """A message as Slack shows it."""

    model_config = {**CAMEL, "extra": "ignore"}

    type: str | None = None
    team: str | None = None
    user: str | None = None
    text: str | None = None
    ts: str | None = None
    app_id: str | None = None
    bot_id: str | None = None


class Posted(BaseModel):
    """What the process gets of a posted message."""

    ts: str
    channel: str
    message: Message


class ChannelResult(BaseModel):
    """What the process gets of a channel."""

    channel: Channel


@connector(
    id="io.camunda:slack:1",
    name="Slack",
    version=4,
    description="Post a message, react to it, pin it; create a channel, invite to it",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/slack/",
    settings=SlackSettings,
)
async def slack(request: SlackRequest, context: Context) -> Posted | ChannelResult | Done:
    """Call one method of Slack's Web API; Slack's own error is the error code."""
    api = SlackApi(context, request.token.get_secret_value(), context.settings.base_url)
    match request.method:
        case Method.POST_MESSAGE:
            return await _post(api, request.data, context)
        case Method.CREATE_CHANNEL:
            return await _create(api, request.data)
        case Method.INVITE:
            return await _invite(api, request.data)
        case Method.REACT:
            emoji = _required(request.data.emoji, "data.emoji").strip(":")
            return await _mark(api, request, {"name": emoji})
        case Method.PIN | Method.UNPIN:
            return await _mark(api, request, {})


async def _post(api: SlackApi, data: Data, context: Context) -> Posted:
    channel = _required(data.channel, "data.channel")
    if data.text is None and data.block_content is None:
        msg = "cannot post a message without content: set data.text or data.blockContent"
        raise InputError(msg)
    files = await uploaded(api, files_of(data.documents, context, "data.documents"))
    recipient = await api.user(channel) if "@" in channel else channel
    arguments = {"channel": recipient, "text": data.text, "blocks": data.block_content, "thread_ts": data.thread}
    answer = await api.call(Method.POST_MESSAGE.value, arguments)
    if files:
        await share(api, files, answer, data.thread)
    return Posted(ts=answer["ts"], channel=answer["channel"], message=Message(**answer.get("message", {})))


async def _create(api: SlackApi, data: Data) -> ChannelResult:
    name = _required(data.new_channel_name, "data.newChannelName")
    arguments = {"name": name, "is_private": data.visibility is Visibility.PRIVATE}
    return _channel(await api.call(Method.CREATE_CHANNEL.value, arguments))


async def _invite(api: SlackApi, data: Data) -> ChannelResult:
    channel = data.channel_id or await api.channel(_required(data.channel_name, "data.channelName").removeprefix("#"))
    users = [await api.user(user) for user in _users(data.users)]
    if not users:
        msg = "cannot invite nobody: data.users names no user by @name, e-mail address or id"
        raise InputError(msg)
    return _channel(await api.call(Method.INVITE.value, {"channel": channel, "users": ",".join(users)}))


async def _mark(api: SlackApi, request: SlackRequest, more: dict[str, str]) -> Done:
    """React to a message, pin it or take its pin away: all of them take a channel by its id only."""
    channel = _required(request.data.channel, "data.channel")
    place = await api.channel(channel[1:]) if channel.startswith("#") else channel
    timestamp = _required(request.data.timestamp, "data.timestamp")
    await api.call(request.method.value, {"channel": place, "timestamp": timestamp, **more})
    return Done()


def _users(users: str | list[Any] | None) -> list[str]:
    """The users named; whatever else is in the list, and channels, cannot be invited and are left out."""
    names: list[Any] = users.split(",") if isinstance(users, str) else list(users or [])
    texts = [name.strip() for name in names if isinstance(name, str)]
    return [text for text in texts if text and not text.startswith("#")]


def _channel(answer: dict[str, Any]) -> ChannelResult:
    try:
        return ChannelResult(channel=Channel(id=answer["channel"]["id"], name=answer["channel"]["name"]))
    except (KeyError, TypeError) as error:
        raise ConnectorError("unexpected_answer", "cannot use Slack's answer: it names no channel") from error


def _required(value: str | None, name: str) -> str:
    if not value or not value.strip():
        msg = f"cannot call Slack: {name} is empty"
        raise InputError(msg)
    return value.strip()

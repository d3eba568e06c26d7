"""Documents of a Slack message: https://docs.slack.dev/messaging/working-with-files/

Slack keeps a file that was uploaded to itself until it is shared, so that all of them are there before the message is.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connector_sdk import ConnectorError, RetryError
from connectors._files import File
from connectors._slack_api import SlackApi

Uploaded = dict[str, str]
"""A file's id and title, as `files.completeUploadExternal` wants them."""


async def uploaded(api: SlackApi, files: AsyncIterator[File]) -> list[Uploaded]:
    """Hand over the files one by one; nobody sees them before they are shared."""
    return [await _uploaded(api, file) async for file in files]


async def _uploaded(api: SlackApi, file: File) -> Uploaded:
    name = file.name or "document"
    place = await api.get("files.getUploadURLExternal", {"filename": name, "length": len(file.content)})
    try:
        address, identifier = str(place["upload_url"]), str(place["file_id"])
    except KeyError as error:
        raise ConnectorError("unexpected_answer", f"cannot upload '{name}': Slack's answer has no {error}") from error
    await api.upload(address, file.content)
    return {"id": identifier, "title": name}


async def share(api: SlackApi, files: Sequence[Uploaded], posted: dict[str, Any], thread: str | None) -> None:
    """Add the files to the thread of a posted message; an error says that the message is there, and is not tried again."""
    channel, message = posted["channel"], posted["ts"]
    try:
        arguments = {"files": list(files), "channel_id": channel, "thread_ts": thread or message}
        await api.call("files.completeUploadExternal", arguments)
    except ConnectorError as error:
        text = f"the message is posted, and its documents are not: {error.message}"
        raise RetryError(text, retries=0, code=error.code, variables={"channel": channel, "ts": message}) from error

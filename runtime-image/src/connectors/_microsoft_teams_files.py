"""Documents of a channel's message: Teams keeps them with the channel's files, in SharePoint.

https://learn.microsoft.com/en-us/graph/api/chatmessage-post (a message with a file) ·
https://learn.microsoft.com/en-us/graph/api/channel-get-filesfolder · https://learn.microsoft.com/en-us/graph/api/driveitem-put-content
"""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from connector_sdk import ConnectorError
from connectors._files import File
from connectors._http_calls import CallErrorCode
from connectors._microsoft_graph import SERVICE, Graph

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


async def references(graph: Graph, channel: str, files: AsyncIterator[File]) -> list[dict[str, str]]:
    """Put files into the folder of a channel, whose path is given; what the attachments of a message say of them."""
    folder: dict[str, Any] | None = None
    found: list[dict[str, str]] = []
    async for file in files:
        folder = folder or await graph.call("GET", f"{channel}/filesFolder")
        found.append(await _reference(graph, folder, file))
    return found


async def _reference(graph: Graph, folder: dict[str, Any], file: File) -> dict[str, str]:
    """A file of a name that is taken gets another one: what is there may be somebody else's."""
    try:
        drive, parent, address = folder["parentReference"]["driveId"], folder["id"], folder["webUrl"]
        path = f"/drives/{quote(drive)}/items/{quote(parent)}:/{quote(file.name or 'document', safe='')}:/content"
        item = await graph.upload(path, {"@microsoft.graph.conflictBehavior": "rename"}, file.content)
        name = item["name"]
        return {
            "id": _GUID.findall(item["eTag"])[0],
            "contentType": "reference",
            "contentUrl": f"{address}/{quote(name)}",
            "name": name,
        }
    except (KeyError, TypeError, IndexError) as error:
        text = f"cannot use the answer of {SERVICE}: it does not say where the channel's files, or this one, are"
        raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, text) from error

"""What can be seen of one case from outside: its requests, the commands that Zeebe got, and the end of its process."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pyzeebe.proto import gateway_pb2 as pb
from recording_server import Recorded

MOST_SHOWN = 700
BOUNDARY = re.compile(r"boundary=\"?([^\";]+)\"?")
ADDRESS = re.compile(r"@[0-9a-f]{5,8}\b")
"""Of an object, in texts of Java."""
NOT_COMPARED = frozenset({"host", "user-agent", "connection", "traceparent", "tracestate", "content-length", "transfer-encoding"})
"""The address, the client's name, how the connection and the body are framed: docs/differences.md says why of each."""


@dataclass(frozen=True, slots=True)
class Observation:
    """JSON values only, so that it can be kept as it is."""

    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    commands: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    process: dict[str, Any] | None = None
    """The variables with which the process ended; None: it stands at an incident, or there was no process."""

    def to_json(self) -> dict[str, Any]:
        """As the file of official facts has it."""
        process = {} if self.process is None else {"process": self.process}
        return {"requests": self.requests, "commands": self.commands, **process}


def requests_of(recorded: Sequence[Recorded], port: int) -> list[dict[str, Any]]:
    """Requests with the port and multipart boundaries replaced and their header fields in a fixed order."""
    return [_request(request, port) for request in recorded]


def _request(request: Recorded, port: int) -> dict[str, Any]:
    headers, body = list(request.headers), request.body.decode("latin-1")
    for name, value in request.headers:
        if name.lower() == "content-type" and (match := BOUNDARY.search(value)):
            headers = [(n, BOUNDARY.sub("boundary=BOUNDARY", v)) for n, v in headers]
            body = body.replace(match[1], "BOUNDARY")
    kept = sorted([name.lower(), value] for name, value in headers if _is_compared(name.lower(), value))
    return shortened({"line": request.line, "headers": kept, "body": body}, port)


def _is_compared(name: str, value: str) -> bool:
    return name not in NOT_COMPARED and not (name == "accept-encoding" and "gzip" in value)


def fail(request: pb.FailJobRequest, port: int) -> dict[str, Any]:
    """A FailJob command."""
    return shortened(
        {
            "fail": request.errorMessage,
            "retries": request.retries,
            "backoff": request.retryBackOff,
            "variables": json.loads(request.variables or "{}"),
        },
        port,
    )


def complete(variables: Mapping[str, Any], port: int) -> dict[str, Any]:
    """A CompleteJob command."""
    return shortened({"complete": dict(variables)}, port)


def throw(code: str, message: str, variables: Mapping[str, Any], port: int) -> dict[str, Any]:
    """A ThrowError command."""
    return shortened({"throw": code, "message": message, "variables": dict(variables)}, port)


def shortened(value: Any, port: int) -> Any:
    """Replace what differs from run to run (the port) and what is too long to be kept (by its length and digest)."""
    if isinstance(value, str):
        text = ADDRESS.sub("@...", value.replace(f"127.0.0.1:{port}", "SERVER")).encode("utf-8", "backslashreplace").decode()
        if len(text) <= MOST_SHOWN:
            return text
        return f"{len(text)} characters, {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: shortened(member, port) for name, member in members.items()}
    if isinstance(value, list):
        return [shortened(item, port) for item in cast("list[Any]", value)]
    return value

"""What the API server itself saw: its audit log."""

import json
import time
from pathlib import Path


class Audit:
    """The part of the audit log that was written since this was made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = path.stat().st_size if path.exists() else 0

    def calls(self, user: str) -> list[tuple[str, str, int]]:
        """(verb, resource or resource/subresource, status code) of every call of one user, in order."""
        with self._path.open("rb") as log:
            log.seek(self._from)
            entries = [json.loads(line) for line in log]
        return [
            (entry["verb"], _resource(entry.get("objectRef", {})), entry["responseStatus"]["code"])
            for entry in entries
            if entry["user"]["username"] == user
        ]

    def settle(self, user: str, *, quiet: float = 3.0, seconds: float = 40.0) -> "Audit":
        """Wait until a user has written nothing for `quiet` seconds; what it writes from then on is in the answer."""
        deadline = time.monotonic() + seconds
        while True:
            since = Audit(self._path)
            time.sleep(quiet)
            if not since.writes(user):
                return Audit(self._path)
            if time.monotonic() > deadline:
                break
        raise AssertionError(f"{user} still writes after {seconds:.0f} s: {since.writes(user)}")

    def writes(self, user: str) -> list[tuple[str, str, int]]:
        """The calls that may change something; questions about one's own rights are none."""
        reads = ("get", "list", "watch")
        return [call for call in self.calls(user) if call[0] not in reads and "accessreviews" not in call[1]]


def _resource(reference: dict[str, str]) -> str:
    parts = [reference.get("resource", ""), reference.get("subresource", "")]
    return "/".join(part for part in parts if part)

"""What a worker pod answers on `/status` (docs/worker-contract.md §3), for pods that only exist in tests."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

Templates = Mapping[str, Sequence[Mapping[str, Any]]]
"""The generated element templates by Connector name."""


def status_document(
    config: str, templates: Templates, *, reports: Mapping[str, Mapping[str, Any]] | None = None, gateway: str = "Connected"
) -> dict[str, Any]:
    """Every Connector of the configuration is loaded, unless `reports` says otherwise of it."""
    return {
        "version": 1,
        "configHash": hashlib.sha256(config.encode()).hexdigest()[:10],
        "gateway": {"state": gateway, "message": "" if gateway == "Connected" else "connection refused"},
        "connectors": {
            entry["name"]: {
                "jobType": entry["jobType"],
                "state": "Loaded",
                **_templates(entry, templates),
                **(reports or {}).get(entry["name"], {}),
            }
            for entry in json.loads(config)["connectors"]
        },
    }


def digest(template: Mapping[str, Any]) -> str:
    """The digest of an element template as both sides compute it (§4)."""
    return hashlib.sha256(json.dumps(template, indent=2, ensure_ascii=False).encode()).hexdigest()


def _templates(entry: Mapping[str, Any], templates: Templates) -> dict[str, Any]:
    if entry["elementTemplates"] == "Given":
        return {}
    found = templates.get(entry["name"], ())
    return {"elementTemplates": [{"id": one["id"], "version": one["version"], "digest": digest(one)} for one in found]}

"""One element template as a value: read from anybody's JSON, written as Modeler reads it."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from connector_operator.domain.strict_json import read_json

MAX_ID = 200
"""Longest id of an element template: as long as the longest job type."""

MAX_VERSION = 2**53 - 1
"""The highest version that JavaScript, and so Modeler, tells from its neighbours."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a diagram pins of an element template."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class ElementTemplate:
    """One element template, and its text as it is published."""

    id: str
    version: int
    text: str

    @property
    def digest(self) -> str:
        """The hash by which pods name it (docs/worker-contract.md §4)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_template(document: Any) -> ElementTemplate | str:
    """Check that a JSON value is an element template; otherwise say what is wrong with it."""
    if not isinstance(document, dict):
        return f"an element template is a JSON object (got {type(document).__name__})"
    template = cast("dict[str, Any]", document)
    for member, kind in (("id", str), ("name", str), ("appliesTo", list), ("properties", list)):
        if not isinstance(template.get(member), kind) or not template[member]:
            return f"an element template needs '{member}' ({kind.__name__}); see the element template JSON schema"
    if len(template["id"]) > MAX_ID:
        return f"'id' must have at most {MAX_ID} characters (got {len(template['id'])})"
    version = template.get("version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= MAX_VERSION:
        return f"'version' must be an integer from 0 to {MAX_VERSION} (got {version!r:.50})"
    try:
        text = json.dumps(template, indent=2, ensure_ascii=False, allow_nan=False)
        text.encode()  # JSON can spell half of a surrogate pair, which no ConfigMap can hold
    except (ValueError, RecursionError) as error:
        return f"cannot be written as JSON: {error}"
    return ElementTemplate(template["id"], version, text)


@lru_cache(maxsize=4096)
def identify(text: str) -> Identity | None:
    """The identity of a template whose text is exactly as the operator writes it; `None` for any other text.

    Remembered, since a runtime of a thousand templates is reconciled again and again, and their texts never change.
    """
    try:
        template = read_template(read_json(text))
    except ValueError:
        return None
    if isinstance(template, str) or template.text != text:
        return None
    return Identity(template.id, template.version)

"""The one Jinja2 environment. Text from a custom resource is data here and can never become YAML structure.

Every expression is JSON-encoded by `finalize`, and JSON is YAML: strings, lists and maps land as flow values whatever they
contain. An unknown name raises. No template is ever made from a string that comes from outside this package.
"""

import json
import re
from functools import lru_cache
from typing import Any

import jinja2
import yaml

from connector_operator.domain.objects import Manifest

_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is and YAML may not, or takes for the end of a line."""


def _encode(value: Any) -> Any:
    # StrictUndefined must pass through unchanged, so that Jinja itself raises for an unknown name
    if isinstance(value, jinja2.Undefined):
        return value
    # characters beyond U+FFFF must stay as they are: YAML does not join the two halves that JSON would write
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("connector_operator.rendering"),
        undefined=jinja2.StrictUndefined,
        finalize=_encode,
        autoescape=False,  # noqa: S701 - the output is YAML: `finalize` escapes, HTML escaping would corrupt it
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_yaml(template: str, **variables: Any) -> Manifest:
    """Render one manifest template of this package; raises `jinja2.UndefinedError` or `TypeError` for what is not JSON."""
    text = _environment().get_template(template).render(variables)
    return yaml.load(text, Loader=yaml.CSafeLoader)
